#include "session/playing_body.h"

#include <string.h>

#include "core/json.h"

enum { TICKS_PER_MS = 10000 };

/* Adds `"name":json` as one more member of the object that `to` ends with. */
static void
splice(struct text *to, const char *name, const char *json)
{
	assert(to->size > 0 && to->data[to->size - 1] == '}');
	to->size--;
	if (to->data[to->size - 1] != '{')
		text_add_char(to, ',');
	text_addf(to, "\"%s\":", name);
	text_add(to, json);
	text_add_char(to, '}');
}

static void
add_json(struct text *to, json_t *take_json)
{
	size_t size;
	char *text = json_dump_new(take_json, &size);

	text_add_bytes(to, text, size);
	xfree(text);
	json_decref(take_json);
}

/* Nothing external is transcoded. The web client says so of what it plays directly, and
 * Jellyfin corrects it only when no transcode of the device's is left over. */
static const char *
play_method_of(const struct play_report *last)
{
	if (last->play_method[0] == '\0' ||
		(last->item.external && strcmp(last->play_method, "Transcode") == 0))
		return "DirectPlay";
	return last->play_method;
}

/* What both kinds of play say. */
static json_t *
state_json_new(const struct play *play, int64_t now_ms)
{
	const struct play_report *last = &play->last;
	json_t *json = json_object();

	json_put_bool(json, "CanSeek", true);
	json_put_bool(json, "IsPaused", play->state == PLAY_PAUSED);
	json_put_bool(json, "IsMuted", last->muted);
	json_put_int(
		json, "PositionTicks", play_position_now_ms(play, now_ms) * TICKS_PER_MS);
	json_put_text(json, "MediaSourceId", last->item.id);
	if (last->volume >= 0)
		json_put_int(json, "VolumeLevel", last->volume);
	if (last->play_session_id[0] != '\0')
		json_put_text(json, "PlaySessionId", last->play_session_id);
	json_put_text(json, "PlayMethod", play_method_of(last));
	if (last->playlist_item_id[0] != '\0')
		json_put_text(json, "PlaylistItemId", last->playlist_item_id);
	if (last->repeat_mode[0] != '\0')
		json_put_text(json, "RepeatMode", last->repeat_mode);
	if (last->playback_order[0] != '\0')
		json_put_text(json, "PlaybackOrder", last->playback_order);
	return json;
}

/* Better than nothing, when the play began before its facts were at hand. */
static void
add_plain_item(struct text *to, const struct play_item *item, const char *server_id)
{
	json_t *json = json_object();
	json_t *artists = json_array();

	json_put_text(json, "Id", item->id);
	json_put_text(json, "ServerId", server_id[0] != '\0' ? server_id : NULL);
	json_put_text(json, "Name", item->name[0] != '\0' ? item->name : "Unknown");
	json_put_text(json, "Type", item->type[0] != '\0' ? item->type : "Audio");
	json_put_text(json, "MediaType", "Audio");
	if (item->album[0] != '\0')
		json_put_text(json, "Album", item->album);
	if (item->artist[0] != '\0')
		json_array_append_new(artists, json_string(item->artist));
	json_put_new(json, "Artists", artists);
	if (item->runtime_ms > 0)
		json_put_int(json, "RunTimeTicks", item->runtime_ms * TICKS_PER_MS);
	add_json(to, json);
}

void
playing_body_of(struct text *to, const struct play *play, int64_t now_ms,
	const char *server_id, bool with_queue)
{
	const struct play_report *last = &play->last;
	json_t *json = state_json_new(play, now_ms);

	add_json(to, json);
	if (with_queue && last->queue_json != NULL)
		splice(to, "NowPlayingQueue", last->queue_json);
	if (last->item.item_json != NULL) {
		splice(to, "Item", last->item.item_json);
		return;
	}
	struct text item = { 0 };
	add_plain_item(&item, &last->item, server_id);
	splice(to, "Item", text_get(&item));
	text_fini(&item);
}

void
playing_body_of_native(struct text *to, const struct play *play, int64_t now_ms)
{
	json_t *json = state_json_new(play, now_ms);

	json_put_text(json, "ItemId", play->last.item.id);
	add_json(to, json);
}

void
playing_body_stopped(struct text *to, const struct play *play)
{
	const struct play_report *last = &play->last;
	json_t *json = json_object();

	json_put_int(json, "PositionTicks",
		play->position_ms > 0 ? play->position_ms * TICKS_PER_MS : 0);
	if (last->play_session_id[0] != '\0')
		json_put_text(json, "PlaySessionId", last->play_session_id);
	if (last->playlist_item_id[0] != '\0')
		json_put_text(json, "PlaylistItemId", last->playlist_item_id);
	add_json(to, json);
	if (last->queue_json != NULL)
		splice(to, "NowPlayingQueue", last->queue_json);
}

const char *
playing_body_stopped_plain(void)
{
	return "{\"PositionTicks\":0}";
}

const char *
playing_body_capabilities(void)
{
	return "{\"PlayableMediaTypes\":[\"Audio\"],\"SupportedCommands\":[\"PlayState\"],"
	       "\"SupportsMediaControl\":true,\"SupportsPersistentIdentifier\":true}";
}
