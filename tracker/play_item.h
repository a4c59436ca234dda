/* Play item: what is played, as far as anybody has said. Pure; any thread.
 *
 * Clients, the feed, Jellyfin's answers and our own external items all tell it as a
 * BaseItemDto; each of them leaves out something else, and what is not said stays.
 */
#ifndef TRACKER_PLAY_ITEM_H
#define TRACKER_PLAY_ITEM_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/* Strings are "" when unknown. */
struct play_item {
	char id[33]; /* 32 lower-case hex */
	bool external;
	char provider[16]; /* of an external item: "deezer" */
	char type[24];     /* "Audio", "Movie", "Episode" */
	char name[256];
	char album[256]; /* of a song its album, of an episode its series */
	char artist[256];
	char album_id[33];  /* of a song */
	char series_id[33]; /* of an episode, with the two numbers, 0 unknown */
	int64_t season, episode;
	int64_t year;       /* 0 unknown */
	int64_t runtime_ms; /* 0 unknown */
	/* The whole BaseItemDto as Jellyfin takes it in a report's `Item`; external only,
	 * else NULL. Owned by whoever owns the struct. */
	char *item_json;
};

/* What a BaseItemDto says, but for id, external, provider and item_json. Names in any case.
 * NULL or no object: nothing. */
void play_item_read(struct play_item *item, const json_t *dto);
/* What `from` says counts from now on. */
void play_item_renew(struct play_item *item, const struct play_item *from);
/* What `from` says fills what is unknown. */
void play_item_fill(struct play_item *item, const struct play_item *from);

#endif
