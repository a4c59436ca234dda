/* Mix: several lists of a provider as one, for instant mixes and what is similar.
 *
 * The lists take turns. Nothing comes twice: not the same id, not the same title by the
 * same artist, not the same recording. What cannot be played here is left out. The same
 * wish of the same lists gives the same mix. Pure; any thread.
 */
#ifndef PROVIDERS_MIX_H
#define PROVIDERS_MIX_H

#include "providers/media.h"

struct mix_wish {
	enum media_kind kind;              /* others are left out */
	const struct media *first;         /* leads; NULL: none */
	const struct external_id *without; /* is left out; NULL: nobody */
	const struct external_id *without_artists;
	size_t without_artist_count;
	uint64_t seed; /* shuffles each list; 0: they keep their order */
	size_t most;   /* `to` has room for so many */
};

/* How many there are in `to`, borrowed from the lists; NULL among `lists` is an empty one.
 */
size_t mix_take_turns(const struct media **to, const struct mix_wish *wish,
	struct media_list *const *lists, size_t count);

#endif
