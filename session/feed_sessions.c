#include "session/feed_sessions.h"

#include <string.h>

#include "core/json.h"
#include "session/server_clock.h"
#include "session/socket_message.h"

enum { TICKS_PER_MS = 10000 };

static void
copy_member(char *to, size_t size, const json_t *object, const char *name)
{
	copy_text(to, size, json_text(object, name));
}

static int64_t
date_member(const json_t *object, const char *name)
{
	int64_t wall_ms;

	return server_clock_parse_iso(&wall_ms, json_text(object, name)) ? wall_ms : -1;
}

/* Numbers that count something: never negative. */
static int64_t
count_member(const json_t *object, const char *name)
{
	int64_t number = json_int(object, name, 0);

	return number > 0 ? number : 0;
}

/* ---- how it is served ---- */

static const json_t *
find_stream(const json_t *streams, const char *type, int64_t wanted_index)
{
	const json_t *first = NULL;

	for (size_t i = 0; i < json_array_size(streams); i++) {
		const json_t *stream = json_array_get(streams, i);
		if (strcmp(json_text_or(stream, "Type", ""), type) != 0)
			continue;
		if (json_int(stream, "Index", -1) == wanted_index)
			return stream;
		if (first == NULL)
			first = stream;
	}
	return first;
}

static void
read_source(struct play_stream *stream, const json_t *item)
{
	const json_t *streams = json_member(item, "MediaStreams");
	const json_t *video = find_stream(streams, "Video", -1);
	const json_t *audio = find_stream(streams, "Audio", stream->audio_index);
	struct stream_side *source = &stream->source;

	copy_member(source->container, sizeof source->container, item, "Container");
	copy_member(source->video_codec, sizeof source->video_codec, video, "Codec");
	copy_member(
		source->video_range, sizeof source->video_range, video, "VideoRangeType");
	copy_member(source->audio_codec, sizeof source->audio_codec, audio, "Codec");
	source->width = count_member(video, "Width");
	source->height = count_member(video, "Height");
	source->bitrate = count_member(video != NULL ? video : audio, "BitRate");
	source->audio_channels = count_member(audio, "Channels");
}

static void
join_reasons(char *to, size_t size, const json_t *reasons)
{
	struct text joined = { 0 };

	for (size_t i = 0; i < json_array_size(reasons); i++) {
		const char *reason = json_string_value(json_array_get(reasons, i));
		if (reason == NULL)
			continue;
		if (joined.size > 0)
			text_add_char(&joined, ',');
		text_add(&joined, reason);
	}
	copy_text(to, size, text_get(&joined));
	text_fini(&joined);
}

static void
read_transcode(struct play_stream *stream, const json_t *info)
{
	struct stream_side *output = &stream->output;

	stream->transcodes = json_is_object(info);
	stream->video_direct = json_bool(info, "IsVideoDirect", false);
	stream->audio_direct = json_bool(info, "IsAudioDirect", false);
	copy_member(output->container, sizeof output->container, info, "Container");
	copy_member(output->video_codec, sizeof output->video_codec, info, "VideoCodec");
	copy_member(output->audio_codec, sizeof output->audio_codec, info, "AudioCodec");
	output->width = count_member(info, "Width");
	output->height = count_member(info, "Height");
	output->bitrate = count_member(info, "Bitrate");
	output->audio_channels = count_member(info, "AudioChannels");
	copy_member(stream->hardware, sizeof stream->hardware, info,
		"HardwareAccelerationType");
	join_reasons(stream->reasons, sizeof stream->reasons,
		json_member(info, "TranscodeReasons"));
}

/* ---- what is played ---- */

static void
read_state(struct play_report *report, const json_t *state)
{
	int64_t ticks = json_int(state, "PositionTicks", -1);
	int64_t volume = json_int(state, "VolumeLevel", -1);

	report->position_ms = ticks >= 0 ? ticks / TICKS_PER_MS : -1;
	report->volume = volume > 100 ? 100 : volume < 0 ? -1 : volume;
	report->paused_said = report->muted_said = json_is_object(state);
	report->paused = json_bool(state, "IsPaused", false);
	report->muted = json_bool(state, "IsMuted", false);
	copy_member(report->play_method, sizeof report->play_method, state, "PlayMethod");
	copy_member(report->repeat_mode, sizeof report->repeat_mode, state, "RepeatMode");
	copy_member(report->playback_order, sizeof report->playback_order, state,
		"PlaybackOrder");
	copy_member(report->stream.media_source_id, sizeof report->stream.media_source_id,
		state, "MediaSourceId");
	report->stream.audio_index = json_int(state, "AudioStreamIndex", -1);
	report->stream.subtitle_index = json_int(state, "SubtitleStreamIndex", -1);
}

