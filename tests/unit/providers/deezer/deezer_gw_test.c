#include "providers/deezer/deezer_gw.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/json.h"

/* Written to the shapes of the real ones; without them what needs them is left out. */
#define SYNTHETIC "../shared/data/deezer-gw-synthetic/"

static json_t *
parse(const char *text)
{
	return json_parse_new(text, strlen(text));
}

static json_t *
load(const char *name)
{
	json_error_t error;
	char path[200];

	snprintf(path, sizeof path, SYNTHETIC "%s.json", name);
	json_t *root = json_load_file(path, 0, &error);
	if (root == NULL)
		skip();
	return root;
}

static void
every_shape_of_an_error_is_told_apart(void **state)
{
	static const struct {
		const char *body;
		int status;
		enum deezer_gw_fault fault;
	} rows[] = {
		{ "{\"error\":[],\"results\":{}}", 200, DEEZER_GW_WELL },
		{ "{\"error\":{},\"results\":{\"a\":1}}", 200, DEEZER_GW_WELL },
		{ "{\"results\":true}", 200, DEEZER_GW_WELL },
		{ "{\"error\":null,\"results\":[]}", 200, DEEZER_GW_WELL },
		{ "{\"error\":{\"VALID_TOKEN_REQUIRED\":\"Invalid CSRF token\"},"
		  "\"results\":{}}",
			200, DEEZER_GW_STALE },
		{ "{\"error\":{\"GATEWAY_ERROR\":\"invalid api token\"},\"results\":{}}",
			200, DEEZER_GW_STALE },
		{ "{\"error\":{\"NEED_API_AUTH_REQUIRED\":\"x\"}}", 200, DEEZER_GW_NOBODY },
		{ "{\"error\":{\"NEED_USER_AUTH_REQUIRED\":\"x\"}}", 200,
			DEEZER_GW_NOBODY },
		{ "{\"error\":{\"OTHER\":1,\"NEED_USER_AUTH_REQUIRED\":\"x\"}}", 200,
			DEEZER_GW_NOBODY },
		{ "{\"error\":[\"VALID_TOKEN_REQUIRED\"]}", 200, DEEZER_GW_STALE },
		{ "{\"error\":\"GATEWAY_ERROR\"}", 200, DEEZER_GW_STALE },
		{ "{\"error\":{\"DATA_ERROR\":\"No data\"},\"results\":{}}", 200,
			DEEZER_GW_NO_DATA },
		{ "{\"error\":{\"type\":\"DataException\",\"code\":800}}", 404,
			DEEZER_GW_NO_DATA },
		{ "{\"error\":{\"type\":\"Exception\",\"message\":\"Quota limit "
		  "exceeded\",\"code\":4}}",
			200, DEEZER_GW_QUOTA },
		{ "{\"error\":{\"code\":\"4\"}}", 200, DEEZER_GW_QUOTA },
		{ "{\"error\":{\"QUOTA_ERROR\":\"x\"}}", 200, DEEZER_GW_QUOTA },
		{ "", 429, DEEZER_GW_QUOTA },
		{ "{\"error\":{\"REQUEST_ERROR\":\"Wrong parameters\"}}", 200,
			DEEZER_GW_REFUSED },
		{ "{\"error\":[\"REQUEST_ERROR\"]}", 200, DEEZER_GW_REFUSED },
		{ "<html>", 403, DEEZER_GW_NOBODY },
		{ "", 401, DEEZER_GW_NOBODY },
		{ "<html>", 502, DEEZER_GW_DOWN },
		{ "{\"error\":[],\"results\":{}}", 500, DEEZER_GW_DOWN },
		{ "<html>", 200, DEEZER_GW_BROKEN },
		{ "", 302, DEEZER_GW_BROKEN },
		{ "{}", 200, DEEZER_GW_BROKEN },
		{ "[]", 200, DEEZER_GW_BROKEN },
		{ "false", 200, DEEZER_GW_BROKEN },
		{ "{\"error\":[]}", 200, DEEZER_GW_BROKEN },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char why[100] = "";
		json_t *root = parse(rows[i].body);
		enum deezer_gw_fault fault =
			deezer_gw_check(root, rows[i].status, why, sizeof why);
		if (fault != rows[i].fault)
			print_error("row %zu\n", i);
		assert_int_equal(fault, rows[i].fault);
		assert_int_equal(why[0] == '\0', fault == DEEZER_GW_WELL);
		json_decref(root);
	}
}

