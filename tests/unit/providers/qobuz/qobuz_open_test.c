#include "providers/qobuz/qobuz_open.h"

#include "tests/unit/providers/qobuz/fake_qobuz.h"

#define FILE_OF(format, rate, depth, more)                                                 \
	"{\"url\":\"%s/file?fmt=" #format "\",\"format_id\":" #format                      \
	",\"mime_type\":\"audio/flac\",\"sampling_rate\":" #rate ",\"bit_depth\":" #depth  \
	",\"duration\":200" more "}"
#define MP3                                                                                \
	"{\"url\":\"%s/file?fmt=5\",\"format_id\":5,\"mime_type\":\"audio/mpeg\","         \
	"\"sampling_rate\":44.1,\"duration\":200}"
#define SAMPLE                                                                             \
	"{\"url\":\"%s/file?fmt=5\",\"format_id\":5,\"mime_type\":\"audio/mpeg\","         \
	"\"sampling_rate\":44.1,\"duration\":30,\"sample\":true}"
#define REFUSED(code) "{\"restrictions\":[{\"code\":\"" code "\"}]}"

#define PREVIEW TRACK_BIT(TRACK_PREVIEW)

/* What an opening told. */
struct seen {
	int done;
	enum err err;
	struct track_source *source;
	struct track_formats formats;
};

static int
setup(void **state)
{
	*state = fake_qobuz_new(NULL);
	return 0;
}

static int
teardown(void **state)
{
	fake_qobuz_free(*state);
	return 0;
}

static void
on_opened(void *arg, enum err err, struct track_source *take_source)
{
	struct seen *seen = arg;

	seen->done++;
	seen->err = err;
	seen->source = take_source;
}

static void
on_described(void *arg, enum err err, const struct track_formats *formats)
{
	struct seen *seen = arg;

	seen->done++;
	seen->err = err;
	if (formats != NULL)
		seen->formats = *formats;
}

static struct track_wish
wish_of(track_quality_set qualities)
{
	return (struct track_wish){ .id = { PROVIDER_QOBUZ, MEDIA_SONG, "7" },
		.listener = { "0123456789abcdef0123456789abcdef", "alice" },
		.qualities = qualities };
}

static struct seen
open_wish(struct fake_qobuz *fake, const struct track_wish *wish, enum err wanted)
{
	struct seen seen = { 0 };

	fake->provider.ops->open_start(fake->seat, wish, on_opened, &seen);
	assert_int_equal(seen.done, 0);
	fake_wait(fake, &seen.done, 1);
	if (seen.err != wanted)
		fail_msg("%s, not %s", err_name(seen.err), err_name(wanted));
	assert_int_equal(seen.source != NULL, wanted == ERR_NONE);
	return seen;
}

/* Opens, and forgets what came; its quality. */
static enum track_quality
open_song(struct fake_qobuz *fake, track_quality_set qualities, enum err wanted)
{
	struct track_wish wish = wish_of(qualities);
	struct seen seen = open_wish(fake, &wish, wanted);
	enum track_quality quality =
		seen.source != NULL ? seen.source->format.quality : TRACK_PREVIEW;

	track_source_free(seen.source);
	return quality;
}

static track_quality_set
lane_of(struct fake_qobuz *fake)
{
	struct track_wish wish = wish_of(0);

	return fake->provider.ops->lane(fake->provider.shared, &wish.listener).qualities;
}

/* ---- songs ---- */

