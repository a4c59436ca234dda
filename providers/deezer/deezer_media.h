/* Deezer media: what Deezer's public API answers, as media.
 *
 * Accepts every shape recorded: lists under `data`, or under `tracks.data`, `albums.data`,
 * … of something larger; items with and without album, artist, positions; pictures of the
 * old and the present host. Pure; any thread.
 */
#ifndef PROVIDERS_DEEZER_DEEZER_MEDIA_H
#define PROVIDERS_DEEZER_DEEZER_MEDIA_H

#include "core/error.h"
#include "providers/media.h"

struct deezer_answer {
	int status; /* HTTP's */
	const void *data;
	size_t size;
};

/* What the asker knows and the answer may leave out. */
struct deezer_context {
	enum media_kind kind; /* what is asked for; other kinds in a list are skipped */
	const struct media *album;  /* of album tracks, which do not name it; or NULL */
	const struct media *artist; /* of an artist's albums; or NULL */
	int64_t offset;             /* the index that was asked for */
	int64_t seen_ms;            /* wall time now */
};

/* On ERR_NONE a new list; else as deezer_error_check, or ERR_PROTOCOL when there is no list
 * in it. At most 1000 items. */
MUST_CHECK enum err deezer_media_parse_list(struct media_list **list,
	const struct deezer_answer *answer, const struct deezer_context *context, char *why,
	size_t why_size);
/* The same for one thing: a list of one. */
MUST_CHECK enum err deezer_media_parse_item(struct media_list **list,
	const struct deezer_answer *answer, const struct deezer_context *context, char *why,
	size_t why_size);
/* Adds the address of the picture at about `size` pixels: the smallest size Deezer keeps
 * that is not smaller. `image_base` is media's. */
void deezer_media_image_url(struct text *url, const char *image_base, int size);

#endif
