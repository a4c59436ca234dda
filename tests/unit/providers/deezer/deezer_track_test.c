/* Full tracks end to end within the provider: sessions, songs, media and what goes wrong
 * with each, by the members of its ops. */
#include "providers/deezer/deezer.h"

#include "core/http_client.h"
#include "providers/deezer/deezer_metrics.h"
#include "tests/unit/providers/deezer/fake_gateway.h"

enum { FULL = TRACK_ALL_FULL, ANY = TRACK_ALL_FULL | TRACK_BIT(TRACK_PREVIEW) };

struct fixture {
	struct loop *loop;
	struct fake_gateway gateway;
	struct http_client *client;
	struct provider provider;
	void *seat;
};

/* What an open told. */
struct seen {
	int done;
	enum err err;
	struct track_source *source;
	struct track_formats formats;
	size_t lines;
};

static void
provide(struct fixture *fixture, const char *arl, const char *secret)
{
	const char *url = fixture->gateway.fake.url;
	const struct deezer_options options = { .url = url,
		.gateway_url = url,
		.media_url = url,
		.accounts = { .arl = arl, .secret = secret, .downloads = 1 } };

	if (fixture->provider.shared != NULL) {
		fixture->provider.ops->seat_free(fixture->seat);
		fixture->provider.ops->free(fixture->provider.shared);
	}
	fixture->provider = deezer_new(&options);
	fixture->seat = fixture->provider.ops->seat_new(
		fixture->provider.shared, fixture->loop, fixture->client);
}

