/* Track source: where the bytes of a song are, right now, for one listener: what a provider
 * answers when a song is opened (providers/provider.h), and what the track engine reads.
 *
 * Immutable once built, one owner. The URL and the headers carry signatures: they never
 * reach a log or a client.
 */
#ifndef PROVIDERS_TRACK_SOURCE_H
#define PROVIDERS_TRACK_SOURCE_H

#include "core/error.h"
#include "providers/external_id.h"
#include "providers/track_format.h"

enum { TRACK_SOURCE_URLS = 4 };

/* Undoes what the source does to the bytes. Works on any block by itself, so that reading
 * may begin anywhere: the engine asks the source for whole blocks. */
struct track_filter {
	size_t block; /* bytes; reads are aligned to it */
	/* In place. `offset` of the track, a multiple of `block`; `size` is a multiple of
	 * it too, unless the track ends there. */
	void (*apply)(const struct track_filter *filter, int64_t offset,
		unsigned char *data, size_t size);
	/* Are these the first bytes of the music, after apply? At least 16. ERR_DENIED: the
	 * key is wrong. */
	enum err (*check)(
		const struct track_filter *filter, const unsigned char *data, size_t size);
	void (*free)(struct track_filter *filter); /* wipes its key */
};

struct track_source {
	/* The best first; the others bring the same bytes when it fails. */
	char *urls[TRACK_SOURCE_URLS];
	size_t url_count;
	char **headers;              /* "Name: value", NULL-terminated; NULL: none */
	int64_t expires_wall_ms;     /* of the URLs; 0: it does not say */
	struct track_format format;  /* what came, which may be less than was wished */
	struct track_filter *filter; /* NULL: the bytes are the music. Owned */
};

/* Wipes and frees. Accepts NULL. */
void track_source_free(struct track_source *source);

#endif
