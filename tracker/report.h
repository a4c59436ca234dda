/* Report: a client's JSON body of POST /Sessions/Playing, …/Progress, …/Stopped -> the part
 * of a play_report that the body says. Pure; any thread.
 *
 * Read as leniently as ASP.NET reads it (names in any case, numbers and booleans as
 * strings) and a little more (PlayMethod in any case: Fintunes), because clients were
 * written against what works. Who reported and when is filled in by the caller.
 */
#ifndef TRACKER_REPORT_H
#define TRACKER_REPORT_H

#include "tracker/play.h"

enum {
	REPORT_MAX_QUEUE = 500, /* entries kept of NowPlayingQueue */
};

/* How ids are understood. `resolve` brings an id as the client spells it to its normal form
 * and says whether it is an external one; false when it is none. NULL: every GUID is a
 * local item. Pure. */
struct report_ids {
	bool (*resolve)(void *arg, const char *text, char id[33], bool *external);
	void *arg;
};

/* Fills `report` (zeroed before) from the body. False when the body is no JSON object, or
 * names an ItemId that is no id in any spelling; then the report holds nothing to free.
 * An absent ItemId (or the zero GUID) leaves item.id "" and is no failure. play_report_fini
 * when done. */
MUST_CHECK bool report_parse(struct play_report *report, enum report_kind kind,
	const void *body, size_t size, const struct report_ids *ids);

#endif
