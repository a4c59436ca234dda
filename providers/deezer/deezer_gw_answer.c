/* What the gateway and the media service answer, read; see deezer_gw.h. */
#include <stdio.h>
#include <string.h>

#include "core/json.h"
#include "providers/deezer/deezer_gw.h"
#include "providers/foreign.h"

enum {
	MS_PER_S = 1000,
	MAX_TOKEN = 4096, /* bytes of a token that go into a header, an address or a body */
	RIGHTS_CODE = 2002,
	PLAN_CODE = 1002,
};

/* No file is larger: whoever says so is wrong. */
static const int64_t max_size = (int64_t)4 << 30;
/* The year 9999. */
static const int64_t max_time_s = 253402300799;

static const char *const verdict_names[DEEZER_MEDIA_VERDICTS] = {
	[DEEZER_MEDIA_GIVEN] = "given",
	[DEEZER_MEDIA_NONE] = "none",
	[DEEZER_MEDIA_RIGHTS] = "rights",
	[DEEZER_MEDIA_PLAN] = "plan",
	[DEEZER_MEDIA_REFUSED] = "refused",
	[DEEZER_MEDIA_DOWN] = "down",
	[DEEZER_MEDIA_BROKEN] = "broken",
};

static const struct {
	const char *name;
	enum track_quality quality;
} formats[] = {
	{ "FLAC", TRACK_FLAC },
	{ "MP3_320", TRACK_MP3_320 },
	{ "MP3_128", TRACK_MP3_128 },
	{ "MP3_MISC", TRACK_MP3_128 },
};

static void
wipe(char *text)
{
	if (text != NULL)
		explicit_bzero(text, strlen(text));
	xfree(text);
}

/* Visible ASCII without what ends a cookie, so that it can go into a header. */
static bool
is_token(const char *text)
{
	size_t size = text != NULL ? strlen(text) : 0;

	for (size_t i = 0; i < size; i++) {
		if (text[i] <= ' ' || text[i] >= 0x7f || text[i] == ';')
			return false;
	}
	return size > 0 && size <= MAX_TOKEN;
}

static int64_t
read_time_ms(const json_t *object, const char *name)
{
	int64_t seconds = json_int(object, name, 0);

	return seconds > 0 && seconds <= max_time_s ? seconds * MS_PER_S : 0;
}

/* ---- the session ---- */

const char *
deezer_gw_read_ping(const json_t *results)
{
	const char *sid = json_text(results, "SESSION");

	return is_token(sid) ? sid : NULL;
}

bool
deezer_gw_read_user(struct deezer_gw_user *user, const json_t *results)
{
	const json_t *person = json_member(results, "USER");
	const json_t *options = json_member(person, "OPTIONS");
	const json_t *quality = json_member(options, "web_sound_quality");
	const char *api_token = json_text(results, "checkForm");
	const char *license = json_text(options, "license_token");

	*user = (struct deezer_gw_user){ 0 };
	if (!json_is_object(person))
		return false;
	user->anonymous = json_int(person, "USER_ID", 0) == 0;
	if (user->anonymous)
		return true;
	if (!is_token(api_token) || !is_token(license))
		return false;
	user->api_token = xstrdup(api_token);
	user->license_token = xstrdup(license);
	user->expires_wall_ms = read_time_ms(options, "expiration_timestamp");
	user->has_flac =
		json_bool(options, "web_lossless", json_bool(quality, "lossless", false));
	user->has_320 = user->has_flac ||
			json_bool(options, "web_hq", json_bool(quality, "high", false));
	return true;
}

void
deezer_gw_user_fini(struct deezer_gw_user *user)
{
	wipe(user->api_token);
	wipe(user->license_token);
	*user = (struct deezer_gw_user){ 0 };
}

/* ---- songs ---- */

static int64_t
read_size(const json_t *object, const char *name)
{
	int64_t size = json_int(object, name, 0);

	return size > 0 && size <= max_size ? size : 0;
}

