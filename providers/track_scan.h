/* Track scan: what an earlier process has left in the folder of the track cache. Files of
 * songs that can be whole by their name and length are found; whatever else is ours, like a
 * download that a crash has cut, is removed. Blocks: at start, before anybody is served.
 */
#ifndef PROVIDERS_TRACK_SCAN_H
#define PROVIDERS_TRACK_SCAN_H

#include "providers/track_file.h"

struct track_found {
	struct track_file file;
	int64_t since_wall_ms; /* when it was fetched */
};

/* The oldest first. The caller xfree()s `of`. */
struct track_found_list {
	struct track_found *of;
	size_t count;
};

/* False, and errno, when the folder cannot be read. */
MUST_CHECK bool track_scan(struct track_found_list *list, const char *folder);

#endif
