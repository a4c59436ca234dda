/* History store: segments in the database. Functions for core/store: they run on its
 * threads, inside its transactions, and return false when SQLite refuses.
 */
#ifndef TRACKER_HISTORY_STORE_H
#define TRACKER_HISTORY_STORE_H

#include "core/geo.h"
#include "tracker/history_schema.h"
#include "tracker/segment.h"

struct history_rules {
	int64_t window_ms;     /* VIEWING_WINDOW_MS, unless set otherwise */
	const struct geo *geo; /* NULL: nobody knows where addresses are */
};

/* Adds the segment, or brings it up to date while it is open: it is known by who plays what
 * on which device, and by having begun before what was written of it last. A new one is
 * chained to the viewing that it continues (tracker/viewing). */
MUST_CHECK bool history_store_write(sqlite3 *database, const struct segment *segment,
	const struct history_rules *rules);
/* Closes what nobody has written since `before_ms` (wall clock): whoever wrote it is gone.
 */
MUST_CHECK bool history_store_close_lost(sqlite3 *database, int64_t before_ms);
/* Deletes at most `most` closed segments that began before that; says how many. Then what
 * nothing refers to any more. */
MUST_CHECK bool history_store_forget(
	sqlite3 *database, int64_t before_ms, int64_t most, int64_t *forgotten);
/* Everything about one user of a server; says how many segments that was. */
MUST_CHECK bool history_store_erase(
	sqlite3 *database, const char *server, const char *user_id, int64_t *erased);

#endif
