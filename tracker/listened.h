/* Listened: has somebody heard enough of a song that it counts as played? Half of it or
 * four minutes, whichever comes first, by the time that was spent with it: pauses do not
 * count, and who seeks to the end has heard nothing by that. Pure; any thread.
 */
#ifndef TRACKER_LISTENED_H
#define TRACKER_LISTENED_H

#include "tracker/play.h"

enum { LISTENED_ENOUGH_MS = 4 * 60 * 1000 };

/* How long it was heard, up to the last sign of life; of a client that fell silent (which
 * ends its play minutes later), up to what it said last. */
int64_t listened_ms(const struct play *play);
/* `runtime_ms` 0: unknown, four minutes then. */
bool listened_is_enough(int64_t heard_ms, int64_t runtime_ms);

#endif
