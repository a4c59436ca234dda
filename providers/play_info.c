#include "providers/play_info.h"

#include <inttypes.h>
#include <stdio.h>

#include "core/json.h"

/* ---- the question ---- */

static const char *
text_of(const struct query *query, const json_t *body, const char *name)
{
	const char *text = query_get(query, name);

	if (text == NULL || text[0] == '\0')
		text = json_string_value(json_member_ci(body, name));
	return text != NULL && text[0] != '\0' ? text : NULL;
}

static int64_t
number_of(const struct query *query, const json_t *body, const char *name)
{
	int64_t number = query_int(query, name, -1);

	if (number < 0)
		number = json_value_int(json_member_ci(body, name), 0);
	return number > 0 ? number : 0;
}

static bool
is_switched_off(const struct query *query, const json_t *body, const char *name)
{
	const char *text = query_get(query, name);

	if (text != NULL && text[0] != '\0')
		return !query_bool(query, name, true);
	return json_is_false(json_member_ci(body, name));
}

void
play_info_read(struct play_info_ask *ask, const struct query *query, const json_t *body)
{
	const json_t *device = json_member_ci(body, "DeviceProfile");

	*ask = (struct play_info_ask){
		.wish = {
			.device = device,
			.max_bitrate = number_of(query, body, "MaxStreamingBitrate"),
			.max_channels = number_of(query, body, "MaxAudioChannels"),
			.no_direct_play =
				is_switched_off(query, body, "EnableDirectPlay"),
			.no_transcoding =
				is_switched_off(query, body, "EnableTranscoding"),
		},
		.media_source_id = text_of(query, body, "MediaSourceId"),
	};
	if (ask->wish.max_bitrate == 0)
		ask->wish.max_bitrate =
			json_value_int(json_member_ci(device, "MaxStreamingBitrate"), 0);
}

bool
play_info_is_about(const struct play_info_ask *ask, const struct external_id *id)
{
	struct external_id asked;

	return ask->media_source_id == NULL ||
	       (external_id_parse(&asked, slice_of(ask->media_source_id)) &&
		       external_id_equal(&asked, id));
}

/* ---- the answer ---- */

static void
add_number(struct text *url, const char *name, int64_t number)
{
	char text[24];

	snprintf(text, sizeof text, "%" PRId64, number);
	query_add(url, name, text);
}

/* As StreamInfo.ToUrl spells it. No token: the PlaySessionId opens it, for whoever is told
 * the address (a cast receiver). The file begins at 0 whatever was asked, so its timestamps
 * are those of the song. */
static void
put_address(json_t *source, const char *hex, const struct track_format *form,
	const struct play_choice *choice, const struct play_info_links *links)
{
	bool segments = choice->way == PLAY_MP3_SEGMENTS;
	struct text url;

	text_init(&url);
	text_addf(&url, "/audio/%s/%s?", hex, segments ? "master.m3u8" : "stream.mp3");
	if (links->device_id != NULL && links->device_id[0] != '\0')
		query_add(&url, "DeviceId", links->device_id);
	query_add(&url, "MediaSourceId", hex);
	query_add(&url, "AudioCodec", "mp3");
	add_number(&url, "AudioBitrate", form->bitrate);
	if (segments)
		query_add(&url, "SegmentContainer", "mp3");
	else
		query_add(&url, "CopyTimestamps", "true");
	query_add(&url, "PlaySessionId", links->session_id);
	json_put_text(source, "TranscodingUrl", text_get(&url));
	json_put_text(source, "TranscodingSubProtocol", segments ? "hls" : "http");
	json_put_text(source, "TranscodingContainer", "mp3");
	text_fini(&url);
}

/* Would it play when it is not to be played directly? */
static bool
has_another_way(const struct play_info_ask *ask, track_quality_set offered,
	const struct track_formats *forms)
{
	struct play_wish wish = ask->wish;

	wish.no_direct_play = true;
	return play_profile_choose(&wish, offered, forms).way != PLAY_NOT;
}

json_t *
play_info_new(const struct media *song, const struct item_context *context,
	const struct play_info_ask *ask, const struct play_choice *choice,
	const struct play_info_links *links)
{
	struct item_context playing = *context;
	track_quality_set offered = context->offered[song->id.provider];
	bool direct = choice->way == PLAY_DIRECT;
	json_t *answer = json_object(), *sources = json_array();
	char hex[EXTERNAL_ID_HEX];

	playing.offered[song->id.provider] = choice->qualities;
	const struct track_format form = media_facts_form(song, &playing);
	json_t *source = media_source_new(song, &playing);
	json_put_bool(source, "SupportsDirectPlay", direct);
	json_put_bool(source, "SupportsDirectStream", direct);
	json_put_bool(source, "SupportsTranscoding",
		!direct || has_another_way(ask, offered, context->forms));
	if (!direct && external_id_format(hex, &song->id))
		put_address(source, hex, &form, choice, links);
	json_array_append_new(sources, source);
	json_put_new(answer, "MediaSources", sources);
	json_put_text(answer, "PlaySessionId", links->session_id);
	return answer;
}

json_t *
play_info_error_new(const char *code)
{
	json_t *answer = json_object();

	json_put_new(answer, "MediaSources", json_array());
	json_put_text(answer, "ErrorCode", code);
	return answer;
}
