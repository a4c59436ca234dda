#include "providers/play_request.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/json.h"
#include "providers/media_source.h"

enum { LOWEST_RATE = 44100 }; /* of all that providers have */

/* ---- a DeviceProfile out of a query ---- */

static void
add_condition(json_t *conditions, const char *property, int64_t most)
{
	json_t *condition = json_object();
	char value[24];

	if (most > 0) {
		snprintf(value, sizeof value, "%" PRId64, most);
		json_put_text(condition, "Condition", "LessThanEqual");
		json_put_text(condition, "Property", property);
		json_put_text(condition, "Value", value);
		json_put_bool(condition, "IsRequired", false);
		json_array_append(conditions, condition);
	}
	json_decref(condition);
}

/* One codec profile for whatever it plays. */
static void
put_conditions(json_t *device, json_t *take_conditions)
{
	json_t *profiles = json_array(), *profile = json_object();

	json_put_text(profile, "Type", "Audio");
	json_put_new(profile, "Conditions", take_conditions);
	json_array_append_new(profiles, profile);
	json_put_new(device, "CodecProfiles", profiles);
}

static json_t *
audio_profile_new(const char *container, const char *codecs)
{
	json_t *profile = json_object();

	json_put_text(profile, "Type", "Audio");
	json_put_text(profile, "Container", container);
	json_put_text(profile, "AudioCodec", codecs);
	return profile;
}

/* "mp4|aac|mp3": a container, and the codecs that may be in it. */
static json_t *
direct_profile_new(struct arena *arena, const char *entry)
{
	char *text = arena_strdup(arena, entry);
	char *codecs = strchr(text, '|');

	if (codecs == NULL)
		return audio_profile_new(text, NULL);
	*codecs++ = '\0';
	for (char *c = codecs; *c != '\0'; c++)
		*c = *c == '|' ? ',' : *c;
	return audio_profile_new(text, codecs);
}

/* ---- the routes ---- */

static const char *
text_or(const struct query *query, const char *name, const char *otherwise)
{
	const char *text = query_get(query, name);

	return text == NULL || text[0] == '\0' ? otherwise : text;
}

static json_t *
universal_profile_new(const struct query *query, struct arena *arena)
{
	const char **containers = query_list(arena, query, "Container", NULL);
	json_t *device = json_object(), *direct = json_array();
	json_t *transcoding = json_array(), *conditions = json_array();
	json_t *target = audio_profile_new(text_or(query, "TranscodingContainer", "mp3"),
		text_or(query, "AudioCodec", "mp3"));

	for (size_t i = 0; containers[i] != NULL; i++)
		json_array_append_new(direct, direct_profile_new(arena, containers[i]));
	json_put_text(target, "Protocol", text_or(query, "TranscodingProtocol", "http"));
	json_array_append_new(transcoding, target);
	add_condition(
		conditions, "AudioSampleRate", query_int(query, "MaxAudioSampleRate", 0));
	add_condition(conditions, "AudioBitDepth", query_int(query, "MaxAudioBitDepth", 0));
	json_put_new(device, "DirectPlayProfiles", direct);
	json_put_new(device, "TranscodingProfiles", transcoding);
	put_conditions(device, conditions);
	return device;
}

static struct play_choice
choose_universal(const struct query *query, struct arena *arena, track_quality_set offered)
{
	json_t *device = universal_profile_new(query, arena);
	struct play_wish wish = {
		.device = device,
		.max_bitrate = query_int(query, "MaxStreamingBitrate", 0),
		.mp3_bitrate = query_int(query, "AudioBitRate", 0),
		.max_channels = query_int(query, "MaxAudioChannels", 0),
	};
	struct play_choice choice = play_profile_choose(&wish, offered, NULL);

	json_decref(device);
	return choice;
}