static void
a_song_is_asked_for_with_a_signature_and_comes_as_it_is(void **state)
{
	struct fake_qobuz *fake = *state;
	struct track_wish wish = wish_of(TRACK_ALL_FULL);
	char url[100];

	fake_will_answer(fake, 200, FILE_OF(27, 96, 24, ",\"x\":0"));
	struct seen seen = open_wish(fake, &wish, ERR_NONE);
	snprintf(url, sizeof url, "%s/file?fmt=27", fake->url);
	assert_string_equal(seen.source->urls[0], url);
	assert_int_equal(seen.source->url_count, 1);
	assert_null(seen.source->headers);
	assert_null(seen.source->filter);
	assert_int_equal(seen.source->format.quality, TRACK_FLAC_96);
	assert_int_equal(seen.source->format.sample_rate, 96000);
	assert_int_equal(seen.source->format.duration_ms, 200000);
	/* It does not say when: five minutes. */
	int64_t left_ms = seen.source->expires_wall_ms - clock_wall_ms();
	assert_true(left_ms > 290 * 1000 && left_ms <= 300 * 1000);
	track_source_free(seen.source);
	assert_string_equal(fake->app, FAKE_APP);
	assert_string_equal(fake->token, FAKE_TOKEN);
	const char *target = text_get(&fake->all);
	assert_memory_equal(target,
		"/track/getFileUrl?format_id=27&intent=stream&track_id=7&request_ts=", 67);
	assert_non_null(strstr(target, "&request_sig="));
	assert_null(strstr(target, FAKE_SECRET));
	assert_null(strstr(target, FAKE_TOKEN));
	assert_null(strstr(target, FAKE_APP));
}

static void
what_was_told_is_not_asked_again_until_it_expires_or_is_refused(void **state)
{
	struct fake_qobuz *fake = *state;
	struct track_wish wish = wish_of(TRACK_BIT(TRACK_FLAC_96));

	fake_will_answer(fake, 200, FILE_OF(27, 96, 24, ""));
	fake_will_answer(fake, 200, FILE_OF(7, 96, 24, ""));
	fake_will_answer(fake, 200, FILE_OF(7, 96, 24, ""));
	(void)open_song(fake, TRACK_ALL_FULL, ERR_NONE);
	(void)open_song(fake, TRACK_ALL_FULL, ERR_NONE);
	assert_int_equal(fake->count, 1);
	/* It is what would have come, too. */
	(void)open_song(fake, TRACK_BIT(TRACK_FLAC_96), ERR_NONE);
	assert_int_equal(fake->count, 1);
	wish.anew = true;
	track_source_free(open_wish(fake, &wish, ERR_NONE).source);
	assert_int_equal(fake->count, 2);
	clock_advance(301 * 1000);
	(void)open_song(fake, TRACK_BIT(TRACK_FLAC_96), ERR_NONE);
	assert_int_equal(fake->count, 3);
}

static void
a_lower_format_is_asked_for_when_the_higher_has_no_address(void **state)
{
	struct fake_qobuz *fake = *state;

	fake_will_answer(fake, 200, REFUSED("FormatRestrictedByFormatAvailability"));
	fake_will_answer(fake, 200, "{}");
	fake_will_answer(fake, 200, FILE_OF(6, 44.1, 16, ""));
	assert_int_equal(open_song(fake, TRACK_ALL_FULL, ERR_NONE), TRACK_FLAC);
	assert_int_equal(fake->count, 3);
}

static void
what_comes_must_be_wished(void **state)
{
	struct fake_qobuz *fake = *state;

	/* CD quality, for a client that plays MP3 and 192 kHz. */
	fake_will_answer(fake, 200, FILE_OF(6, 44.1, 16, ""));
	fake_will_answer(fake, 200, MP3);
	assert_int_equal(
		open_song(fake, TRACK_BIT(TRACK_FLAC_192) | TRACK_BIT(TRACK_MP3_320),
			ERR_NONE),
		TRACK_MP3_320);
	struct track_wish wish = wish_of(TRACK_BIT(TRACK_FLAC_192));
	wish.anew = true;
	fake_will_answer(fake, 200, FILE_OF(6, 44.1, 16, ""));
	(void)open_wish(fake, &wish, ERR_INVALID);
	/* Qobuz has none of these. */
	(void)open_song(fake, TRACK_BIT(TRACK_MP3_128), ERR_INVALID);
	assert_int_equal(fake->count, 3);
}

