#include "providers/qobuz/qobuz_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/json.h"

#define NOW 1000000000000

#define URL "\"url\":\"https://cdn.example/file?uid=1&etsp=1893456000&hmac=A\""
#define FULL                                                                               \
	"{" URL ",\"format_id\":27,\"mime_type\":\"audio/flac\",\"sampling_rate\":192,"    \
	"\"bit_depth\":24,\"duration\":245}"

static enum err
read_json(struct qobuz_file *file, const char *json)
{
	json_t *root = json_parse_new(json, strlen(json));
	char why[200] = "";
	enum err err = qobuz_file_read(file, root, NOW, why, sizeof why);

	assert_int_equal(err != ERR_NONE, why[0] != '\0');
	json_decref(root);
	return err;
}

static void
a_song_has_address_format_and_expiry(void **state)
{
	struct qobuz_file file;

	(void)state;
	assert_int_equal(read_json(&file, FULL), ERR_NONE);
	assert_string_equal(
		file.url, "https://cdn.example/file?uid=1&etsp=1893456000&hmac=A");
	/* A minute early. */
	assert_int_equal(file.expires_wall_ms, 1893455940000);
	assert_int_equal(file.format.quality, TRACK_FLAC_192);
	assert_int_equal(file.format.sample_rate, 192000);
	assert_int_equal(file.format.bit_depth, 24);
	assert_int_equal(file.format.duration_ms, 245000);
	assert_int_equal(file.format.channels, 2);
	assert_false(file.is_sample);
	struct qobuz_file copy = qobuz_file_copy(&file);
	assert_string_equal(copy.url, file.url);
	assert_ptr_not_equal(copy.url, file.url);
	qobuz_file_fini(&copy);
	qobuz_file_fini(&file);
	assert_null(file.url);
}

static void
an_address_that_does_not_say_is_good_for_five_minutes(void **state)
{
	static const char *const urls[] = {
		"https://cdn.example/file",
		"https://cdn.example/file?betsp=1893456000",
		"https://cdn.example/file?etsp=",
		"https://cdn.example/file?etsp=99999999999999999999",
		"https://cdn.example/etsp=1893456000",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(urls); i++) {
		struct qobuz_file file;
		char json[300];
		snprintf(json, sizeof json,
			"{\"url\":\"%s\",\"format_id\":5,\"sampling_rate\":44.1}", urls[i]);
		assert_int_equal(read_json(&file, json), ERR_NONE);
		assert_int_equal(file.expires_wall_ms, NOW + 5 * 60 * 1000);
		qobuz_file_fini(&file);
	}
}

