#include "session/record.h"

#include <string.h>

#include "core/clock.h"
#include "core/crypto.h"
#include "core/json.h"

#define AMOUNT_MOST ((int64_t)1000 * 1000 * 1000 * 1000 * 1000)

static const char *const kind_names[] = { "start", "progress", "stop", "ping" };
static const char *const source_names[] = { "external", "native", "feed", "bytes" };

struct record_time
record_time_now(void)
{
	return (struct record_time){ clock_now_ms(), clock_wall_ms() };
}

/* ---- times and words ---- */

static int64_t
wall_of(int64_t ms, struct record_time time)
{
	return time.wall_ms - (time.now_ms - ms);
}

/* At least 0, and so little that sums of them are numbers too. */
static int64_t
bounded(int64_t amount)
{
	return amount < 0 ? 0 : amount > AMOUNT_MOST ? AMOUNT_MOST : amount;
}

static int64_t
read_amount(const json_t *json, const char *name)
{
	return bounded(json_int(json, name, 0));
}

static int64_t
ms_of(const json_t *json, const char *name, struct record_time time)
{
	int64_t ago_ms = time.wall_ms - bounded(json_int(json, name, time.wall_ms));

	return ago_ms > 0 ? time.now_ms - ago_ms : time.now_ms;
}

/* Which of the words it is; false when none. */
static bool
read_word(const json_t *json, const char *name, const char *const *words, size_t count,
	size_t *which)
{
	const char *text = json_text_or(json, name, "");

	for (*which = 0; *which < count; (*which)++) {
		if (strcmp(text, words[*which]) == 0)
			return true;
	}
	return false;
}

static void
put_known(json_t *json, const char *name, const char *text)
{
	if (text != NULL && text[0] != '\0')
		json_put_text(json, name, text);
}

#define READ_TEXT(to, json, name) copy_text((to), sizeof(to), json_text((json), (name)))

static void
put_key(json_t *json, const struct play_session_key *key)
{
	put_known(json, "server", key->server);
	put_known(json, "client", key->client);
	put_known(json, "deviceId", key->device_id);
	put_known(json, "userId", key->user_id);
}

static void
read_key(struct play_session_key *key, const json_t *json)
{
	play_session_key_set(key, json_text(json, "client"), json_text(json, "deviceId"),
		json_text(json, "userId"));
	READ_TEXT(key->server, json, "server");
}

/* ---- reports ---- */

static json_t *
item_json_new(const struct play_item *item)
{
	json_t *json = json_object();

	put_known(json, "id", item->id);
	json_put_bool(json, "external", item->external);
	put_known(json, "provider", item->provider);
	put_known(json, "type", item->type);
	put_known(json, "name", item->name);
	put_known(json, "album", item->album);
	put_known(json, "artist", item->artist);
	put_known(json, "albumId", item->album_id);
	put_known(json, "seriesId", item->series_id);
	json_put_int(json, "season", item->season);
	json_put_int(json, "episode", item->episode);
	json_put_int(json, "year", item->year);
	json_put_int(json, "runtimeMs", item->runtime_ms);
	put_known(json, "dto", item->item_json);
	return json;
}

static json_t *
report_json_new(const struct play_report *report, struct record_time time)
{
	json_t *json = json_object();

	json_put_text(json, "kind", kind_names[report->kind]);
	json_put_text(json, "source", source_names[report->source]);
	json_put_int(json, "at", wall_of(report->received_ms, time));
	put_key(json, &report->key);
	put_known(json, "user", report->user_name);
	put_known(json, "device", report->device);
	put_known(json, "version", report->version);
	put_known(json, "token", report->token);
	put_known(json, "address", report->address);
	put_known(json, "playSessionId", report->play_session_id);
	json_put_int(json, "positionMs", report->position_ms);
	if (report->paused_said)
		json_put_bool(json, "paused", report->paused);
	if (report->muted_said)
		json_put_bool(json, "muted", report->muted);
	json_put_int(json, "volume", report->volume);
	put_known(json, "method", report->play_method);
	put_known(json, "repeat", report->repeat_mode);
	put_known(json, "order", report->playback_order);
	put_known(json, "entry", report->playlist_item_id);
	put_known(json, "event", report->event_name);
	if (report->failed)
		json_put_bool(json, "failed", true);
	put_known(json, "queue", report->queue_json);
	json_put_new(json, "item", item_json_new(&report->item));
	return json;
}

