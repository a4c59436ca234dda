/* Substitutes: which song of another provider is played in place of one that could not be
 * opened.
 *
 * Two providers' files of one recording differ byte by byte, so what was begun as one must
 * go on as that one: whoever has been given a substitute gets it again for an hour after
 * they last asked, even when the first provider is well. Shared between workers behind its
 * own lock; any thread. Remembers the last 4,096.
 */
#ifndef PROVIDERS_SUBSTITUTES_H
#define PROVIDERS_SUBSTITUTES_H

#include "providers/provider.h"

struct substitutes;

struct substitutes *substitutes_new(void);
/* Accepts NULL. */
void substitutes_free(struct substitutes *substitutes);
void substitutes_put(struct substitutes *substitutes, const struct track_listener *listener,
	const struct external_id *song, const struct external_id *in_its_place);
void substitutes_forget(struct substitutes *substitutes,
	const struct track_listener *listener, const struct external_id *song);
/* Puts what they get in place of that song into it; unchanged when that is the song itself.
 */
void substitutes_get(struct substitutes *substitutes, const struct track_listener *listener,
	struct external_id *song);

#endif
