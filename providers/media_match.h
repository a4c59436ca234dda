/* Media match: what two things are compared by, to find out whether they are one: items of
 * Jellyfin's and what providers tell. Pure; any thread.
 *
 * Songs are the same by ISRC, or by title, artist and duration; albums by UPC, or by title
 * and artist; everything by the provider's own id. Artists never by their name alone: that
 * is the caller's to weigh.
 */
#ifndef PROVIDERS_MEDIA_MATCH_H
#define PROVIDERS_MEDIA_MATCH_H

#include <jansson.h>

#include "providers/media.h"

enum { MATCH_NAMES = 16 };

struct media_match {
	enum media_kind kind;             /* 0: none of ours */
	char *provider_key[PROVIDER_IDS]; /* NULL unknown */
	char *isrc;
	char *upc;
	int64_t duration_ms;
	char *title;              /* normalized; an artist's name too */
	char *album;              /* of a song; normalized, NULL unknown */
	char *names[MATCH_NAMES]; /* normalized artists */
	size_t name_count;
};

/* Of a BaseItemDto or a SearchHint. */
void media_match_of_item(struct media_match *match, const json_t *item);
void media_match_of_media(struct media_match *match, const struct media *media);
void media_match_fini(struct media_match *match);
bool media_match_same(const struct media_match *a, const struct media_match *b);
/* Is that normalized name among the artists? */
bool media_match_has_name(const struct media_match *match, const char *name);

#endif