static bool
read_item(struct play_item *item, const json_t *json)
{
	const char *id = json_text_or(json, "id", "");

	if (id[0] != '\0' && !play_item_id_normal(item->id, id))
		return false;
	item->external = json_bool(json, "external", false);
	READ_TEXT(item->provider, json, "provider");
	READ_TEXT(item->type, json, "type");
	READ_TEXT(item->name, json, "name");
	READ_TEXT(item->album, json, "album");
	READ_TEXT(item->artist, json, "artist");
	READ_TEXT(item->album_id, json, "albumId");
	READ_TEXT(item->series_id, json, "seriesId");
	item->season = read_amount(json, "season");
	item->episode = read_amount(json, "episode");
	item->year = read_amount(json, "year");
	item->runtime_ms = read_amount(json, "runtimeMs");
	item->item_json = xstrdup_or_null(json_text(json, "dto"));
	return true;
}

static void
read_said(struct play_report *report, const json_t *json)
{
	int64_t volume = json_int(json, "volume", -1);
	int64_t position_ms = json_int(json, "positionMs", -1);

	report->position_ms = position_ms < 0 ? -1 : bounded(position_ms);
	report->paused_said = json_member(json, "paused") != NULL;
	report->paused = json_bool(json, "paused", false);
	report->muted_said = json_member(json, "muted") != NULL;
	report->muted = json_bool(json, "muted", false);
	report->volume = volume < 0 || volume > 100 ? -1 : volume;
	READ_TEXT(report->play_method, json, "method");
	READ_TEXT(report->repeat_mode, json, "repeat");
	READ_TEXT(report->playback_order, json, "order");
	READ_TEXT(report->playlist_item_id, json, "entry");
	READ_TEXT(report->event_name, json, "event");
	report->failed = json_bool(json, "failed", false);
	report->queue_json = xstrdup_or_null(json_text(json, "queue"));
}

static bool
read_report(struct play_report *report, const json_t *json, struct record_time time)
{
	size_t kind, source;

	*report = (struct play_report){ 0 };
	if (!read_word(json, "kind", kind_names, COUNT_OF(kind_names), &kind) ||
		!read_word(json, "source", source_names, COUNT_OF(source_names), &source) ||
		!read_item(&report->item, json_member(json, "item")))
		return false;
	report->kind = (enum report_kind)kind;
	report->source = (enum report_source)source;
	report->received_ms = ms_of(json, "at", time);
	report->received_wall_ms = wall_of(report->received_ms, time);
	read_key(&report->key, json);
	READ_TEXT(report->user_name, json, "user");
	READ_TEXT(report->device, json, "device");
	READ_TEXT(report->version, json, "version");
	READ_TEXT(report->token, json, "token");
	READ_TEXT(report->address, json, "address");
	READ_TEXT(report->play_session_id, json, "playSessionId");
	read_said(report, json);
	return true;
}

/* ---- plays ---- */

static json_t *
play_record_json_new(const struct play *play, struct record_time time)
{
	json_t *json = json_object();

	json_put_new(json, "last", report_json_new(&play->last, time));
	json_put_text(json, "state", play_state_name(play->state));
	json_put_int(json, "startedAt", wall_of(play->started_ms, time));
	json_put_int(json, "updatedAt", wall_of(play->updated_ms, time));
	if (play->heard_ms != 0)
		json_put_int(json, "heardAt", wall_of(play->heard_ms, time));
	json_put_int(json, "positionMs", play->position_ms);
	if (play->state == PLAY_PAUSED)
		json_put_int(json, "pausedAt", wall_of(play->paused_since_ms, time));
	json_put_int(json, "pausedTotalMs", play->paused_total_ms);
	json_put_int(json, "reports", play->report_count);
	json_put_int(json, "quietReports", play->quiet_progress_count);
	json_put_bool(json, "regular", play->regular);
	json_put_bool(json, "counts", play->confirmed);
	return json;
}