static int
setup(void **state)
{
	struct fixture *fixture = xcalloc(1, sizeof *fixture);
	static const struct http_client_options client = { .user_agent = "test",
		.connections = 64 };

	clock_enable_test();
	fixture->loop = loop_new("test");
	loop_adopt(fixture->loop);
	gateway_open(&fixture->gateway, fixture->loop);
	fixture->client = http_client_new(fixture->loop, &client);
	provide(fixture, FAKE_ARL, FAKE_SECRET);
	*state = fixture;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *fixture = *state;

	fixture->provider.ops->seat_free(fixture->seat);
	http_client_free(fixture->client);
	fake_close(&fixture->gateway.fake);
	loop_free(fixture->loop);
	fixture->provider.ops->free(fixture->provider.shared);
	xfree(fixture);
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

static void
on_lyrics(void *arg, enum err err, const struct lyrics *lyrics)
{
	struct seen *seen = arg;

	seen->done++;
	seen->err = err;
	seen->lines = lyrics != NULL ? lyrics->count : 0;
}

static struct track_wish
wish_for(const char *user, const char *song, track_quality_set qualities)
{
	struct track_wish wish = { .id = { PROVIDER_DEEZER, MEDIA_SONG, "" },
		.listener = { "", user },
		.qualities = qualities };

	assert_true(copy_text(wish.id.key, sizeof wish.id.key, song));
	return wish;
}

static void
check_opened(const struct seen *seen, enum err err)
{
	assert_int_equal(seen->done, 1);
	assert_int_equal(seen->err, err);
	assert_int_equal(seen->source != NULL, err == ERR_NONE);
}

/* Opens and waits; the source is the caller's. */
static struct track_source *
open_wish(struct fixture *fixture, const struct track_wish *wish, enum err err)
{
	struct seen seen = { 0 };

	assert_non_null(
		fixture->provider.ops->open_start(fixture->seat, wish, on_opened, &seen));
	assert_int_equal(seen.done, 0);
	fake_wait(fixture->loop, &seen.done, 1);
	fake_rest(fixture->loop);
	check_opened(&seen, err);
	return seen.source;
}

static void
open_as(struct fixture *fixture, const char *song, track_quality_set qualities,
	enum track_quality wanted)
{
	struct track_wish wish = wish_for("", song, qualities);
	struct track_source *source = open_wish(fixture, &wish, ERR_NONE);

	assert_int_equal(source->format.quality, wanted);
	assert_int_equal(source->filter != NULL, wanted != TRACK_PREVIEW);
	track_source_free(source);
}

static void
open_in_vain(struct fixture *fixture, const char *song, track_quality_set qualities,
	enum err err)
{
	struct track_wish wish = wish_for("", song, qualities);

	assert_null(open_wish(fixture, &wish, err));
}

static struct provider_lane
lane_of(struct fixture *fixture, const char *user)
{
	const struct track_listener listener = { "", user };

	return fixture->provider.ops->lane(fixture->provider.shared, &listener);
}

static void
check_lane(struct fixture *fixture, size_t index, bool full, const char *reason)
{
	json_t *status = fixture->provider.ops->status(fixture->provider.shared);
	const json_t *lane = json_array_get(json_member(status, "lanes"), index);
	char *text = json_dump_new(status, &(size_t){ 0 });

	assert_null(strstr(text, FAKE_ARL));
	assert_null(strstr(text, FAKE_SECRET));
	assert_int_equal(json_bool(lane, "full", !full), full);
	assert_string_equal(json_text(lane, "reason"), reason);
	assert_int_equal(json_text(lane, "nextTry") == NULL, full);
	xfree(text);
	json_decref(status);
}

/* ---- what comes ---- */

static void
a_full_track_comes_with_its_addresses_its_size_and_its_cipher(void **state)
{
	struct fixture *fixture = *state;
	struct track_wish wish = wish_for("", "5", ANY);
	struct track_source *source = open_wish(fixture, &wish, ERR_NONE);

	assert_int_equal(source->url_count, 2);
	assert_non_null(strstr(source->urls[0], "/a/FLAC"));
	assert_non_null(strstr(source->urls[1], "/b/FLAC"));
	assert_int_equal(source->format.quality, TRACK_FLAC);
	assert_int_equal(source->format.size, 300);
	assert_int_equal(source->format.duration_ms, 200000);
	assert_int_equal(source->filter->block, DEEZER_STRIPE_BLOCK);
	assert_true(source->expires_wall_ms > clock_wall_ms() + 71990000);
	track_source_free(source);
	assert_int_equal(fixture->gateway.pings, 1);
	assert_int_equal(fixture->gateway.users, 1);
	assert_int_equal(fixture->gateway.songs, 1);
	assert_int_equal(fixture->gateway.media, 1);
	assert_string_equal(fixture->gateway.last_cookie, "arl=" FAKE_ARL "; sid=fr1");
	assert_non_null(strstr(fixture->gateway.last_media, "\"license_token\":\"L1\""));
}

static void
the_best_that_the_client_plays_and_the_plan_has_comes(void **state)
{
	struct fixture *fixture = *state;

	open_as(fixture, "5", TRACK_BIT(TRACK_MP3_320) | TRACK_BIT(TRACK_MP3_128),
		TRACK_MP3_320);
	assert_null(strstr(fixture->gateway.last_media, "FLAC"));
	open_as(fixture, "800", FULL, TRACK_MP3_128);
	open_as(fixture, "-9", FULL, TRACK_MP3_128);
	assert_non_null(strstr(fixture->gateway.last_media, "MP3_MISC"));
	open_in_vain(fixture, "800", TRACK_BIT(TRACK_FLAC), ERR_INVALID);
	open_in_vain(fixture, "850", FULL, ERR_NOT_FOUND);
	open_in_vain(fixture, "404", FULL, ERR_NOT_FOUND);

	fixture->gateway.has_flac = false;
	provide(fixture, FAKE_ARL, FAKE_SECRET);
	assert_int_equal(lane_of(fixture, "").qualities,
		TRACK_BIT(TRACK_PREVIEW) | TRACK_BIT(TRACK_MP3_128) |
			TRACK_BIT(TRACK_MP3_320) | TRACK_BIT(TRACK_FLAC));
	open_as(fixture, "5", FULL, TRACK_MP3_320);
	assert_int_equal(lane_of(fixture, "").qualities, TRACK_BIT(TRACK_PREVIEW) |
								 TRACK_BIT(TRACK_MP3_128) |
								 TRACK_BIT(TRACK_MP3_320));
	open_in_vain(fixture, "5", TRACK_BIT(TRACK_FLAC), ERR_DENIED);
	open_as(fixture, "5", TRACK_BIT(TRACK_FLAC) | TRACK_BIT(TRACK_PREVIEW),
		TRACK_PREVIEW);
}

static void
what_the_licence_or_the_service_lacks_comes_in_a_lower_quality(void **state)
{
	struct fixture *fixture = *state;

	fixture->gateway.refused = "FLAC";
	open_as(fixture, "5", FULL, TRACK_MP3_320);
	assert_int_equal(fixture->gateway.media, 2);
	fixture->gateway.missing = "MP3_320";
	open_as(fixture, "5", FULL, TRACK_MP3_128);
	open_in_vain(fixture, "5", TRACK_BIT(TRACK_FLAC), ERR_DENIED);
	open_in_vain(fixture, "5", TRACK_BIT(TRACK_MP3_320), ERR_NOT_FOUND);
	open_as(fixture, "5", TRACK_BIT(TRACK_FLAC) | TRACK_BIT(TRACK_PREVIEW),
		TRACK_PREVIEW);
}

static void
check_keyed_by(struct fixture *fixture, const char *song, const char *id)
{
	struct track_wish wish = wish_for("", song, FULL);
	struct track_source *source = open_wish(fixture, &wish, ERR_NONE);
	struct deezer_secret *secret = deezer_secret_new(FAKE_SECRET);
	struct track_filter *filter = deezer_stripe_new(id, secret);
	unsigned char data[2][DEEZER_STRIPE_BLOCK] = { { 1, 2, 3 }, { 1, 2, 3 } };

	source->filter->apply(source->filter, 0, data[0], sizeof data[0]);
	filter->apply(filter, 0, data[1], sizeof data[1]);
	assert_memory_equal(data[0], data[1], sizeof data[0]);
	filter->free(filter);
	deezer_secret_unref(secret);
	track_source_free(source);
}

static void
a_song_without_rights_comes_as_its_fallback(void **state)
{
	struct fixture *fixture = *state;

	/* Told by the song: the media service is asked once. */
	check_keyed_by(fixture, "500", "1500");
	assert_int_equal(fixture->gateway.media, 1);
	/* Told by the media service. */
	check_keyed_by(fixture, "600", "1600");
	assert_int_equal(fixture->gateway.media, 3);
	check_keyed_by(fixture, "5", "5");
	open_in_vain(fixture, "700", FULL, ERR_DENIED);
	open_as(fixture, "700", ANY, TRACK_PREVIEW);
}

static void
formats_tell_the_sizes_of_what_the_plan_has(void **state)
{
	struct fixture *fixture = *state;
	struct track_wish wish = wish_for("", "5", ANY);
	struct seen seen = { 0 };

	fixture->gateway.has_flac = false;
	fixture->provider.ops->formats_start(fixture->seat, &wish, on_described, &seen);
	fake_wait(fixture->loop, &seen.done, 1);
	assert_int_equal(seen.err, ERR_NONE);
	assert_int_equal(seen.formats.count, 2);
	assert_int_equal(seen.formats.of[0].quality, TRACK_MP3_320);
	assert_int_equal(seen.formats.of[0].size, 200);
	assert_int_equal(seen.formats.of[1].size, 100);
	/* Opening asks for the song no second time. */
	open_as(fixture, "5", ANY, TRACK_MP3_320);
	assert_int_equal(fixture->gateway.songs, 1);

	seen = (struct seen){ 0 };
	wish = wish_for("", "850", ANY);
	fixture->provider.ops->formats_start(fixture->seat, &wish, on_described, &seen);
	fake_wait(fixture->loop, &seen.done, 1);
	assert_int_equal(seen.formats.count, 1);
	assert_int_equal(seen.formats.of[0].quality, TRACK_PREVIEW);
}

static void
what_is_known_of_a_song_lasts_as_long_as_its_token(void **state)
{
	struct fixture *fixture = *state;
	struct track_wish wish = wish_for("", "5", FULL);

	fixture->gateway.token_ms = 10 * 60 * 1000;
	open_as(fixture, "5", FULL, TRACK_FLAC);
	open_as(fixture, "5", FULL, TRACK_FLAC);
	assert_int_equal(fixture->gateway.songs, 1);
	clock_advance(9 * 60 * 1000 + 1000);
	open_as(fixture, "5", FULL, TRACK_FLAC);
	assert_int_equal(fixture->gateway.songs, 2);
	wish.anew = true;
	track_source_free(open_wish(fixture, &wish, ERR_NONE));
	assert_int_equal(fixture->gateway.songs, 3);
	assert_int_equal(fixture->gateway.users, 1);
}

/* ---- sessions ---- */

static void
one_login_serves_all_who_wait(void **state)
{
	struct fixture *fixture = *state;
	struct seen seen[12] = { { 0 } };
	void *other_seat = fixture->provider.ops->seat_new(
		fixture->provider.shared, fixture->loop, fixture->client);

	for (int i = 0; i < 12; i++) {
		struct track_wish wish = wish_for("", "5", FULL);
		fixture->provider.ops->open_start(i % 2 == 0 ? fixture->seat : other_seat,
			&wish, on_opened, &seen[i]);
	}
	for (int i = 0; i < 12; i++) {
		fake_wait(fixture->loop, &seen[i].done, 1);
		check_opened(&seen[i], ERR_NONE);
		track_source_free(seen[i].source);
	}
	assert_int_equal(fixture->gateway.pings, 1);
	assert_int_equal(fixture->gateway.users, 1);
	fixture->provider.ops->seat_free(other_seat);
}

static void
a_stale_token_is_renewed_once_for_all(void **state)
{
	struct fixture *fixture = *state;
	struct seen seen[8] = { { 0 } };

	open_as(fixture, "5", FULL, TRACK_FLAC);
	fixture->gateway.token += 10;
	for (int i = 0; i < 8; i++) {
		char song[20];
		snprintf(song, sizeof song, "%d", 20 + i);
		struct track_wish wish = wish_for("", song, FULL);
		fixture->provider.ops->open_start(
			fixture->seat, &wish, on_opened, &seen[i]);
	}
	for (int i = 0; i < 8; i++) {
		fake_wait(fixture->loop, &seen[i].done, 1);
		check_opened(&seen[i], ERR_NONE);
		track_source_free(seen[i].source);
	}
	assert_int_equal(fixture->gateway.pings, 1);
	assert_int_equal(fixture->gateway.users, 2);
}

static void
a_session_that_is_known_no_more_is_begun_anew(void **state)
{
	struct fixture *fixture = *state;

	open_as(fixture, "5", FULL, TRACK_FLAC);
	fixture->gateway.sid += 10;
	open_as(fixture, "6", FULL, TRACK_FLAC);
	assert_int_equal(fixture->gateway.pings, 2);
	assert_int_equal(fixture->gateway.users, 2);
}

static void
renewing_ends_when_it_does_not_help(void **state)
{
	struct fixture *fixture = *state;

	fixture->gateway.wrong_method = "song.getListData";
	fixture->gateway.wrong_body = "{\"error\":{\"GATEWAY_ERROR\":\"x\"}}";
	fixture->gateway.wrong_times = 1000;
	open_in_vain(fixture, "5", FULL, ERR_DENIED);
	assert_int_equal(fixture->gateway.wrong_times, 998);
	assert_int_equal(fixture->gateway.users, 2);
	fixture->gateway.wrong_body = "{\"error\":{\"NEED_API_AUTH_REQUIRED\":\"x\"}}";
	open_in_vain(fixture, "5", FULL, ERR_DENIED);
	assert_int_equal(fixture->gateway.wrong_times, 996);
	assert_int_equal(fixture->gateway.pings, 2);
}

static void
a_licence_is_renewed_a_minute_before_it_ends(void **state)
{
	struct fixture *fixture = *state;

	fixture->gateway.licence_ms = 30 * 60 * 1000;
	open_as(fixture, "5", FULL, TRACK_FLAC);
	clock_advance(28 * 60 * 1000);
	open_as(fixture, "6", FULL, TRACK_FLAC);
	assert_int_equal(fixture->gateway.users, 1);
	clock_advance(61 * 1000);
	open_as(fixture, "7", FULL, TRACK_FLAC);
	assert_int_equal(fixture->gateway.users, 2);
	assert_int_equal(fixture->gateway.pings, 1);
	assert_non_null(strstr(fixture->gateway.last_media, "\"license_token\":\"L2\""));
}

static void
tokens_that_the_media_service_refuses_are_renewed_once(void **state)
{
	struct fixture *fixture = *state;

	fixture->gateway.wrong_method = "get_url";
	fixture->gateway.wrong_body = "{\"errors\":[{\"code\":1000}]}";
	fixture->gateway.wrong_times = 1;
	open_as(fixture, "5", FULL, TRACK_FLAC);
	assert_int_equal(fixture->gateway.users, 2);
	assert_int_equal(fixture->gateway.songs, 2);
	fixture->gateway.wrong_times = 2;
	open_in_vain(fixture, "5", FULL, ERR_DENIED);
	assert_int_equal(fixture->gateway.wrong_times, 0);
}

static void
a_plan_that_has_changed_is_noticed(void **state)
{
	struct fixture *fixture = *state;

	open_as(fixture, "5", FULL, TRACK_FLAC);
	fixture->gateway.refused = "FLAC";
	fixture->gateway.has_flac = false;
	/* A session that has just begun is believed. */
	open_as(fixture, "6", FULL, TRACK_MP3_320);
	assert_int_equal(fixture->gateway.users, 1);
	clock_advance(10 * 60 * 1000);
	open_as(fixture, "6", FULL, TRACK_MP3_320);
	assert_int_equal(fixture->gateway.users, 2);
	assert_int_equal(lane_of(fixture, "").qualities & TRACK_BIT(TRACK_FLAC), 0);
	assert_int_equal(fixture->gateway.media, 5);
	open_as(fixture, "6", FULL, TRACK_MP3_320);
	assert_int_equal(fixture->gateway.media, 6);
}

static void
a_quota_is_waited_for_once(void **state)
{
	struct fixture *fixture = *state;
	struct track_wish wish = wish_for("", "5", FULL);
	struct seen seen = { 0 };

	fixture->gateway.wrong_method = "song.getListData";
	fixture->gateway.wrong_body = "{\"error\":{\"code\":4,\"message\":\"Quota\"}}";
	fixture->gateway.wrong_times = 1;
	fixture->provider.ops->open_start(fixture->seat, &wish, on_opened, &seen);
	fake_wait(fixture->loop, &fixture->gateway.users, 1);
	while (fixture->gateway.wrong_times > 0)
		loop_turn(fixture->loop, 2);
	fake_rest(fixture->loop);
	assert_int_equal(seen.done, 0);
	assert_int_equal(fixture->gateway.songs, 0);
	clock_advance(1500);
	fake_wait(fixture->loop, &seen.done, 1);
	check_opened(&seen, ERR_NONE);
	track_source_free(seen.source);
}

/* ---- accounts that are no good ---- */

static void
a_bad_arl_gives_previews_and_is_tried_again_after_ten_minutes(void **state)
{
	struct fixture *fixture = *state;

	check_lane(fixture, 0, true, "not used yet");
	fixture->gateway.anonymous = true;
	open_as(fixture, "5", ANY, TRACK_PREVIEW);
	check_lane(fixture, 0, false, "the ARL is not or no longer good");
	assert_int_equal(lane_of(fixture, "").qualities, TRACK_BIT(TRACK_PREVIEW));
	assert_string_equal(lane_of(fixture, "").account, "");
	open_as(fixture, "6", ANY, TRACK_PREVIEW);
	open_in_vain(fixture, "6", FULL, ERR_DENIED);
	assert_int_equal(fixture->gateway.users, 1);
	clock_advance(10 * 60 * 1000);
	open_as(fixture, "7", ANY, TRACK_PREVIEW);
	assert_int_equal(fixture->gateway.users, 2);
	fixture->gateway.anonymous = false;
	clock_advance(10 * 60 * 1000);
	open_as(fixture, "8", ANY, TRACK_FLAC);
	check_lane(fixture, 0, true, "its session is good");
}

static void
a_gateway_that_is_down_is_no_reason_for_a_preview(void **state)
{
	struct fixture *fixture = *state;

	fixture->gateway.wrong_method = "deezer.ping";
	fixture->gateway.wrong_body = "oops";
	fixture->gateway.wrong_status = 502;
	fixture->gateway.wrong_times = 1;
	open_in_vain(fixture, "5", ANY, ERR_UNREACHABLE);
	check_lane(fixture, 0, true, "Deezer could not be asked");
	fixture->gateway.wrong_times = 0;
	open_in_vain(fixture, "5", ANY, ERR_UNREACHABLE);
	assert_int_equal(fixture->gateway.pings, 0);
	clock_advance(3000);
	open_as(fixture, "5", ANY, TRACK_FLAC);
	check_lane(fixture, 0, true, "its session is good");
}

static void
a_gateway_that_says_no_does_not_speak_of_the_arl(void **state)
{
	struct fixture *fixture = *state;

	fixture->gateway.wrong_method = "deezer.ping";
	fixture->gateway.wrong_body = "<html>";
	fixture->gateway.wrong_status = 403;
	fixture->gateway.wrong_times = 1;
	open_in_vain(fixture, "5", ANY, ERR_PROTOCOL);
	check_lane(fixture, 0, true, "Deezer could not be asked");
	clock_advance(3000);
	fixture->gateway.wrong_method = "deezer.getUserData";
	fixture->gateway.wrong_times = 2;
	open_in_vain(fixture, "5", ANY, ERR_PROTOCOL);
	clock_advance(3000);
	fixture->gateway.wrong_times = 0;
	open_as(fixture, "5", ANY, TRACK_FLAC);
}

static void
a_wrong_secret_is_told_and_then_gives_previews(void **state)
{
	struct fixture *fixture = *state;

	fixture->gateway.noise = true;
	open_in_vain(fixture, "5", ANY, ERR_DENIED);
	check_lane(fixture, 0, false, "SIDETRACK_DEEZER_SECRET is wrong");
	open_as(fixture, "5", ANY, TRACK_PREVIEW);
	assert_int_equal(fixture->gateway.files, 1);
	clock_advance(10 * 60 * 1000);
	open_in_vain(fixture, "5", ANY, ERR_DENIED);
	assert_int_equal(fixture->gateway.files, 2);
}

static void
a_secret_is_tried_until_it_has_been_right(void **state)
{
	struct fixture *fixture = *state;
	struct track_wish wish = wish_for("", "5", ANY);
	static const unsigned char noise[16] = { 9, 9, 9 };

	/* One address after the other; what cannot be read says nothing of the secret. */
	fixture->gateway.first_is_away = true;
	open_as(fixture, "5", ANY, TRACK_FLAC);
	assert_int_equal(fixture->gateway.files, 2);
	open_as(fixture, "6", ANY, TRACK_FLAC);
	assert_int_equal(fixture->gateway.files, 2);
	/* Later it is the track that is odd. */
	struct track_source *source = open_wish(fixture, &wish, ERR_NONE);
	assert_int_equal(
		source->filter->check(source->filter, noise, sizeof noise), ERR_DENIED);
	track_source_free(source);
	check_lane(fixture, 0, true, "its session is good");
}

static void
each_user_has_the_account_that_is_theirs(void **state)
{
	struct fixture *fixture = *state;
	struct track_wish alice = wish_for("Alice", "5", ANY),
			  bob = wish_for("bob", "5", ANY);
	struct track_source *source;

	provide(fixture, "alice=" FAKE_ARL, FAKE_SECRET);
	assert_string_equal(lane_of(fixture, "alice").account, "alice");
	assert_int_equal(lane_of(fixture, "alice").downloads, 1);
	assert_string_equal(lane_of(fixture, "bob").account, "");
	assert_int_equal(lane_of(fixture, "bob").qualities, TRACK_BIT(TRACK_PREVIEW));
	source = open_wish(fixture, &alice, ERR_NONE);
	assert_int_equal(source->format.quality, TRACK_FLAC);
	track_source_free(source);
	source = open_wish(fixture, &bob, ERR_NONE);
	assert_int_equal(source->format.quality, TRACK_PREVIEW);
	track_source_free(source);
	assert_int_equal(fixture->gateway.media, 1);
}

static void
without_an_account_there_are_previews_only(void **state)
{
	struct fixture *fixture = *state;
	struct track_wish wish = wish_for("", "5", ANY);
	struct seen seen = { 0 };

	provide(fixture, NULL, NULL);
	open_as(fixture, "5", ANY, TRACK_PREVIEW);
	open_in_vain(fixture, "5", FULL, ERR_INVALID);
	fixture->provider.ops->lyrics_start(fixture->seat, &wish, on_lyrics, &seen);
	assert_int_equal(seen.done, 0);
	fake_wait(fixture->loop, &seen.done, 1);
	assert_int_equal(seen.err, ERR_NOT_FOUND);
	assert_int_equal(fixture->gateway.pings, 0);
}

static void
lyrics_are_asked_for_through_the_account(void **state)
{
	struct fixture *fixture = *state;
	struct track_wish wish = wish_for("", "5", ANY);
	struct seen seen = { 0 };

	fixture->provider.ops->lyrics_start(fixture->seat, &wish, on_lyrics, &seen);
	fake_wait(fixture->loop, &seen.done, 1);
	assert_int_equal(seen.err, ERR_NONE);
	assert_int_equal(seen.lines, 2);
}

static void
lyrics_leave_room_for_songs(void **state)
{
	struct fixture *fixture = *state;
	struct seen words[30] = { { 0 } };
	struct track_wish wish = wish_for("", "5", FULL);

	/* The rate window has 40 places; two are for the session. */
	for (int i = 0; i < 30; i++)
		fixture->provider.ops->lyrics_start(
			fixture->seat, &wish, on_lyrics, &words[i]);
	fake_wait(fixture->loop, &fixture->gateway.lyrics, 18);
	open_as(fixture, "5", FULL, TRACK_FLAC);
	assert_int_equal(fixture->gateway.lyrics, 18);
	clock_advance(6000);
	for (int i = 0; i < 30; i++)
		fake_wait(fixture->loop, &words[i].done, 1);
}

/* ---- ends ---- */

static void
cancelled_means_silence_at_every_step(void **state)
{
	struct fixture *fixture = *state;

	for (int steps = 0; steps < 40; steps++) {
		struct track_wish wish = wish_for("", "600", ANY);
		struct seen seen = { 0 };
		wish.anew = true;
		if (steps % 10 == 0)
			fixture->gateway.token++;
		void *opening = fixture->provider.ops->open_start(
			fixture->seat, &wish, on_opened, &seen);
		for (int i = 0; i < steps / 2 && seen.done == 0; i++)
			loop_turn(fixture->loop, 1);
		if (seen.done > 0) {
			track_source_free(seen.source);
			continue;
		}
		fixture->provider.ops->open_cancel(opening);
		fake_rest(fixture->loop);
		assert_int_equal(seen.done, 0);
		clock_advance(6000);
	}
}

static void
a_seat_that_ends_leaves_nobody_waiting(void **state)
{
	struct fixture *fixture = *state;
	const struct provider_ops *ops = fixture->provider.ops;
	struct track_wish wish = wish_for("", "5", FULL);
	struct seen gone = { 0 }, waiting = { 0 };
	void *other =
		ops->seat_new(fixture->provider.shared, fixture->loop, fixture->client);

	fixture->gateway.hold = true;
	void *opening = ops->open_start(other, &wish, on_opened, &gone);
	while (fixture->gateway.held == NULL)
		loop_turn(fixture->loop, 2);
	ops->open_start(fixture->seat, &wish, on_opened, &waiting);
	ops->open_cancel(opening);
	fake_rest(fixture->loop);
	assert_int_equal(waiting.done, 0);
	ops->seat_free(other);
	fake_wait(fixture->loop, &waiting.done, 1);
	check_opened(&waiting, ERR_BUSY);
	assert_int_equal(gone.done, 0);
	gateway_release(&fixture->gateway);
	open_as(fixture, "5", FULL, TRACK_FLAC);
}

static void
nothing_is_waited_for_longer_than_18_seconds(void **state)
{
	struct fixture *fixture = *state;
	struct track_wish wish = wish_for("", "5", ANY);
	struct seen seen = { 0 };

	fixture->gateway.hold = true;
	fixture->provider.ops->open_start(fixture->seat, &wish, on_opened, &seen);
	while (fixture->gateway.held == NULL)
		loop_turn(fixture->loop, 2);
	clock_advance(8001);
	fake_wait(fixture->loop, &seen.done, 1);
	check_opened(&seen, ERR_TIMEOUT);
	check_lane(fixture, 0, true, "Deezer could not be asked");
	gateway_release(&fixture->gateway);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_full_track_comes_with_its_addresses_its_size_and_its_cipher),
		TEST(the_best_that_the_client_plays_and_the_plan_has_comes),
		TEST(what_the_licence_or_the_service_lacks_comes_in_a_lower_quality),
		TEST(a_song_without_rights_comes_as_its_fallback),
		TEST(formats_tell_the_sizes_of_what_the_plan_has),
		TEST(what_is_known_of_a_song_lasts_as_long_as_its_token),
		TEST(one_login_serves_all_who_wait),
		TEST(a_stale_token_is_renewed_once_for_all),
		TEST(a_session_that_is_known_no_more_is_begun_anew),
		TEST(renewing_ends_when_it_does_not_help),
		TEST(a_licence_is_renewed_a_minute_before_it_ends),
		TEST(tokens_that_the_media_service_refuses_are_renewed_once),
		TEST(a_plan_that_has_changed_is_noticed),
		TEST(a_quota_is_waited_for_once),
		TEST(a_bad_arl_gives_previews_and_is_tried_again_after_ten_minutes),
		TEST(a_gateway_that_is_down_is_no_reason_for_a_preview),
		TEST(a_gateway_that_says_no_does_not_speak_of_the_arl),
		TEST(a_wrong_secret_is_told_and_then_gives_previews),
		TEST(a_secret_is_tried_until_it_has_been_right),
		TEST(each_user_has_the_account_that_is_theirs),
		TEST(without_an_account_there_are_previews_only),
		TEST(lyrics_are_asked_for_through_the_account),
		TEST(lyrics_leave_room_for_songs),
		TEST(cancelled_means_silence_at_every_step),
		TEST(a_seat_that_ends_leaves_nobody_waiting),
		TEST(nothing_is_waited_for_longer_than_18_seconds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
