#include "providers/user_item.h"

#include <stdio.h>

#include "core/clock.h"
#include "core/json.h"

/* From this rating on, "likes" is true (UserItemData.MinLikeValue); what a thumb up and a
 * thumb down are stored as. */
#define MIN_LIKE    6.5
#define RATING_UP   10.0
#define RATING_DOWN 1.0

/* ---- changes ---- */

static void
set_favourite(struct user_item *item, bool on, int64_t now_ms)
{
	if (item->favourite != on)
		item->favourite_since_ms = on ? now_ms : 0;
	item->favourite = on;
}

static void
count_play(struct user_item *item)
{
	if (item->play_count < INT32_MAX)
		item->play_count++;
}

static void
mark_played(struct user_item *item, const struct user_item_change *change)
{
	if (change->date_ms != 0) {
		count_play(item);
		item->last_played_ms = change->date_ms;
	}
	if (item->play_count < 1)
		item->play_count = 1;
	if (item->last_played_ms == 0)
		item->last_played_ms = change->now_ms;
	item->position_ticks = 0;
	item->played = true;
}

static void
mark_unplayed(struct user_item *item)
{
	item->play_count = 0;
	item->last_played_ms = 0;
	item->position_ticks = 0;
	item->played = false;
}

static void
listen(struct user_item *item, const struct user_item_change *change)
{
	if (change->since_ms != 0 && item->last_played_ms >= change->since_ms)
		return;
	count_play(item);
	item->played = true;
	/* Two devices may tell of theirs in either order. */
	if (change->date_ms > item->last_played_ms)
		item->last_played_ms = change->date_ms;
}

static void
rate(struct user_item *item, bool rated, double rating)
{
	item->rated = rated;
	item->rating = rated ? rating : 0;
}

static void
set_all(struct user_item *item, const struct user_item_set *set, int64_t now_ms)
{
	if (set->position_said)
		item->position_ticks = set->position_ticks;
	if (set->count_said)
		item->play_count = set->play_count;
	if (set->favourite_said)
		set_favourite(item, set->favourite, now_ms);
	if (set->played_said)
		item->played = set->played;
	if (set->date_said)
		item->last_played_ms = set->last_played_ms;
	if (set->rating_said)
		rate(item, true, set->rating);
}

void
user_item_apply(struct user_item *item, const struct user_item_change *change)
{
	switch (change->verb) {
	case USER_ITEM_FAVOURITE:
		set_favourite(item, change->on, change->now_ms);
		break;
	case USER_ITEM_MARK_PLAYED:
		mark_played(item, change);
		break;
	case USER_ITEM_MARK_UNPLAYED:
		mark_unplayed(item);
		break;
	case USER_ITEM_RATE:
		rate(item, true, change->on ? RATING_UP : RATING_DOWN);
		break;
	case USER_ITEM_UNRATE:
		rate(item, false, 0);
		break;
	case USER_ITEM_SET:
		set_all(item, &change->set, change->now_ms);
		break;
	case USER_ITEM_LISTEN:
		listen(item, change);
		break;
	}
	item->version++;
}

/* ---- as Jellyfin tells it ---- */

/* With seven digits of a second, as .NET writes them. */
static void
put_date(json_t *data, const char *name, int64_t wall_ms)
{
	char iso[CLOCK_ISO_SIZE], date[CLOCK_ISO_SIZE + 8];

	clock_format_iso(iso, wall_ms);
	snprintf(date, sizeof date, "%.23s0000Z", iso);
	json_put_text(data, name, date);
}

json_t *
user_item_data_new(const struct user_item *item, const char *hex, int64_t runtime_ticks)
{
	json_t *data = json_object();

	if (item->rated)
		json_put_new(data, "Rating", json_real(item->rating));
	if (item->position_ticks > 0 && runtime_ticks > 0)
		json_put_new(data, "PlayedPercentage",
			json_real(100.0 * (double)item->position_ticks /
				  (double)runtime_ticks));
	json_put_int(data, "PlaybackPositionTicks", item->position_ticks);
	json_put_int(data, "PlayCount", item->play_count);
	json_put_bool(data, "IsFavorite", item->favourite);
	if (item->rated)
		json_put_bool(data, "Likes", item->rating >= MIN_LIKE);
	if (item->last_played_ms != 0)
		put_date(data, "LastPlayedDate", item->last_played_ms);
	json_put_bool(data, "Played", item->played);
	json_put_text(data, "Key", hex);
	json_put_text(data, "ItemId", hex);
	return data;
}
