/* Qobuz file: what Qobuz answers when it is asked for the bytes of a song
 * (track/getFileUrl), and what follows from it.
 *
 * What came counts, not what was asked for: the format may be a lower one, half a minute
 * instead of the song, or nothing with the reasons why. Pure; any thread.
 */
#ifndef PROVIDERS_QOBUZ_QOBUZ_FILE_H
#define PROVIDERS_QOBUZ_QOBUZ_FILE_H

#include <jansson.h>

#include "core/error.h"
#include "core/mem.h"
#include "providers/track_format.h"

struct qobuz_file {
	char *url;               /* signed: for no log; NULL: may not be played */
	int64_t expires_wall_ms; /* of the address, a minute early */
	struct track_format format;
	bool is_sample;  /* half a minute; the quality is TRACK_PREVIEW */
	bool try_lower;  /* no address, but a lower format may have one */
	bool unpaid;     /* the account pays for no music */
	bool nobody;     /* the token is nobody's any more */
	char reason[64]; /* Qobuz's code of the first restriction, or "" */
};

/* `now_wall_ms` counts for addresses that do not say when they expire. ERR_PROTOCOL with a
 * sentence when it is neither sound that we know nor a refusal. */
MUST_CHECK enum err qobuz_file_read(struct qobuz_file *file, const json_t *root,
	int64_t now_wall_ms, char *why, size_t why_size);
/* Wipes the address. Accepts a zeroed one. */
void qobuz_file_fini(struct qobuz_file *file);
/* A copy with an address of its own. */
struct qobuz_file qobuz_file_copy(const struct qobuz_file *file);

/* Qobuz's numbers of formats to ask for, best first, so that one of the qualities wished
 * may come; how many. A preview comes in the place of the smallest. */
enum { QOBUZ_FORMATS = 4 };
size_t qobuz_file_formats(int formats[QOBUZ_FORMATS], track_quality_set wished);

#endif