static void
a_song_nobody_may_play_is_not_found(void **state)
{
	struct fake_qobuz *fake = *state;

	fake_will_answer(fake, 200, REFUSED("TrackRestrictedByRightHolders"));
	(void)open_song(fake, TRACK_ALL_FULL, ERR_NOT_FOUND);
	fake_will_answer(fake, 404, FAKE_SAYS(404, "No result"));
	(void)open_song(fake, TRACK_ALL_FULL, ERR_NOT_FOUND);
	fake_will_answer(fake, 400, FAKE_SAYS(400, "Invalid argument: track_id"));
	(void)open_song(fake, TRACK_ALL_FULL, ERR_NOT_FOUND);
	for (int i = 0; i < 4; i++)
		fake_will_answer(fake, 200, "{}");
	(void)open_song(fake, TRACK_ALL_FULL, ERR_NOT_FOUND);
	assert_true(lane_of(fake) != 0);
	struct track_wish wish = wish_of(TRACK_ALL_FULL);
	wish.id.kind = MEDIA_ALBUM;
	(void)open_wish(fake, &wish, ERR_NOT_FOUND);
}

/* ---- half minutes ---- */

static void
half_a_minute_is_denied_unless_it_is_wished(void **state)
{
	struct fake_qobuz *fake = *state;

	fake_will_answer(fake, 200, SAMPLE);
	(void)open_song(fake, TRACK_ALL_FULL, ERR_DENIED);
	/* Of this song only: the account is well. */
	assert_true(lane_of(fake) != 0);
	fake_will_answer(fake, 200, SAMPLE);
	assert_int_equal(open_song(fake, PREVIEW, ERR_NONE), TRACK_PREVIEW);
	assert_int_equal(open_song(fake, PREVIEW, ERR_NONE), TRACK_PREVIEW);
	assert_int_equal(fake->count, 2);
	/* A whole song is no preview. */
	fake_will_answer(fake, 200, MP3);
	struct track_wish wish = wish_of(PREVIEW);
	wish.anew = true;
	(void)open_wish(fake, &wish, ERR_INVALID);
}

static void
an_account_that_pays_for_nothing_has_half_minutes(void **state)
{
	struct fake_qobuz *fake = *state;
	char reason[200];

	fake_will_answer(fake, 200,
		"{\"url\":\"%s/f\",\"format_id\":5,\"sampling_rate\":44.1,\"sample\":true,"
		"\"restrictions\":[{\"code\":\"UserUncredentialed\"}]}");
	(void)open_song(fake, TRACK_ALL_FULL, ERR_DENIED);
	assert_int_equal(lane_of(fake), PREVIEW);
	assert_non_null(strstr(fake_reason(fake, reason), "half a minute"));
	(void)open_song(fake, TRACK_ALL_FULL, ERR_DENIED);
	assert_int_equal(fake->count, 1);
	fake_will_answer(fake, 200, SAMPLE);
	assert_int_equal(
		open_song(fake, PREVIEW | TRACK_ALL_FULL, ERR_NONE), TRACK_PREVIEW);
	assert_int_equal(fake->count, 2);
}

/* ---- refusals ---- */

static void
refusals_are_told_apart_and_remembered(void **state)
{
	static const struct {
		int status;
		const char *body;
		const char *says;
		int64_t lasts_ms;
	} rows[] = {
		{ 410, FAKE_SAYS(410, "Gone"), "(410): metadata only", 6 * 3600 * 1000 },
		{ 400, FAKE_SAYS(400, "Invalid Request Signature parameter (request_sig)"),
			"SIDETRACK_QOBUZ_APP_SECRET", 3600 * 1000 },
		{ 400, FAKE_SAYS(400, "Invalid or missing app_id parameter"),
			"SIDETRACK_QOBUZ_APP_ID", 600 * 1000 },
		{ 401, FAKE_SAYS(401, "User authentication is required."),
			"SIDETRACK_QOBUZ_TOKEN", 1800 * 1000 },
		{ 200, REFUSED("UserUnauthenticated"), "SIDETRACK_QOBUZ_TOKEN",
			1800 * 1000 },
	};
	(void)state;

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct fake_qobuz *fake = fake_qobuz_new(NULL);
		char reason[200];
		fake_will_answer(fake, rows[i].status, rows[i].body);
		(void)open_song(fake, TRACK_ALL_FULL, ERR_DENIED);
		if (strstr(fake_reason(fake, reason), rows[i].says) == NULL)
			fail_msg("%s", reason);
		assert_int_equal(lane_of(fake), 0);
		/* Nobody waits for what is known. */
		(void)open_song(fake, TRACK_ALL_FULL, ERR_DENIED);
		assert_int_equal(fake->count, 1);
		clock_advance(rows[i].lasts_ms - 1000);
		assert_int_equal(lane_of(fake), 0);
		clock_advance(1000);
		/* Tried again, and well. */
		fake_will_answer(fake, 200, MP3);
		(void)open_song(fake, TRACK_ALL_FULL, ERR_NONE);
		assert_string_equal(fake_reason(fake, reason), "");
		fake_qobuz_free(fake);
	}
}