static bool
read_play(struct play *play, const json_t *json, struct record_time time)
{
	static const char *const states[] = { "playing", "paused" };
	size_t state;

	*play = (struct play){ .paused_since_ms = -1 };
	if (!read_word(json, "state", states, COUNT_OF(states), &state) ||
		!read_report(&play->last, json_member(json, "last"), time))
		return false;
	play->state = (enum play_state)state;
	play->started_ms = ms_of(json, "startedAt", time);
	play->started_wall_ms = wall_of(play->started_ms, time);
	play->updated_ms = ms_of(json, "updatedAt", time);
	if (json_member(json, "heardAt") != NULL)
		play->heard_ms = ms_of(json, "heardAt", time);
	play->position_ms = read_amount(json, "positionMs");
	if (play->state == PLAY_PAUSED)
		play->paused_since_ms = ms_of(json, "pausedAt", time);
	play->paused_total_ms = read_amount(json, "pausedTotalMs");
	play->report_count = read_amount(json, "reports");
	play->quiet_progress_count = read_amount(json, "quietReports");
	play->regular = json_bool(json, "regular", false);
	play->confirmed = json_bool(json, "counts", false);
	return play->last.item.id[0] != '\0';
}

/* ---- the outside ---- */

static void
add_json(struct text *to, json_t *take_json)
{
	size_t size;
	char *text = json_dump_new(take_json, &size);

	text_add_bytes(to, text, size);
	explicit_bzero(text, size);
	xfree(text);
	json_decref(take_json);
}

void
record_write(struct text *to, const struct play *play, const char *capabilities,
	struct record_time time)
{
	json_t *json = play_record_json_new(play, time);

	put_known(json, "capabilities", capabilities);
	add_json(to, json);
}

bool
record_read(struct record *record, struct slice json, struct record_time time)
{
	json_t *read = json_parse_new(json.data, json.size);
	bool good = read_play(&record->play, read, time);

	record->capabilities = xstrdup_or_null(json_text(read, "capabilities"));
	if (!good)
		record_fini(record);
	json_decref(read);
	return good;
}

void
record_fini(struct record *record)
{
	play_fini(&record->play);
	explicit_bzero(record->play.last.token, sizeof record->play.last.token);
	xfree(record->capabilities);
	record->capabilities = NULL;
}

bool
record_goes_on(const struct record *record, int64_t now_ms)
{
	const struct play *play = &record->play;
	int64_t left_ms = play->last.item.runtime_ms - play->position_ms;
	int64_t over_ms =
		play->updated_ms + (left_ms > 0 ? left_ms : 0) + PLAY_RUNTIME_GRACE_MS;

	if (play->state == PLAY_PLAYING && play->last.item.runtime_ms > 0 &&
		now_ms >= over_ms)
		return false;
	return now_ms < play_silence_due_ms(play, false);
}

void
record_write_report(
	struct text *to, const struct play_report *report, struct record_time time)
{
	add_json(to, report_json_new(report, time));
}

bool
record_read_report(struct play_report *report, struct slice json, struct record_time time)
{
	json_t *read = json_parse_new(json.data, json.size);
	bool good = read_report(report, read, time);

	if (!good)
		play_report_fini(report);
	json_decref(read);
	return good;
}

void
record_write_capabilities(
	struct text *to, const struct play_session_key *key, const char *full_json)
{
	json_t *json = json_object();

	put_key(json, key);
	put_known(json, "capabilities", full_json);
	add_json(to, json);
}

bool
record_read_capabilities(struct play_session_key *key, char **full_json, struct slice json)
{
	json_t *read = json_parse_new(json.data, json.size);

	read_key(key, read);
	*full_json = xstrdup_or_null(json_text(read, "capabilities"));
	json_decref(read);
	return *full_json != NULL;
}

/* ---- names ---- */

static void
add_lower(struct text *to, const char *text)
{
	for (; *text != '\0'; text++)
		text_add_char(to, ascii_lower(*text));
	text_add_char(to, '\n');
}

static void
write_id(char id[RECORD_ID_SIZE], struct text *name)
{
	char digest[SHA256_HEX_SIZE];

	crypto_sha256_hex(digest, name->data, name->size);
	copy_text(id, RECORD_ID_SIZE, digest);
	text_fini(name);
}

void
record_session_id(char id[RECORD_ID_SIZE], const struct play_session_key *key)
{
	struct text name = { 0 };

	add_lower(&name, key->device_id);
	add_lower(&name, key->client);
	add_lower(&name, key->user_id);
	add_lower(&name, key->server);
	write_id(id, &name);
}

void
record_device_id(char id[RECORD_ID_SIZE], const char *device_id)
{
	struct text name = { 0 };

	add_lower(&name, device_id);
	write_id(id, &name);
}
