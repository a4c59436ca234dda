/* Qobuz image: where pictures are, and in which sizes.
 *
 * A picture's base is its address with '*' where the size stands: an album's
 * at its end ("0886443927087_*.jpg"), a person's in a folder; one without '*' has one size.
 * Pure; any thread.
 */
#ifndef PROVIDERS_QOBUZ_QOBUZ_IMAGE_H
#define PROVIDERS_QOBUZ_QOBUZ_IMAGE_H

#include <jansson.h>

#include "core/text.h"
#include "providers/media.h"

/* Sets image_key and image_base from the member `image`, `images`, `picture`, `images300`,
 * … of an album, an artist or a playlist; neither when there is none. */
void qobuz_image_read(struct media *media, const json_t *json);
/* Adds the address of the picture at about `size` pixels: the smallest that is not smaller,
 * else the largest. */
void qobuz_image_url(struct text *url, const char *base, int size);

#endif