static void
without_a_secret_or_an_account_there_are_no_songs(void **state)
{
	static const struct {
		struct qobuz_credentials credentials;
		const char *says;
	} rows[] = {
		{ { FAKE_APP, NULL, FAKE_TOKEN, TRACK_FLAC_192, 2 },
			"APP_SECRET is not set" },
		{ { FAKE_APP, FAKE_SECRET, NULL, TRACK_FLAC_192, 2 }, "has no account" },
	};
	(void)state;

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct fake_qobuz *fake = fake_qobuz_new(&rows[i].credentials);
		char reason[200];
		(void)open_song(fake, TRACK_ALL_FULL | PREVIEW, ERR_DENIED);
		assert_int_equal(lane_of(fake), 0);
		assert_int_equal(fake->count, 0);
		if (strstr(fake_reason(fake, reason), rows[i].says) == NULL)
			fail_msg("%s", reason);
		assert_true(fake->provider.ops->is_up(fake->provider.shared));
		fake_qobuz_free(fake);
	}
}

static void
each_listener_plays_with_their_own_account(void **state)
{
	static const struct qobuz_credentials credentials = { FAKE_APP, FAKE_SECRET,
		"bob=tok-b;alice=tok-a", TRACK_FLAC, 1 };
	struct fake_qobuz *fake = fake_qobuz_new(&credentials);
	struct track_wish wish = wish_of(TRACK_ALL_FULL);
	struct provider_lane lane =
		fake->provider.ops->lane(fake->provider.shared, &wish.listener);

	(void)state;
	assert_string_equal(lane.account, "alice");
	assert_int_equal(lane.downloads, 1);
	/* No more than the settings allow. */
	assert_int_equal(lane.qualities, TRACK_BIT(TRACK_FLAC) | TRACK_BIT(TRACK_MP3_320));
	fake_will_answer(fake, 200, MP3);
	(void)open_song(fake, TRACK_ALL_FULL, ERR_NONE);
	assert_string_equal(fake->token, "tok-a");
	assert_non_null(strstr(text_get(&fake->all), "format_id=6"));
	/* A refused token is its owner's trouble. */
	wish.anew = true;
	fake_will_answer(fake, 401, FAKE_SAYS(401, "User authentication is required."));
	(void)open_wish(fake, &wish, ERR_DENIED);
	assert_int_equal(lane_of(fake), 0);
	wish.listener.user_name = "bob";
	assert_true(
		fake->provider.ops->lane(fake->provider.shared, &wish.listener).qualities !=
		0);
	fake_will_answer(fake, 200, MP3);
	track_source_free(open_wish(fake, &wish, ERR_NONE).source);
	assert_string_equal(fake->token, "tok-b");
	wish.listener.user_name = "carol";
	(void)open_wish(fake, &wish, ERR_DENIED);
	fake_qobuz_free(fake);
}

/* ---- forms ---- */

static struct seen
describe(struct fake_qobuz *fake, track_quality_set qualities, enum err wanted)
{
	struct track_wish wish = wish_of(qualities);
	struct seen seen = { 0 };

	fake->provider.ops->formats_start(fake->seat, &wish, on_described, &seen);
	fake_wait(fake, &seen.done, 1);
	assert_int_equal(seen.err, wanted);
	return seen;
}

