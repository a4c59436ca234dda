#include "tracker/report.h"

#include <string.h>

#include "core/json.h"

enum { TICKS_PER_MS = 10000 };

static const char *
text_member(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_member_ci(object, name));
	return text != NULL ? text : "";
}

/* Booleans, and their spelling as text. */
static bool
bool_member(const json_t *object, const char *name, bool *value)
{
	const json_t *member = json_member_ci(object, name);
	const char *text = json_string_value(member);

	if (json_is_boolean(member))
		*value = json_is_true(member);
	else if (text != NULL && text_equal_ci(text, "true"))
		*value = true;
	else if (text != NULL && text_equal_ci(text, "false"))
		*value = false;
	else
		return false;
	return true;
}

/* The word of the list that equals `text` whatever its case, else "". */
static void
copy_word(char *to, size_t size, const char *text, const char *const *words)
{
	to[0] = '\0';
	for (; *words != NULL; words++) {
		if (text_equal_ci(text, *words))
			copy_text(to, size, *words);
	}
}

static bool
resolve(const struct report_ids *ids, const char *text, char id[33], bool *external)
{
	*external = false;
	if (ids != NULL && ids->resolve != NULL)
		return ids->resolve(ids->arg, text, id, external);
	return play_item_id_normal(id, text);
}

static bool
is_zero_guid(const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text != '0' && *text != '-')
			return false;
	}
	return true;
}

static bool
read_item_id(struct play_report *report, const json_t *body, const struct report_ids *ids)
{
	const json_t *member = json_member_ci(body, "ItemId");
	const char *text = json_string_value(member);

	if (member == NULL || json_is_null(member) || (text != NULL && is_zero_guid(text)))
		return true;
	return text != NULL && resolve(ids, text, report->item.id, &report->item.external);
}

static void
read_state(struct play_report *report, const json_t *body)
{
	static const char *const methods[] = { "DirectPlay", "DirectStream", "Transcode",
		NULL };
	static const char *const repeats[] = { "RepeatNone", "RepeatAll", "RepeatOne",
		NULL };
	static const char *const orders[] = { "Default", "Shuffle", NULL };
	int64_t ticks = json_value_int(json_member_ci(body, "PositionTicks"), -1);
	int64_t volume = json_value_int(json_member_ci(body, "VolumeLevel"), -1);

	report->position_ms = ticks >= 0 ? ticks / TICKS_PER_MS : -1;
	report->volume = volume > 100 ? 100 : volume < 0 ? -1 : volume;
	report->paused_said = bool_member(body, "IsPaused", &report->paused);
	report->muted_said = bool_member(body, "IsMuted", &report->muted);
	bool_member(body, "Failed", &report->failed);
	copy_word(report->play_method, sizeof report->play_method,
		text_member(body, "PlayMethod"), methods);
	copy_word(report->repeat_mode, sizeof report->repeat_mode,
		text_member(body, "RepeatMode"), repeats);
	copy_word(report->playback_order, sizeof report->playback_order,
		text_member(body, "PlaybackOrder"), orders);
	copy_text(report->event_name, sizeof report->event_name,
		text_member(body, "EventName"));
	copy_text(report->playlist_item_id, sizeof report->playlist_item_id,
		text_member(body, "PlaylistItemId"));
	copy_text(report->play_session_id, sizeof report->play_session_id,
		text_member(body, "PlaySessionId"));
}

/* Jellyfin refuses a whole report for one id that is no GUID, so those are left out. */
static char *
read_queue_new(const json_t *queue, const struct report_ids *ids)
{
	size_t count = json_array_size(queue);
	json_t *normal = json_array();

	for (size_t i = 0; i < count && json_array_size(normal) < REPORT_MAX_QUEUE; i++) {
		const json_t *entry = json_array_get(queue, i);
		const char *text = text_member(entry, "Id");
		const char *playlist_item_id = text_member(entry, "PlaylistItemId");
		char id[33];
		bool external;
		if (!resolve(ids, text, id, &external))
			continue;
		json_t *item = json_object();
		json_put_text(item, "Id", id);
		if (playlist_item_id[0] != '\0')
			json_put_text(item, "PlaylistItemId", playlist_item_id);
		json_array_append_new(normal, item);
	}
	char *text = json_dump_new(normal, NULL);
	json_decref(normal);
	return text;
}

bool
report_parse(struct play_report *report, enum report_kind kind, const void *body,
	size_t size, const struct report_ids *ids)
{
	json_t *json = json_parse_new(body, size);
	bool ok = false;

	*report = (struct play_report){ .kind = kind, .position_ms = -1, .volume = -1 };
	if (!json_is_object(json))
		goto out;
	if (!read_item_id(report, json, ids))
		goto out;
	read_state(report, json);
	if (!report->item.external)
		play_item_read(&report->item, json_member_ci(json, "Item"));
	const json_t *queue = json_member_ci(json, "NowPlayingQueue");
	if (report->item.external && json_is_array(queue))
		report->queue_json = read_queue_new(queue, ids);
	ok = true;
out:
	json_decref(json);
	return ok;
}