/* A number as text, which the cipher's key is made of: as it was written. */
static bool
read_id(char *to, const json_t *object)
{
	const char *text = json_text(object, "SNG_ID");
	int64_t number = 0;

	if (text == NULL) {
		number = json_int(object, "SNG_ID", 0);
		snprintf(to, EXTERNAL_ID_KEY, "%lld", (long long)number);
		return number != 0;
	}
	return text_to_i64(text, &number) && number != 0 &&
	       copy_text(to, EXTERNAL_ID_KEY, text);
}

static bool
read_file(struct deezer_gw_file *file, const json_t *object)
{
	const char *token = json_text(object, "TRACK_TOKEN");
	int64_t misc = read_size(object, "FILESIZE_MP3_MISC");
	int64_t seconds = json_int(object, "DURATION", 0);

	*file = (struct deezer_gw_file){ 0 };
	if (!is_token(token) || !read_id(file->song_id, object))
		return false;
	file->token = xstrdup(token);
	file->token_expires_wall_ms = read_time_ms(object, "TRACK_TOKEN_EXPIRE");
	file->duration_ms = seconds > 0 && seconds <= INT32_MAX ? seconds * MS_PER_S : 0;
	file->sizes[TRACK_FLAC] = read_size(object, "FILESIZE_FLAC");
	file->sizes[TRACK_MP3_320] = read_size(object, "FILESIZE_MP3_320");
	file->sizes[TRACK_MP3_128] = read_size(object, "FILESIZE_MP3_128");
	file->misc =
		deezer_gw_qualities(file) == 0 && (misc > 0 || file->song_id[0] == '-');
	if (file->misc)
		file->sizes[TRACK_MP3_128] =
			misc > 0 ? misc : read_size(object, "FILESIZE");
	return true;
}

static bool
read_rights(const json_t *object)
{
	const json_t *rights = json_member(object, "RIGHTS");

	/* Uploads have none and need none. */
	return rights == NULL || json_object_size(rights) > 0;
}

bool
deezer_gw_read_song(struct deezer_gw_song *song, const json_t *results)
{
	const json_t *one = json_array_get(json_member(results, "data"), 0);
	const json_t *other = json_member(one, "FALLBACK");

	*song = (struct deezer_gw_song){ 0 };
	bool has_own = read_file(&song->own, one);
	song->has_fallback =
		json_object_size(other) > 0 && read_file(&song->fallback, other);
	song->has_rights = read_rights(one);
	if (!has_own && song->has_fallback) {
		song->own = song->fallback;
		song->fallback = (struct deezer_gw_file){ 0 };
		song->has_fallback = false;
		song->has_rights = true;
	}
	return has_own || song->own.token != NULL;
}

static void
copy_file(struct deezer_gw_file *to, const struct deezer_gw_file *from)
{
	*to = *from;
	to->token = xstrdup_or_null(from->token);
}

void
deezer_gw_song_copy(struct deezer_gw_song *to, const struct deezer_gw_song *from)
{
	*to = *from;
	copy_file(&to->own, &from->own);
	copy_file(&to->fallback, &from->fallback);
}

void
deezer_gw_song_fini(struct deezer_gw_song *song)
{
	wipe(song->own.token);
	wipe(song->fallback.token);
	*song = (struct deezer_gw_song){ 0 };
}

track_quality_set
deezer_gw_qualities(const struct deezer_gw_file *file)
{
	track_quality_set set = 0;

	for (int quality = TRACK_MP3_128; quality <= TRACK_FLAC; quality++) {
		if (file->sizes[quality] > 0)
			set |= TRACK_BIT(quality);
	}
	return set;
}

struct track_format
deezer_gw_format(const struct deezer_gw_file *file, enum track_quality quality)
{
	struct track_format format = track_format_of(quality);

	format.size = quality <= TRACK_FLAC ? file->sizes[quality] : 0;
	format.duration_ms = file->duration_ms;
	/* FLAC and uploads have no rate of their own: that of these bytes. */
	if ((format.bitrate == 0 || file->misc) && format.duration_ms > 0)
		format.bitrate = format.size * 8 * MS_PER_S / format.duration_ms;
	return format;
}