/* A key without a user (an API key reports) has none, not one of zeros. */
static void
read_key(struct play_session_key *key, const json_t *session)
{
	const char *device_id = json_text_or(session, "DeviceId", "");
	const char *user_id = json_text_or(session, "UserId", "");
	char normal[sizeof key->user_id];

	if (device_id[0] == '\0')
		device_id = json_text(session, "Id");
	if (!play_item_id_normal(normal, user_id))
		normal[0] = '\0';
	play_session_key_set(key, json_text(session, "Client"), device_id, normal);
}

/* False: it plays nothing that has an id. */
static bool
read_row(struct feed_row *row, const json_t *session)
{
	const json_t *item = json_member(session, "NowPlayingItem");
	struct play_report *report = &row->report;

	if (!play_item_id_normal(report->item.id, json_text_or(item, "Id", "")))
		return false;
	read_key(&report->key, session);
	copy_member(report->session_id, sizeof report->session_id, session, "Id");
	copy_member(report->user_name, sizeof report->user_name, session, "UserName");
	copy_member(report->device, sizeof report->device, session, "DeviceName");
	copy_member(report->version, sizeof report->version, session, "ApplicationVersion");
	copy_member(report->address, sizeof report->address, session, "RemoteEndPoint");
	play_item_read(&report->item, item);
	read_state(report, json_member(session, "PlayState"));
	report->stream.known = true;
	read_source(&report->stream, item);
	read_transcode(&report->stream, json_member(session, "TranscodingInfo"));
	row->checked_in_wall_ms = date_member(session, "LastPlaybackCheckIn");
	row->paused_wall_ms = report->paused ? date_member(session, "LastPausedDate") : -1;
	return true;
}

static struct feed_sessions *
sessions_new(const json_t *list)
{
	size_t listed = json_array_size(list);
	size_t playing = 0;

	if (!json_is_array(list))
		return NULL;
	for (size_t i = 0; i < listed; i++)
		playing += json_is_object(
			json_member(json_array_get(list, i), "NowPlayingItem"));
	if (playing > FEED_ROWS_MOST)
		playing = FEED_ROWS_MOST;
	struct feed_sessions *sessions =
		xcalloc(1, sizeof *sessions + playing * sizeof sessions->rows[0]);
	sessions->session_count = listed;
	for (size_t i = 0; i < listed && sessions->count < playing; i++) {
		struct feed_row *row = &sessions->rows[sessions->count];
		*row = (struct feed_row){ 0 };
		sessions->count += read_row(row, json_array_get(list, i));
	}
	return sessions;
}

struct feed_sessions *
feed_sessions_parse_new(const void *body, size_t size)
{
	json_t *json = json_parse_new(body, size);
	struct feed_sessions *sessions = sessions_new(json);

	json_decref(json);
	return sessions;
}

struct feed_message *
feed_message_parse_new(const char *text, size_t size)
{
	struct feed_message *message = xcalloc(1, sizeof *message);
	struct socket_message common;
	json_t *json = NULL;

	message->size = size;
	if (size <= SOCKET_MESSAGE_MOST && socket_message_parse(&common, text, size) &&
		common.kind == SOCKET_FORCE_KEEP_ALIVE) {
		message->kind = FEED_MESSAGE_FORCE_KEEP_ALIVE;
		message->seconds = common.seconds;
		return message;
	}
	json = json_parse_new(text, size);
	if (strcmp(json_text_or(json, "MessageType", ""), "Sessions") == 0)
		message->sessions = sessions_new(json_member(json, "Data"));
	if (message->sessions != NULL)
		message->kind = FEED_MESSAGE_SESSIONS;
	json_decref(json);
	return message;
}

void
feed_message_free(struct feed_message *message)
{
	if (message == NULL)
		return;
	xfree(message->sessions);
	xfree(message);
}
