#include "providers/play_profile.h"

#include "core/json.h"
#include "core/text.h"

enum {
	/* What FLAC leaves of PCM, in the middle of much music. */
	FLAC_PERCENT = 70,
	/* A profile longer than that was written to keep us busy. */
	PROFILES_MOST = 256,
};

struct track_format
play_profile_format(enum track_quality quality, const struct track_formats *known)
{
	struct track_format format = track_format_of(quality);

	for (size_t i = 0; known != NULL && i < known->count; i++) {
		if (known->of[i].quality == quality)
			format = known->of[i];
	}
	if (format.bitrate == 0 && format.size > 0 && format.duration_ms > 0)
		format.bitrate = format.size * 8 * 1000 / format.duration_ms;
	if (format.bitrate == 0)
		format.bitrate = format.sample_rate * format.bit_depth * format.channels *
				 FLAC_PERCENT / 100;
	return format;
}

/* ---- lists of containers and codecs ---- */

/* As Jellyfin reads them: "mp3,flac"; "-wma" is all but that; empty is all. */
static bool
list_has(const char *list, const char *name)
{
	bool negative = list != NULL && list[0] == '-';
	struct slice rest = slice_of(list == NULL ? "" : list + negative), part;

	if (rest.size == 0)
		return true;
	while (slice_next(&rest, ',', &part)) {
		if (slice_equal_text_ci(slice_trim(part), name))
			return !negative;
	}
	return negative;
}

static const char *
text_ci(const json_t *object, const char *name)
{
	return json_string_value(json_member_ci(object, name));
}

static bool
is_ci(const json_t *object, const char *name, const char *wanted)
{
	const char *text = text_ci(object, name);

	return text != NULL && text_equal_ci(text, wanted);
}

/* ---- conditions ---- */

/* The value a condition is about; 0: not known of this form. */
static int64_t
property_of(const struct track_format *format, const char *property)
{
	if (text_equal_ci(property, "AudioBitrate"))
		return format->bitrate;
	if (text_equal_ci(property, "AudioSampleRate"))
		return format->sample_rate;
	if (text_equal_ci(property, "AudioBitDepth"))
		return format->bit_depth;
	if (text_equal_ci(property, "AudioChannels"))
		return format->channels;
	return 0;
}

/* Values are texts, of one number or, for EqualsAny, of several between bars. */
static bool
equals_any(const char *values, int64_t value)
{
	struct slice rest = slice_of(values), part;
	uint64_t number;

	while (slice_next(&rest, '|', &part)) {
		if (slice_to_u64(slice_trim(part), &number) && number == (uint64_t)value)
			return true;
	}
	return false;
}

static bool
compares(const char *how, int64_t value, int64_t with)
{
	if (text_equal_ci(how, "Equals"))
		return value == with;
	if (text_equal_ci(how, "NotEquals"))
		return value != with;
	if (text_equal_ci(how, "LessThanEqual"))
		return value <= with;
	if (text_equal_ci(how, "GreaterThanEqual"))
		return value >= with;
	return true;
}

static bool
condition_holds(const json_t *condition, const struct track_format *format)
{
	const char *property = text_ci(condition, "Property");
	const char *how = text_ci(condition, "Condition");
	const char *text = text_ci(condition, "Value");
	int64_t value = property == NULL ? 0 : property_of(format, property);
	int64_t with;

	/* Required, unless it says otherwise (ProfileCondition.cs). */
	if (value == 0)
		return json_is_false(json_member_ci(condition, "IsRequired")) ||
		       is_ci(condition, "IsRequired", "false");
	if (how == NULL || text == NULL)
		return true;
	if (text_equal_ci(how, "EqualsAny"))
		return equals_any(text, value);
	/* What is no number cannot be met (ConditionProcessor.cs says false as well). */
	return text_to_i64(text, &with) && compares(how, value, with);
}

static bool
conditions_hold(const json_t *conditions, const struct track_format *format)
{
	for (size_t i = 0; i < json_array_size(conditions) && i < PROFILES_MOST; i++) {
		if (!condition_holds(json_array_get(conditions, i), format))
			return false;
	}
	return true;
}

/* ---- profiles ---- */

/* Audio is the type of a profile that names none, and may be written as its number. */
static bool
is_for_audio(const json_t *profile)
{
	const json_t *type = json_member_ci(profile, "Type");

	if (json_is_string(type))
		return text_equal_ci(json_string_value(type), "Audio");
	return type == NULL || (json_is_integer(type) && json_integer_value(type) == 0);
}

/* Does the codec profile speak about this form, and against it? */
static bool
codec_profile_forbids(
	const json_t *profile, const struct track_format *format, const char *name)
{
	return is_ci(profile, "Type", "Audio") &&
	       list_has(text_ci(profile, "Container"), name) &&
	       list_has(text_ci(profile, "Codec"), name) &&
	       conditions_hold(json_member_ci(profile, "ApplyConditions"), format) &&
	       !conditions_hold(json_member_ci(profile, "Conditions"), format);
}

