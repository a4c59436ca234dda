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
	struct external_id id; /* key "" when the provider gave a name only */
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
	struct media_artist *album_artists; /* of the album, when that is known */
	size_t album_artist_count;
	char *isrc;
	int64_t track_number; /* 0 unknown */
	int64_t disc_number;  /* 0 unknown */
	char *preview_url;    /* NULL when there is none; expires: ask again at play time */
	/* Wall time after which the URL is refused; 0 when it does not say. */
	int64_t preview_expires_ms;
	double gain_lufs; /* 0 = unknown; loudness, not a correction: that is -18 - gain */
	/* The best that the provider has of it, whoever may get that; 0: CD quality, or it
	 * does not say. Of albums too. */
	int bit_depth;
	int64_t sample_rate; /* Hz */
	/* albums, playlists */
	int64_t track_count; /* 0 unknown */
	char *upc;
	char *label;
	char **genres; /* songs have those of their album, when that is known */
	size_t genre_count;
	/* artists */
	int64_t album_count; /* 0 unknown */
	/* playlists */
	char *description;
	/* all */
	int64_t duration_ms;   /* of the whole work; 0 unknown */
	char release_date[11]; /* "2001-03-07" or ""; a playlist's day of creation */
	char *image_key;       /* stable (Deezer: the md5), NULL when there is no picture */
	/* Where the picture's sizes are; add "/500x500-000000-80-0-0.jpg". NULL with
	 * image_key. */
	char *image_base;
	int64_t seen_ms; /* wall time at which the provider told us */
	bool explicit_content;
	bool edited;   /* a cleaned version of something explicit */
	bool readable; /* false: the provider says it cannot be played here */
};

/* A list in the provider's order, with what the provider says of its length. */
struct media_list {
	atomic_int references;
	struct media *items;
	size_t count;
	int64_t total;  /* as told, at least offset + count */
	int64_t offset; /* of the first item */
	/* How many the provider sent, among them those we could make nothing of: what the
	 * next page's offset is counted from. */
	int64_t received;
	size_t capacity; /* for media_list_add */
};

/* One reference, room for `capacity` zeroed items, count 0. */
struct media_list *media_list_new(size_t capacity);
/* The next zeroed item, growing the list. Only while being built; moves the items. */
struct media *media_list_add(struct media_list *list);
/* Takes back what media_list_add gave last. */
void media_list_drop_last(struct media_list *list);
/* Takes that one out; those behind it move up. While being built. */
void media_list_drop(struct media_list *list, size_t index);
/* Moves every item of `page` to the end of `list`; `page` is empty after. */
void media_list_append(struct media_list *list, struct media_list *page);
struct media_list *media_list_ref(struct media_list *list);
/* Accepts NULL. */
void media_list_unref(struct media_list *list);

/* Adds unless it is there already (same id, or same name when either has none). While being
 * built. */
void media_add_artist(struct media *media, const struct external_id *id, const char *name);
/* What a song takes from its album: id, title, artists, genres, and, where the song says
 * nothing itself, release date and picture. While being built. */
void media_set_album(struct media *song, const struct media *album);

#endif
