/* Play counter: an observer of the tracker that counts external songs as played, for the
 * user who has heard enough of one (tracker/listened), once per play.
 *
 * Counted at the first report after enough was heard, or at the end: nobody is asked in
 * between. A play that an earlier process has counted is known by its date: what was played
 * since it began is not counted again. Songs have no place to resume from, so none is kept.
 * Of several instances the one that follows the play counts it. Control thread.
 */
#ifndef PROXY_PLAY_COUNTER_H
#define PROXY_PLAY_COUNTER_H

#include "providers/user_items.h"
#include "tracker/tracker.h"

struct play_counter;

/* Observes from now on; `tracker` is gone before play_counter_free, `items` after it. */
struct play_counter *play_counter_new(
	struct loop *loop, struct tracker *tracker, struct user_items *items);
/* Accepts NULL. */
void play_counter_free(struct play_counter *counter);

#endif