/* ---- media ---- */

const char *
deezer_gw_media_verdict_name(enum deezer_gw_media_verdict verdict)
{
	return verdict_names[verdict];
}

static enum deezer_gw_media_verdict
verdict_of_errors(const json_t *errors, char *why, size_t why_size)
{
	const json_t *error = json_array_get(errors, 0);
	int64_t code = json_int(error, "code", 0);

	snprintf(why, why_size, "the media service says: %.100s (code %lld)",
		json_text_or(error, "message", "nothing"), (long long)code);
	if (code == RIGHTS_CODE)
		return DEEZER_MEDIA_RIGHTS;
	return code == PLAN_CODE ? DEEZER_MEDIA_PLAN : DEEZER_MEDIA_REFUSED;
}

static enum deezer_gw_media_verdict
verdict_of_status(int status, char *why, size_t why_size)
{
	snprintf(why, why_size, "the media service answered with status %d", status);
	if (status >= 500 || status == 429)
		return DEEZER_MEDIA_DOWN;
	return status == 401 || status == 403 ? DEEZER_MEDIA_REFUSED : DEEZER_MEDIA_BROKEN;
}

static bool
read_quality(struct deezer_gw_media *media, const json_t *one)
{
	const char *name = json_text_or(one, "format", "");
	const char *cipher = json_text_or(json_member(one, "cipher"), "type", "");

	media->ciphered = strcmp(cipher, "BF_CBC_STRIPE") == 0;
	if (!media->ciphered && strcmp(cipher, "NONE") != 0)
		return false;
	for (size_t i = 0; i < COUNT_OF(formats); i++) {
		if (strcmp(formats[i].name, name) == 0) {
			media->quality = formats[i].quality;
			return true;
		}
	}
	return false;
}

static enum deezer_gw_media_verdict
read_one(struct deezer_gw_media *media, const json_t *one, char *why, size_t why_size)
{
	const json_t *source;
	size_t i;

	if (!read_quality(media, one)) {
		snprintf(why, why_size, "the media service gives an unknown format");
		return DEEZER_MEDIA_BROKEN;
	}
	media->expires_wall_ms = read_time_ms(one, "exp");
	json_array_foreach (json_member(one, "sources"), i, source) {
		const char *url = json_text(source, "url");
		if (media->url_count < TRACK_SOURCE_URLS && foreign_is_url(url))
			media->urls[media->url_count++] = xstrdup(url);
	}
	if (media->url_count > 0)
		return DEEZER_MEDIA_GIVEN;
	snprintf(why, why_size, "the media service gives no address");
	return DEEZER_MEDIA_BROKEN;
}

enum deezer_gw_media_verdict
deezer_gw_read_media(struct deezer_gw_media *media, const json_t *root, int status,
	char *why, size_t why_size)
{
	const json_t *data = json_array_get(json_member(root, "data"), 0);
	const json_t *list = json_member(data, "media");

	*media = (struct deezer_gw_media){ 0 };
	if (json_array_size(json_member(root, "errors")) > 0)
		return verdict_of_errors(json_member(root, "errors"), why, why_size);
	if (json_array_size(json_member(data, "errors")) > 0)
		return verdict_of_errors(json_member(data, "errors"), why, why_size);
	if (status < 200 || status > 299)
		return verdict_of_status(status, why, why_size);
	if (json_array_size(list) > 0)
		return read_one(media, json_array_get(list, 0), why, why_size);
	if (json_is_array(list)) {
		snprintf(why, why_size, "the media service has none of the formats");
		return DEEZER_MEDIA_NONE;
	}
	snprintf(why, why_size, "the media service's answer has no media");
	return DEEZER_MEDIA_BROKEN;
}

void
deezer_gw_media_fini(struct deezer_gw_media *media)
{
	for (size_t i = 0; i < media->url_count; i++)
		wipe(media->urls[i]);
	*media = (struct deezer_gw_media){ 0 };
}