static void
the_errors_seen_are_known(void **state)
{
	static const struct {
		const char *name;
		enum deezer_gw_fault fault;
	} rows[] = {
		{ "ping", DEEZER_GW_WELL },
		{ "getUserData_anonymous", DEEZER_GW_WELL },
		{ "error_VALID_TOKEN_REQUIRED", DEEZER_GW_STALE },
		{ "error_NEED_API_AUTH_REQUIRED", DEEZER_GW_NOBODY },
		{ "error_DATA_ERROR", DEEZER_GW_NO_DATA },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		json_t *root = load(rows[i].name);
		char why[100];
		assert_int_equal(
			deezer_gw_check(root, 200, why, sizeof why), rows[i].fault);
		json_decref(root);
	}
}

static void
questions_are_asked_as_the_gateway_wants_them(void **state)
{
	struct text text;

	(void)state;
	text_init(&text);
	deezer_gw_url(&text, "https://www.deezer.com/", "deezer.ping", "");
	assert_string_equal(text_get(&text),
		"https://www.deezer.com/ajax/gw-light.php?method=deezer.ping&input=3"
		"&api_version=1.0&api_token=");
	text_clear(&text);
	deezer_gw_url(&text, "http://x", "song.getListData", "a~/b");
	assert_string_equal(text_get(&text),
		"http://x/ajax/gw-light.php?method=song.getListData&input=3"
		"&api_version=1.0&api_token=a~%2Fb");
	text_clear(&text);
	deezer_gw_cookie(&text, "c0ffee", NULL);
	assert_string_equal(text_get(&text), "Cookie: arl=c0ffee");
	text_clear(&text);
	deezer_gw_cookie(&text, "c0ffee", "fr1");
	assert_string_equal(text_get(&text), "Cookie: arl=c0ffee; sid=fr1");
	text_clear(&text);
	deezer_gw_song_body(&text, "-77");
	assert_string_equal(text_get(&text), "{\"sng_ids\":[\"-77\"]}");
	text_clear(&text);
	deezer_gw_lyrics_body(&text, "5");
	assert_string_equal(text_get(&text), "{\"sng_id\":\"5\"}");
	text_clear(&text);
	deezer_gw_media_url(&text, "https://media.deezer.com");
	assert_string_equal(text_get(&text), "https://media.deezer.com/v1/get_url");
	text_fini(&text);
}

static void
check_formats(track_quality_set qualities, bool misc, const char *wanted)
{
	struct text body, names;
	const json_t *one;
	size_t i;

	text_init(&body);
	text_init(&names);
	deezer_gw_media_body(&body, "LIC\"x", "TT", qualities, misc);
	json_t *root = json_parse_new(body.data, body.size);
	const json_t *media = json_array_get(json_member(root, "media"), 0);
	json_array_foreach (json_member(media, "formats"), i, one) {
		text_addf(&names, "%s ", json_text(one, "format"));
		assert_string_equal(json_text(one, "cipher"), "BF_CBC_STRIPE");
	}
	assert_string_equal(text_get(&names), wanted);
	assert_string_equal(json_text(media, "type"), "FULL");
	assert_string_equal(json_text(root, "license_token"), "LIC\"x");
	assert_string_equal(
		json_string_value(json_array_get(json_member(root, "track_tokens"), 0)),
		"TT");
	json_decref(root);
	text_fini(&names);
	text_fini(&body);
}

static void
formats_are_wished_the_best_first(void **state)
{
	(void)state;
	check_formats(TRACK_ALL_FULL, false, "FLAC MP3_320 MP3_128 ");
	check_formats(
		TRACK_BIT(TRACK_MP3_128) | TRACK_BIT(TRACK_PREVIEW), false, "MP3_128 ");
	check_formats(TRACK_BIT(TRACK_FLAC), false, "FLAC ");
	check_formats(TRACK_ALL_FULL, true, "MP3_MISC ");
	check_formats(0, false, "");
}