static void
forms_are_the_best_with_its_size_and_what_is_made_of_it(void **state)
{
	struct fake_qobuz *fake = *state;

	fake_will_answer(fake, 200, FILE_OF(27, 96, 24, ""));
	fake_will_answer(fake, 200, "0123456789");
	struct seen seen = describe(fake, TRACK_ALL_FULL, ERR_NONE);
	assert_int_equal(seen.formats.count, 3);
	assert_int_equal(seen.formats.of[0].quality, TRACK_FLAC_96);
	assert_int_equal(seen.formats.of[0].size, 10);
	assert_int_equal(seen.formats.of[1].quality, TRACK_FLAC);
	assert_int_equal(seen.formats.of[1].size, 0);
	assert_int_equal(seen.formats.of[1].duration_ms, 200000);
	assert_int_equal(seen.formats.of[2].quality, TRACK_MP3_320);
	assert_non_null(strstr(text_get(&fake->all), "HEAD /file?fmt=27"));
	/* The source is asked for neither again. */
	struct track_wish wish = wish_of(TRACK_ALL_FULL);
	struct track_source *source = open_wish(fake, &wish, ERR_NONE).source;
	assert_int_equal(source->format.size, 10);
	track_source_free(source);
	(void)describe(fake, TRACK_ALL_FULL, ERR_NONE);
	assert_int_equal(fake->count, 2);
}

static void
a_size_that_cannot_be_learned_is_unknown(void **state)
{
	struct fake_qobuz *fake = *state;

	fake_will_answer(fake, 200, FILE_OF(6, 44.1, 16, ""));
	fake_will_answer(fake, 403, "no");
	struct seen seen =
		describe(fake, TRACK_BIT(TRACK_FLAC) | TRACK_BIT(TRACK_FLAC_96), ERR_NONE);
	assert_int_equal(seen.formats.count, 1);
	assert_int_equal(seen.formats.of[0].size, 0);
	fake_will_answer(fake, 410, FAKE_SAYS(410, "Gone"));
	(void)describe(fake, TRACK_BIT(TRACK_MP3_320), ERR_DENIED);
}

static void
an_opening_that_is_cancelled_is_silent(void **state)
{
	struct fake_qobuz *fake = *state;
	struct track_wish wish = wish_of(TRACK_ALL_FULL);
	struct seen seen = { 0 };

	const struct provider_ops *ops = fake->provider.ops;
	ops->open_cancel(ops->open_start(fake->seat, &wish, on_opened, &seen));
	fake_will_answer(fake, 200, FILE_OF(6, 44.1, 16, ""));
	void *opening = ops->open_start(fake->seat, &wish, on_opened, &seen);
	loop_turn(fake->loop, 0);
	ops->open_cancel(opening);
	/* While the size is asked for. */
	fake->answer_count = fake->count;
	fake_will_answer(fake, 200, FILE_OF(6, 44.1, 16, ""));
	int before = fake->count;
	void *asking = ops->formats_start(fake->seat, &wish, on_described, &seen);
	fake_wait(fake, &fake->count, before + 1);
	ops->formats_cancel(asking);
	fake_rest(fake);
	assert_int_equal(seen.done, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_song_is_asked_for_with_a_signature_and_comes_as_it_is),
		TEST(what_was_told_is_not_asked_again_until_it_expires_or_is_refused),
		TEST(a_lower_format_is_asked_for_when_the_higher_has_no_address),
		TEST(what_comes_must_be_wished),
		TEST(a_song_nobody_may_play_is_not_found),
		TEST(half_a_minute_is_denied_unless_it_is_wished),
		TEST(an_account_that_pays_for_nothing_has_half_minutes),
		cmocka_unit_test(refusals_are_told_apart_and_remembered),
		cmocka_unit_test(without_a_secret_or_an_account_there_are_no_songs),
		cmocka_unit_test(each_listener_plays_with_their_own_account),
		TEST(forms_are_the_best_with_its_size_and_what_is_made_of_it),
		TEST(a_size_that_cannot_be_learned_is_unknown),
		TEST(an_opening_that_is_cancelled_is_silent),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
