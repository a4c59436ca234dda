/* User item: what one listener has done with one thing: favourite, plays, rating. And how
 * it is told: Jellyfin's UserItemDataDto.
 *
 * The rules of each change are Jellyfin's own (12.0: BaseItem.MarkPlayed and MarkUnplayed,
 * UserDataManager.SaveUserData, UserItemData.Likes). Times are wall milliseconds. Pure; any
 * thread.
 */
#ifndef PROVIDERS_USER_ITEM_H
#define PROVIDERS_USER_ITEM_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/* Zeroed: nothing was done. */
struct user_item {
	bool favourite;
	bool played;
	bool rated;
	double rating;              /* 0 to 10, when rated */
	int64_t favourite_since_ms; /* 0 is none */
	int64_t play_count;         /* at most INT32_MAX */
	int64_t last_played_ms;     /* 0 never */
	int64_t position_ticks;     /* 100 ns; songs do not resume: 0 */
	/* Counts the changes: of two states of one thing the larger is the newer. */
	int64_t version;
};

enum user_item_verb {
	USER_ITEM_FAVOURITE,     /* `on` */
	USER_ITEM_MARK_PLAYED,   /* by hand; with `date_ms` it counts as one more */
	USER_ITEM_MARK_UNPLAYED, /* by hand */
	USER_ITEM_RATE,          /* `on`: likes it; else not */
	USER_ITEM_UNRATE,
	USER_ITEM_SET, /* `set`: whatever was said */
	/* Played long enough, at `date_ms`; nothing when it was played since `since_ms`
	 * already: then that play has been counted. */
	USER_ITEM_LISTEN,
};

/* Members that were said; the others stay as they were. */
struct user_item_set {
	bool favourite_said, played_said, rating_said, count_said, position_said, date_said;
	bool favourite, played;
	double rating;
	int64_t play_count, position_ticks, last_played_ms;
};

struct user_item_change {
	enum user_item_verb verb;
	bool on;
	int64_t now_ms;
	int64_t date_ms;  /* 0 not said */
	int64_t since_ms; /* 0 not said */
	struct user_item_set set;
};

void user_item_apply(struct user_item *item, const struct user_item_change *change);

/* A UserItemDataDto of the thing with that id (32 hex). `runtime_ticks` 0: unknown, then no
 * percentage. New. */
json_t *user_item_data_new(
	const struct user_item *item, const char *hex, int64_t runtime_ticks);

#endif