static void
what_came_counts_and_not_what_it_is_called(void **state)
{
	static const struct {
		const char *json;
		enum track_quality quality;
		int64_t rate;
		int depth;
	} rows[] = {
		{ "\"format_id\":5,\"mime_type\":\"audio/mpeg\",\"sampling_rate\":44.1",
			TRACK_MP3_320, 44100, 0 },
		{ "\"format_id\":6,\"mime_type\":\"audio/flac\",\"sampling_rate\":44.1,"
		  "\"bit_depth\":16",
			TRACK_FLAC, 44100, 16 },
		{ "\"format_id\":7,\"mime_type\":\"audio/flac\",\"sampling_rate\":88.2,"
		  "\"bit_depth\":24",
			TRACK_FLAC_96, 88200, 24 },
		/* Called the highest, and is not. */
		{ "\"format_id\":27,\"mime_type\":\"audio/flac\",\"sampling_rate\":96,"
		  "\"bit_depth\":24",
			TRACK_FLAC_96, 96000, 24 },
		{ "\"format_id\":27,\"mime_type\":\"audio/flac\",\"sampling_rate\":44.1,"
		  "\"bit_depth\":16",
			TRACK_FLAC, 44100, 16 },
		{ "\"format_id\":27,\"mime_type\":\"audio/mpeg\",\"sampling_rate\":44.1,"
		  "\"bit_depth\":16",
			TRACK_MP3_320, 44100, 0 },
		/* Hz, and another name of the depth. */
		{ "\"format_id\":7,\"mime_type\":\"audio/flac\",\"sampling_rate\":44100,"
		  "\"bits_depth\":24",
			TRACK_FLAC_96, 44100, 24 },
		{ "\"format_id\":6,\"sampling_rate\":44.1", TRACK_FLAC, 44100, 16 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct qobuz_file file;
		char json[300];
		snprintf(json, sizeof json, "{" URL ",%s}", rows[i].json);
		if (read_json(&file, json) != ERR_NONE)
			fail_msg("%s", rows[i].json);
		if (file.format.quality != rows[i].quality)
			fail_msg("%s is %s", rows[i].json,
				track_quality_name(file.format.quality));
		assert_int_equal(file.format.sample_rate, rows[i].rate);
		assert_int_equal(file.format.bit_depth, rows[i].depth);
		assert_false(file.is_sample);
		qobuz_file_fini(&file);
	}
}

static void
half_a_minute_never_passes_for_a_song(void **state)
{
	static const char *const rows[] = {
		"\"sample\":true,\"sampling_rate\":44.1,\"format_id\":5,\"mime_type\":"
		"\"audio/mpeg\"",
		"\"format_id\":5,\"mime_type\":\"audio/mpeg\",\"duration\":30",
		"\"format_id\":5,\"sampling_rate\":44.1,\"restrictions\":[{\"code\":"
		"\"UserUncredentialed\"}]",
		"\"format_id\":5,\"sampling_rate\":44.1,\"restrictions\":[{\"code\":\"X\"},"
		"{\"code\":\"UserUnauthenticated\"}]",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct qobuz_file file;
		char json[300];
		snprintf(json, sizeof json, "{" URL ",%s}", rows[i]);
		assert_int_equal(read_json(&file, json), ERR_NONE);
		if (!file.is_sample || file.format.quality != TRACK_PREVIEW)
			fail_msg("%s", rows[i]);
		assert_int_equal(file.format.bitrate, 320000);
		qobuz_file_fini(&file);
	}
	/* A preview is an MP3: a lower format may be one. */
	struct qobuz_file file;
	assert_int_equal(
		read_json(&file,
			"{" URL ",\"sample\":true,\"format_id\":6,\"sampling_rate\":44.1}"),
		ERR_NONE);
	assert_true(file.is_sample);
	assert_true(file.try_lower);
	assert_null(file.url);
}

static void
no_address_is_a_refusal_with_its_reason(void **state)
{
	static const struct {
		const char *json, *reason;
		bool try_lower, unpaid, nobody;
	} rows[] = {
		{ "{}", "", true, false, false },
		{ "{\"url\":\"\"}", "", true, false, false },
		{ "{\"restrictions\":[{\"code\":\"FormatRestrictedByFormatAvailability\"}]"
		  "}",
			"FormatRestrictedByFormatAvailability", true, false, false },
		{ "{\"restrictions\":[{\"code\":\"TrackRestrictedByRightHolders\"}]}",
			"TrackRestrictedByRightHolders", false, false, false },
		{ "{\"restrictions\":[{\"code\":\"FormatRestrictedByFormatAvailability\"},"
		  "{\"code\":\"UserUncredentialed\"}]}",
			"FormatRestrictedByFormatAvailability", false, true, false },
		{ "{\"restrictions\":[{\"code\":\"UserUnauthenticated\"}]}",
			"UserUnauthenticated", false, false, true },
		{ "{\"restrictions\":[{\"code\":\"<b>x</b>\"}]}", "", false, false, false },
		{ "{\"restrictions\":[{}]}", "", false, false, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct qobuz_file file;
		assert_int_equal(read_json(&file, rows[i].json), ERR_NONE);
		assert_null(file.url);
		assert_string_equal(file.reason, rows[i].reason);
		assert_int_equal(file.try_lower, rows[i].try_lower);
		assert_int_equal(file.unpaid, rows[i].unpaid);
		assert_int_equal(file.nobody, rows[i].nobody);
		qobuz_file_fini(&file);
	}
}

static void
what_is_no_sound_is_nonsense(void **state)
{
	static const char *const rows[] = {
		"{\"url\":\"file:///etc/passwd\",\"format_id\":5,\"sampling_rate\":44.1}",
		"{\"url\":\"https://x/a b\",\"format_id\":5,\"sampling_rate\":44.1}",
		"{" URL ",\"mime_type\":\"audio/mp4; codecs=\\\"flac\\\"\",\"format_id\":6,"
		"\"sampling_rate\":44.1}",
		"{" URL ",\"format_id\":9,\"sampling_rate\":44.1}",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct qobuz_file file;
		assert_int_equal(read_json(&file, rows[i]), ERR_PROTOCOL);
		assert_null(file.url);
	}
}

static void
formats_are_asked_for_from_the_best_wished(void **state)
{
	static const struct {
		track_quality_set wished;
		size_t count;
		int formats[QOBUZ_FORMATS];
	} rows[] = {
		{ TRACK_ALL_FULL, 4, { 27, 7, 6, 5 } },
		{ TRACK_BIT(TRACK_FLAC) | TRACK_BIT(TRACK_MP3_320), 2, { 6, 5 } },
		{ TRACK_BIT(TRACK_PREVIEW), 1, { 5 } },
		{ TRACK_BIT(TRACK_FLAC_192), 1, { 27 } },
		{ TRACK_BIT(TRACK_MP3_128), 0, { 0 } },
		{ 0, 0, { 0 } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		int formats[QOBUZ_FORMATS];
		size_t count = qobuz_file_formats(formats, rows[i].wished);
		assert_int_equal(count, rows[i].count);
		assert_memory_equal(formats, rows[i].formats, count * sizeof formats[0]);
	}
}

static void
every_example_at_hand_is_read(void **state)
{
	static const struct {
		const char *path;
		bool playable, sample;
	} rows[] = {
		{ "qobuz/track_getFileUrl_fmt6.json", true, false },
		{ "qobuz-synthetic/track_getFileUrl_downgraded.json", true, false },
		{ "qobuz-synthetic/track_getFileUrl_sample.json", true, true },
		{ "qobuz-synthetic/track_getFileUrl_no_url.json", false, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct qobuz_file file;
		char path[200], why[200] = "";
		snprintf(path, sizeof path, "../shared/data/%s", rows[i].path);
		json_t *root = json_load_file(path, 0, NULL);
		if (root == NULL)
			skip();
		enum err err = qobuz_file_read(&file, root, NOW, why, sizeof why);
		if (err != ERR_NONE)
			fail_msg("%s: %s", rows[i].path, why);
		assert_int_equal(file.url != NULL, rows[i].playable);
		assert_int_equal(file.is_sample, rows[i].sample);
		assert_true(file.url == NULL || file.is_sample ||
			    file.format.quality == TRACK_FLAC);
		qobuz_file_fini(&file);
		json_decref(root);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_song_has_address_format_and_expiry),
		cmocka_unit_test(an_address_that_does_not_say_is_good_for_five_minutes),
		cmocka_unit_test(what_came_counts_and_not_what_it_is_called),
		cmocka_unit_test(half_a_minute_never_passes_for_a_song),
		cmocka_unit_test(no_address_is_a_refusal_with_its_reason),
		cmocka_unit_test(what_is_no_sound_is_nonsense),
		cmocka_unit_test(formats_are_asked_for_from_the_best_wished),
		cmocka_unit_test(every_example_at_hand_is_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
