/* Foreign answers of the gateway and the media service: the first byte is the status.
 * Whatever is accepted keeps deezer_gw's promises. */
#include "providers/deezer/deezer_gw.h"

#include "core/json.h"
#include "providers/deezer/deezer_words.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_token(const char *token)
{
	if (token == NULL || token[0] == '\0' || strpbrk(token, "\r\n; ") != NULL)
		__builtin_trap();
}

static void
check_user(const json_t *results)
{
	const char *sid = deezer_gw_read_ping(results);
	struct deezer_gw_user user;

	if (sid != NULL)
		check_token(sid);
	if (deezer_gw_read_user(&user, results) && !user.anonymous) {
		check_token(user.api_token);
		check_token(user.license_token);
		if (user.expires_wall_ms < 0 || (user.has_flac && !user.has_320))
			__builtin_trap();
	}
	deezer_gw_user_fini(&user);
}

static void
check_file(const struct deezer_gw_file *file)
{
	int64_t number;

	check_token(file->token);
	if (!text_to_i64(file->song_id, &number) || number == 0 || file->duration_ms < 0)
		__builtin_trap();
	for (int quality = TRACK_PREVIEW; quality <= TRACK_FLAC; quality++) {
		struct track_format format =
			deezer_gw_format(file, (enum track_quality)quality);
		if (format.size < 0 || format.bitrate < 0)
			__builtin_trap();
	}
}

static void
check_song(const json_t *results)
{
	struct deezer_gw_song song, copy;

	if (deezer_gw_read_song(&song, results)) {
		check_file(&song.own);
		if (song.has_fallback)
			check_file(&song.fallback);
		deezer_gw_song_copy(&copy, &song);
		deezer_gw_song_fini(&copy);
	}
	deezer_gw_song_fini(&song);
}

static void
check_words(const json_t *results)
{
	struct lyrics lyrics;

	if (!deezer_words_read(&lyrics, results))
		return;
	if (lyrics.count == 0)
		__builtin_trap();
	for (size_t i = 0; i < lyrics.count; i++) {
		int64_t before_ms = i > 0 ? lyrics.lines[i - 1].start_ms : 0;
		if (lyrics.lines[i].text == NULL ||
			(lyrics.synced && lyrics.lines[i].start_ms < before_ms))
			__builtin_trap();
	}
	lyrics_fini(&lyrics);
}

static void
check_media(const json_t *root, int status)
{
	struct deezer_gw_media media;
	char why[80];

	bool given = deezer_gw_read_media(&media, root, status, why, sizeof why) ==
		     DEEZER_MEDIA_GIVEN;
	if (given != (media.url_count > 0) || media.url_count > TRACK_SOURCE_URLS)
		__builtin_trap();
	for (size_t i = 0; i < media.url_count; i++) {
		if (strpbrk(media.urls[i], "\r\n ") != NULL)
			__builtin_trap();
	}
	deezer_gw_media_fini(&media);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int statuses[] = { 200, 200, 200, 204, 302, 401, 404, 429, 500 };
	char why[80];

	if (size == 0)
		return 0;
	int status = statuses[data[0] % COUNT_OF(statuses)];
	json_t *root = json_parse_new(data + 1, size - 1);
	if (deezer_gw_check(root, status, why, sizeof why) == DEEZER_GW_WELL &&
		json_member(root, "results") == NULL)
		__builtin_trap();
	check_user(json_member(root, "results"));
	check_song(json_member(root, "results"));
	check_words(json_member(root, "results"));
	check_media(root, status);
	json_decref(root);
	return 0;
}