/* Can its decoder take this form, whatever it comes in? */
static bool
is_decodable(const struct play_wish *wish, const struct track_format *format)
{
	/* MP3 and FLAC: the codec is called as the container is. */
	const char *name = track_quality_container(format->quality);
	const json_t *profiles = json_member_ci(wish->device, "CodecProfiles");

	if (wish->max_channels > 0 && format->channels > wish->max_channels)
		return false;
	for (size_t i = 0; i < json_array_size(profiles) && i < PROFILES_MOST; i++) {
		if (codec_profile_forbids(json_array_get(profiles, i), format, name))
			return false;
	}
	return true;
}

static bool
plays_directly(const struct play_wish *wish, const struct track_format *format)
{
	const char *name = track_quality_container(format->quality);
	const json_t *profiles = json_member_ci(wish->device, "DirectPlayProfiles");

	for (size_t i = 0; i < json_array_size(profiles) && i < PROFILES_MOST; i++) {
		const json_t *profile = json_array_get(profiles, i);
		if (is_for_audio(profile) &&
			list_has(text_ci(profile, "Container"), name) &&
			list_has(text_ci(profile, "AudioCodec"), name))
			return true;
	}
	return false;
}

/* Does it take MP3 in some container, though not as a file? Browsers are told to say so of
 * what they only play in segments (ts|mp3). */
static bool
decodes_mp3(const json_t *device)
{
	const json_t *profiles = json_member_ci(device, "DirectPlayProfiles");

	for (size_t i = 0; i < json_array_size(profiles) && i < PROFILES_MOST; i++) {
		const json_t *profile = json_array_get(profiles, i);
		const char *codecs = text_ci(profile, "AudioCodec");
		if (is_for_audio(profile) && codecs != NULL && codecs[0] != '\0' &&
			list_has(codecs, "mp3"))
			return true;
	}
	return false;
}

/* PLAY_NOT when no TranscodingProfile asks for what we have: MP3. */
static enum play_way
conversion_of(const json_t *device)
{
	const json_t *profiles = json_member_ci(device, "TranscodingProfiles");

	for (size_t i = 0; i < json_array_size(profiles) && i < PROFILES_MOST; i++) {
		const json_t *profile = json_array_get(profiles, i);
		const char *container = text_ci(profile, "Container");
		const char *codec = text_ci(profile, "AudioCodec");
		if (!is_for_audio(profile) || is_ci(profile, "Context", "Static"))
			continue;
		if (codec == NULL || codec[0] == '\0')
			codec = container;
		bool mp3 = codec != NULL && list_has(codec, "mp3");
		if (is_ci(profile, "Protocol", "hls") && (mp3 || decodes_mp3(device)))
			return PLAY_MP3_SEGMENTS;
		if (mp3 && container != NULL && list_has(container, "mp3"))
			return PLAY_MP3_FILE;
	}
	return PLAY_NOT;
}

static bool
names_a_way(const json_t *device)
{
	return json_array_size(json_member_ci(device, "DirectPlayProfiles")) > 0 ||
	       json_array_size(json_member_ci(device, "TranscodingProfiles")) > 0;
}

/* ---- the choice ---- */

track_quality_set
play_profile_limit(
	track_quality_set qualities, int64_t max_bitrate, const struct track_formats *known)
{
	track_quality_set within = 0, smallest = 0;
	int64_t least = INT64_MAX;

	for (unsigned i = 0; i < TRACK_QUALITIES; i++) {
		if ((qualities & TRACK_BIT(i)) == 0)
			continue;
		struct track_format format =
			play_profile_format((enum track_quality)i, known);
		if (max_bitrate <= 0 || format.bitrate <= max_bitrate)
			within |= TRACK_BIT(i);
		if (format.bitrate < least) {
			least = format.bitrate;
			smallest = TRACK_BIT(i);
		}
	}
	return within != 0 ? within : smallest;
}

struct play_choice
play_profile_choose(const struct play_wish *wish, track_quality_set offered,
	const struct track_formats *known)
{
	bool open_minded = !names_a_way(wish->device);
	track_quality_set direct = 0, decodable = 0;
	struct play_choice choice = { .way = PLAY_NOT };
	int64_t max_bitrate = wish->max_bitrate;

	for (unsigned i = 0; i < TRACK_QUALITIES; i++) {
		struct track_format format =
			play_profile_format((enum track_quality)i, known);
		if ((offered & TRACK_BIT(i)) == 0 || !is_decodable(wish, &format))
			continue;
		decodable |= TRACK_BIT(i);
		if (open_minded || plays_directly(wish, &format))
			direct |= TRACK_BIT(i);
	}
	if (!wish->no_direct_play && direct != 0) {
		choice.way = PLAY_DIRECT;
		choice.qualities = direct;
	} else if (!wish->no_transcoding && (decodable & PLAY_MP3_FORMS) != 0) {
		choice.way = conversion_of(wish->device);
		if (choice.way != PLAY_NOT)
			choice.qualities = decodable & PLAY_MP3_FORMS;
		if (wish->mp3_bitrate > 0)
			max_bitrate = wish->mp3_bitrate;
	}
	choice.qualities = play_profile_limit(choice.qualities, max_bitrate, known);
	return choice;
}