/* The names of a list joined again; NULL: anything. */
static const char *
wanted_of(struct arena *arena, const struct query *query, const char *name)
{
	const char **names = query_list(arena, query, name, NULL);
	const char *joined = NULL;

	for (size_t i = 0; names[i] != NULL; i++) {
		if (text_equal_ci(names[i], "copy"))
			return NULL;
		joined = joined == NULL ? names[i]
					: arena_printf(arena, "%s,%s", joined, names[i]);
	}
	return joined;
}

/* What it is to be converted to, says Jellyfin; what it can be, for us. A sample rate below
 * any that there is restricts nothing: it is about size, not about what can be played. */
static struct play_choice
choose_converted(
	const struct play_request *request, struct arena *arena, track_quality_set offered)
{
	const struct query *query = request->query;
	const char *container = request->extension != NULL
					? request->extension
					: wanted_of(arena, query, "Container");
	int64_t rate = query_int(query, "AudioSampleRate", 0);
	json_t *device = json_object(), *direct = json_array(), *conditions = json_array();

	json_array_append_new(direct,
		audio_profile_new(container, wanted_of(arena, query, "AudioCodec")));
	add_condition(conditions, "AudioSampleRate", rate < LOWEST_RATE ? 0 : rate);
	add_condition(conditions, "AudioBitDepth", query_int(query, "MaxAudioBitDepth", 0));
	json_put_new(device, "DirectPlayProfiles", direct);
	put_conditions(device, conditions);
	struct play_wish wish = {
		.device = device,
		.max_bitrate = query_int(
			query, "AudioBitRate", query_int(query, "MaxStreamingBitrate", 0)),
		.max_channels = query_int(query, "MaxAudioChannels", 0),
	};
	struct play_choice choice = play_profile_choose(&wish, offered, NULL);
	json_decref(device);
	return choice;
}

/* As it is. Players that build the address themselves put the container that PlaybackInfo
 * named into it, which may be not that of the best form. */
static struct play_choice
choose_static(const struct play_request *request, track_quality_set offered)
{
	struct play_choice choice = { .way = offered != 0 ? PLAY_DIRECT : PLAY_NOT };
	const char *tag = query_get(request->query, "Tag");
	track_quality_set tagged = 0, contained = 0;
	char etag[EXTERNAL_ID_HEX];

	for (unsigned i = 0; i < TRACK_QUALITIES; i++) {
		enum track_quality quality = (enum track_quality)i;
		const char *container = track_quality_container(quality);
		media_source_etag(etag, request->song, quality);
		if (tag != NULL && text_equal_ci(tag, etag))
			tagged |= TRACK_BIT(i) & offered;
		if (request->extension != NULL &&
			text_equal_ci(request->extension, container))
			contained |= TRACK_BIT(i) & offered;
	}
	choice.qualities = tagged != 0 ? tagged : contained != 0 ? contained : offered;
	return choice;
}

static struct play_choice
choose_segments(const struct query *query, track_quality_set offered)
{
	int64_t max_bitrate = query_int(
		query, "AudioBitRate", query_int(query, "MaxStreamingBitrate", 0));
	struct play_choice choice = { .way = PLAY_MP3_SEGMENTS };

	choice.qualities = play_profile_limit(offered & PLAY_MP3_FORMS, max_bitrate, NULL);
	if (choice.qualities == 0)
		choice.way = PLAY_NOT;
	return choice;
}

struct play_choice
play_request_choose(
	const struct play_request *request, struct arena *arena, track_quality_set offered)
{
	switch (request->route) {
	case PLAY_ROUTE_FILE:
		return (struct play_choice){ offered != 0 ? PLAY_DIRECT : PLAY_NOT,
			offered };
	case PLAY_ROUTE_STREAM:
		break;
	case PLAY_ROUTE_UNIVERSAL:
		return choose_universal(request->query, arena, offered);
	case PLAY_ROUTE_LIST:
		return choose_segments(request->query, offered);
	}
	if (query_bool(request->query, "Static", false))
		return choose_static(request, offered);
	return choose_converted(request, arena, offered);
}
