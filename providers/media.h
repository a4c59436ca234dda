/* Media: what a provider knows of a song, album, artist or playlist, in our words.
 *
 * Immutable once built, shared between threads by reference count. Strings are NULL when
 * the provider did not say. Built by providers/<name>/<name>_media from foreign JSON.
 */
#ifndef PROVIDERS_MEDIA_H
#define PROVIDERS_MEDIA_H

#include <stdatomic.h>
#include <stdint.h>

#include "providers/external_id.h"

struct media_artist {
	struct external_id id;
	char *name;
};

struct media {
	enum media_kind kind;
	struct external_id id;
	char *title;                  /* never NULL, never "" */
	struct media_artist *artists; /* main first, then featured; no doubles */
	size_t artist_count;
	size_t main_artist_count; /* the first so many are main artists */
	/* songs */
	struct external_id album_id; /* key "" when unknown */
	char *album_title;
	char *isrc;
	int64_t duration_ms;  /* of the whole work; 0 unknown */
	int64_t track_number; /* 0 unknown */
	int64_t disc_number;  /* 0 unknown */
	char *preview_url; /* NULL or "" when there is none; expires: ask again at play time
			    */
	double gain_lufs;  /* 0 = unknown; loudness, not a correction */
	bool has_lyrics;
	/* albums, playlists */
	int64_t track_count; /* 0 unknown */
	char *upc;
	char *label;
	char **genres;
	size_t genre_count;
	char *record_type; /* "album", "single", "ep", "compile" */
	/* all */
	char release_date[11]; /* "2001-03-07" or "" */
	char *image_key;       /* stable (Deezer: the md5), NULL when there is no picture */
	bool explicit_content;
	bool readable; /* false: the provider says it cannot be played here */
};

/* A list in the provider's order, with what the provider says of its length. */
struct media_list {
	atomic_int references;
	struct media *items;
	size_t count;
	int64_t total;  /* as told, at least offset + count */
	int64_t offset; /* of the first item */
};

/* One reference, room for `capacity` zeroed items, count 0. */
struct media_list *media_list_new(size_t capacity);
/* The next zeroed item, growing the list. Only while being built. */
struct media *media_list_add(struct media_list *list);
struct media_list *media_list_ref(struct media_list *list);
/* Accepts NULL. */
void media_list_unref(struct media_list *list);

#endif