#define USER(id, options)                                                                  \
	"{\"USER\":{\"USER_ID\":" id ",\"OPTIONS\":{\"license_token\":\"L\"" options       \
	"}},\"checkForm\":\"C\"}"

static void
an_account_says_who_it_is_and_what_it_has(void **state)
{
	static const struct {
		const char *results;
		bool well, anonymous, has_320, has_flac;
		int64_t expires_ms;
	} rows[] = {
		{ USER("7", ",\"web_hq\":true,\"web_lossless\":true,"
			    "\"expiration_timestamp\":1893456000"),
			true, false, true, true, 1893456000000 },
		{ USER("\"7\"", ",\"web_hq\":true,\"expiration_timestamp\":\"5\""), true,
			false, true, false, 5000 },
		{ USER("7", ",\"web_hq\":false,\"web_lossless\":false"), true, false, false,
			false, 0 },
		{ USER("7", ",\"web_sound_quality\":{\"high\":true,\"lossless\":true}"),
			true, false, true, true, 0 },
		{ USER("7", ",\"web_hq\":false,\"web_sound_quality\":{\"high\":true}"),
			true, false, false, false, 0 },
		{ USER("7", ",\"expiration_timestamp\":-4"), true, false, false, false, 0 },
		{ USER("0", ",\"web_lossless\":true"), true, true, false, false, 0 },
		{ USER("\"0\"", ""), true, true, false, false, 0 },
		{ "{\"USER\":{}}", true, true, false, false, 0 },
		{ "{\"USER\":[]}", false, false, false, false, 0 },
		{ "{\"USER\":{\"USER_ID\":7,\"OPTIONS\":[]},\"checkForm\":\"C\"}", false,
			false, false, false, 0 },
		{ "{\"USER\":{\"USER_ID\":7,\"OPTIONS\":{\"license_token\":\"L\"}}}", false,
			false, false, false, 0 },
		{ "{\"USER\":{\"USER_ID\":7,\"OPTIONS\":{\"license_token\":\"L\"}},"
		  "\"checkForm\":\"C\\r\\nX: y\"}",
			false, false, false, false, 0 },
		{ "{}", false, false, false, false, 0 },
		{ "[]", false, false, false, false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		json_t *results = parse(rows[i].results);
		struct deezer_gw_user user;
		bool well = deezer_gw_read_user(&user, results);
		if (well != rows[i].well)
			print_error("row %zu\n", i);
		assert_int_equal(well, rows[i].well);
		assert_int_equal(user.anonymous, rows[i].anonymous);
		assert_int_equal(user.has_320, rows[i].has_320);
		assert_int_equal(user.has_flac, rows[i].has_flac);
		assert_int_equal(user.expires_wall_ms, rows[i].expires_ms);
		assert_int_equal(user.api_token != NULL, well && !user.anonymous);
		deezer_gw_user_fini(&user);
		json_decref(results);
	}
}

static void
the_sessions_seen_are_read(void **state)
{
	json_t *ping = load("ping"), *premium = load("getUserData_premium"),
	       *anonymous = load("getUserData_anonymous");
	struct deezer_gw_user user;

	(void)state;
	assert_string_equal(
		deezer_gw_read_ping(json_member(ping, "results")), "frSYNTHETICSESSION");
	assert_true(deezer_gw_read_user(&user, json_member(premium, "results")));
	assert_false(user.anonymous);
	assert_string_equal(user.api_token, "CSRF-SYNTHETIC-TOKEN");
	assert_string_equal(user.license_token, "LIC-SYNTHETIC-TOKEN");
	assert_true(user.has_320 && user.has_flac);
	assert_int_equal(user.expires_wall_ms, 1893456000000);
	deezer_gw_user_fini(&user);
	assert_true(deezer_gw_read_user(&user, json_member(anonymous, "results")));
	assert_true(user.anonymous);
	deezer_gw_user_fini(&user);
	json_decref(ping);
	json_decref(premium);
	json_decref(anonymous);
}

static void
a_session_id_must_fit_into_a_cookie(void **state)
{
	static const char *const bad[] = { "{}", "[]", "{\"SESSION\":\"\"}",
		"{\"SESSION\":5}", "{\"SESSION\":\"a b\"}", "{\"SESSION\":\"a;b\"}",
		"{\"SESSION\":\"a\\nb\"}" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		json_t *results = parse(bad[i]);
		assert_null(deezer_gw_read_ping(results));
		json_decref(results);
	}
	assert_null(deezer_gw_read_ping(NULL));
}

static void
the_songs_seen_are_read(void **state)
{
	json_t *plain = load("song_getListData"),
	       *other = load("song_getListData_fallback");
	struct deezer_gw_song song, copy;

	(void)state;
	assert_true(deezer_gw_read_song(&song, json_member(plain, "results")));
	assert_string_equal(song.own.song_id, "3135556");
	assert_string_equal(song.own.token, "TT-SYNTHETIC-TOKEN");
	assert_int_equal(song.own.token_expires_wall_ms, 1893456000000);
	assert_int_equal(deezer_gw_qualities(&song.own), TRACK_BIT(TRACK_FLAC) |
								 TRACK_BIT(TRACK_MP3_320) |
								 TRACK_BIT(TRACK_MP3_128));
	struct track_format format = deezer_gw_format(&song.own, TRACK_FLAC);
	assert_int_equal(format.size, 27000000);
	assert_int_equal(format.duration_ms, 226000);
	assert_int_equal(format.bitrate, 27000000ll * 8000 / 226000);
	assert_int_equal(deezer_gw_format(&song.own, TRACK_MP3_320).bitrate, 320000);
	assert_true(song.has_rights);
	assert_false(song.has_fallback || song.own.misc);
	deezer_gw_song_fini(&song);

	assert_true(deezer_gw_read_song(&song, json_member(other, "results")));
	assert_false(song.has_rights);
	assert_true(song.has_fallback);
	deezer_gw_song_copy(&copy, &song);
	deezer_gw_song_fini(&song);
	assert_string_equal(copy.own.token, "TT-NORIGHTS");
	assert_string_equal(copy.fallback.song_id, "4288426");
	assert_string_equal(copy.fallback.token, "TT-FALLBACK");
	deezer_gw_song_fini(&copy);
	json_decref(plain);
	json_decref(other);
}

#define SONG(members) "{\"data\":[{\"SNG_ID\":\"5\"," members "}]}"

static void
songs_come_in_odd_shapes(void **state)
{
	static const struct {
		const char *results;
		const char *id; /* NULL: no song */
		track_quality_set qualities;
		bool misc, has_rights, has_fallback;
	} rows[] = {
		{ SONG("\"TRACK_TOKEN\":\"T\",\"FILESIZE_FLAC\":\"0\","
		       "\"FILESIZE_MP3_320\":0,\"FILESIZE_MP3_128\":\"12\",\"RIGHTS\":[]"),
			"5", TRACK_BIT(TRACK_MP3_128), false, false, false },
		{ SONG("\"TRACK_TOKEN\":\"T\",\"FILESIZE_FLAC\":77,\"RIGHTS\":{\"x\":1}"),
			"5", TRACK_BIT(TRACK_FLAC), false, true, false },
		{ SONG("\"TRACK_TOKEN\":\"T\",\"FILESIZE_FLAC\":\"-3\","
		       "\"FILESIZE_MP3_320\":\"999999999999999\""),
			"5", 0, false, true, false },
		{ "{\"data\":[{\"SNG_ID\":\"-77\",\"TRACK_TOKEN\":\"T\","
		  "\"FILESIZE_MP3_MISC\":\"4000\",\"RIGHTS\":{}}]}",
			"-77", TRACK_BIT(TRACK_MP3_128), true, false, false },
		{ "{\"data\":[{\"SNG_ID\":-77,\"TRACK_TOKEN\":\"T\",\"FILESIZE\":\"9\"}]}",
			"-77", TRACK_BIT(TRACK_MP3_128), true, true, false },
		{ SONG("\"RIGHTS\":[],\"FALLBACK\":{\"SNG_ID\":\"6\",\"TRACK_TOKEN\":\"T\","
		       "\"FILESIZE_FLAC\":\"7\"}"),
			"6", TRACK_BIT(TRACK_FLAC), false, true, false },
		{ SONG("\"TRACK_TOKEN\":\"T\",\"FALLBACK\":[]"), "5", 0, false, true,
			false },
		{ SONG("\"TRACK_TOKEN\":\"T\",\"FALLBACK\":{\"SNG_ID\":\"6\"}"), "5", 0,
			false, true, false },
		{ SONG("\"TRACK_TOKEN\":\"T\",\"FALLBACK\":{\"SNG_ID\":6,\"TRACK_TOKEN\":"
		       "\"U\",\"FALLBACK\":{\"SNG_ID\":7,\"TRACK_TOKEN\":\"V\"}}"),
			"5", 0, false, true, true },
		{ SONG("\"TRACK_TOKEN\":\"\""), NULL, 0, false, false, false },
		{ "{\"data\":[{\"SNG_ID\":\"x\",\"TRACK_TOKEN\":\"T\"}]}", NULL, 0, false,
			false, false },
		{ "{\"data\":[{\"SNG_ID\":\"99999999999999999999999\","
		  "\"TRACK_TOKEN\":\"T\"}]}",
			NULL, 0, false, false, false },
		{ "{\"data\":[]}", NULL, 0, false, false, false },
		{ "{\"data\":{}}", NULL, 0, false, false, false },
		{ "[]", NULL, 0, false, false, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		json_t *results = parse(rows[i].results);
		struct deezer_gw_song song;
		bool well = deezer_gw_read_song(&song, results);
		if (well != (rows[i].id != NULL))
			print_error("row %zu\n", i);
		assert_int_equal(well, rows[i].id != NULL);
		if (well) {
			assert_string_equal(song.own.song_id, rows[i].id);
			assert_int_equal(deezer_gw_qualities(&song.own), rows[i].qualities);
			assert_int_equal(song.own.misc, rows[i].misc);
			assert_int_equal(song.has_rights, rows[i].has_rights);
			assert_int_equal(song.has_fallback, rows[i].has_fallback);
		}
		deezer_gw_song_fini(&song);
		json_decref(results);
	}
}

#define MEDIA(format, cipher, sources)                                                     \
	"{\"data\":[{\"media\":[{\"format\":\"" format "\",\"cipher\":{\"type\":\"" cipher \
	"\"},\"exp\":5,\"sources\":[" sources "]}]}]}"
/* Two that are none, and five. */
#define MANY AT("ftp://x") ",{},5," AT("https://a/b c") "," FIVE
#define FIVE                                                                               \
	"{\"url\":\"https://a/1\"},{\"url\":\"https://a/2\"},{\"url\":\"https://a/"        \
	"3\"},{\"url\":\"https://a/4\"},{\"url\":\"https://a/5\"}"
#define AT(url) "{\"url\":\"" url "\"}"

static void
the_media_service_has_errors_of_its_own(void **state)
{
	static const struct {
		const char *body;
		int status;
		enum deezer_gw_media_verdict verdict;
		enum track_quality quality;
		size_t urls;
		bool ciphered;
	} rows[] = {
		{ MEDIA("FLAC", "BF_CBC_STRIPE", AT("https://a/x") "," AT("http://b/x")),
			200, DEEZER_MEDIA_GIVEN, TRACK_FLAC, 2, true },
		{ MEDIA("MP3_MISC", "NONE", AT("https://a/x")), 200, DEEZER_MEDIA_GIVEN,
			TRACK_MP3_128, 1, false },
		{ MEDIA("MP3_320", "BF_CBC_STRIPE", MANY), 200, DEEZER_MEDIA_GIVEN,
			TRACK_MP3_320, 4, true },
		{ MEDIA("FLAC", "BF_CBC_STRIPE", ""), 200, DEEZER_MEDIA_BROKEN, 0, 0,
			false },
		{ MEDIA("AC4_IMS", "BF_CBC_STRIPE", AT("https://a/x")), 200,
			DEEZER_MEDIA_BROKEN, 0, 0, false },
		{ MEDIA("FLAC", "OTHER", AT("https://a/x")), 200, DEEZER_MEDIA_BROKEN, 0, 0,
			false },
		{ "{\"data\":[{\"media\":[]}]}", 200, DEEZER_MEDIA_NONE, 0, 0, false },
		{ "{\"data\":[{\"errors\":[{\"code\":2002,\"message\":\"x\"}]}]}", 200,
			DEEZER_MEDIA_RIGHTS, 0, 0, false },
		{ "{\"data\":[{\"errors\":[{\"code\":\"1002\"}]}]}", 200, DEEZER_MEDIA_PLAN,
			0, 0, false },
		{ "{\"errors\":[{\"code\":1002}]}", 403, DEEZER_MEDIA_PLAN, 0, 0, false },
		{ "{\"errors\":[{\"code\":1000}]}", 200, DEEZER_MEDIA_REFUSED, 0, 0,
			false },
		{ "{\"errors\":[5]}", 200, DEEZER_MEDIA_REFUSED, 0, 0, false },
		{ "{\"errors\":[],\"data\":[{\"errors\":[],\"media\":[]}]}", 200,
			DEEZER_MEDIA_NONE, 0, 0, false },
		{ "", 403, DEEZER_MEDIA_REFUSED, 0, 0, false },
		{ "", 503, DEEZER_MEDIA_DOWN, 0, 0, false },
		{ "", 429, DEEZER_MEDIA_DOWN, 0, 0, false },
		{ "<html>", 200, DEEZER_MEDIA_BROKEN, 0, 0, false },
		{ "", 404, DEEZER_MEDIA_BROKEN, 0, 0, false },
		{ "{\"data\":[]}", 200, DEEZER_MEDIA_BROKEN, 0, 0, false },
		{ "{\"data\":{\"media\":5}}", 200, DEEZER_MEDIA_BROKEN, 0, 0, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		json_t *root = parse(rows[i].body);
		struct deezer_gw_media media;
		char why[200] = "";
		enum deezer_gw_media_verdict verdict =
			deezer_gw_read_media(&media, root, rows[i].status, why, sizeof why);
		if (verdict != rows[i].verdict)
			print_error(
				"row %zu: %s\n", i, deezer_gw_media_verdict_name(verdict));
		assert_int_equal(verdict, rows[i].verdict);
		assert_int_equal(media.url_count, rows[i].urls);
		assert_int_equal(why[0] == '\0', verdict == DEEZER_MEDIA_GIVEN);
		if (verdict == DEEZER_MEDIA_GIVEN) {
			assert_int_equal(media.quality, rows[i].quality);
			assert_int_equal(media.ciphered, rows[i].ciphered);
			assert_int_equal(media.expires_wall_ms, 5000);
		}
		deezer_gw_media_fini(&media);
		json_decref(root);
	}
}

static void
the_media_seen_are_read(void **state)
{
	static const struct {
		const char *name;
		enum deezer_gw_media_verdict verdict;
	} rows[] = {
		{ "get_url_ok", DEEZER_MEDIA_GIVEN },
		{ "get_url_empty_media", DEEZER_MEDIA_NONE },
		{ "get_url_2002_rights", DEEZER_MEDIA_RIGHTS },
		{ "get_url_1002_license", DEEZER_MEDIA_PLAN },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		json_t *root = load(rows[i].name);
		struct deezer_gw_media media;
		char why[200];
		assert_int_equal(deezer_gw_read_media(&media, root, 200, why, sizeof why),
			rows[i].verdict);
		if (i == 0) {
			assert_int_equal(media.quality, TRACK_FLAC);
			assert_true(media.ciphered);
			assert_int_equal(media.url_count, 2);
			assert_int_equal(media.expires_wall_ms, 1893456000000);
		}
		deezer_gw_media_fini(&media);
		json_decref(root);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_shape_of_an_error_is_told_apart),
		cmocka_unit_test(the_errors_seen_are_known),
		cmocka_unit_test(questions_are_asked_as_the_gateway_wants_them),
		cmocka_unit_test(formats_are_wished_the_best_first),
		cmocka_unit_test(an_account_says_who_it_is_and_what_it_has),
		cmocka_unit_test(the_sessions_seen_are_read),
		cmocka_unit_test(a_session_id_must_fit_into_a_cookie),
		cmocka_unit_test(the_songs_seen_are_read),
		cmocka_unit_test(songs_come_in_odd_shapes),
		cmocka_unit_test(the_media_service_has_errors_of_its_own),
		cmocka_unit_test(the_media_seen_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
