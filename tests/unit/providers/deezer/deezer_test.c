/* The provider as others see it: through its ops. */
#include "providers/deezer/deezer.h"

#include "tests/unit/providers/fake_deezer.h"

struct fixture {
	struct loop *loop;
	struct fake fake;
	struct http_client *client;
	struct provider provider;
	void *seat;
};

struct seen {
	int done;
	enum err err;
	struct track_source *source;
	struct track_formats formats;
};

static int
setup(void **state)
{
	static const struct http_client_options client = { .user_agent = "test" };
	struct fixture *fixture = xcalloc(1, sizeof *fixture);

	clock_enable_test();
	fixture->loop = loop_new("test");
	loop_adopt(fixture->loop);
	fake_open(&fixture->fake, fixture->loop);
	fixture->client = http_client_new(fixture->loop, &client);
	const struct deezer_options options = { .url = fixture->fake.url };
	fixture->provider = deezer_new(&options);
	fixture->seat = fixture->provider.ops->seat_new(
		fixture->provider.shared, fixture->loop, fixture->client);
	*state = fixture;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *fixture = *state;

	fixture->provider.ops->seat_free(fixture->seat);
	fixture->provider.ops->free(fixture->provider.shared);
	http_client_free(fixture->client);
	fake_close(&fixture->fake);
	loop_free(fixture->loop);
	xfree(fixture);
	return 0;
}

static struct track_wish
wish_of(const char *key)
{
	struct track_wish wish = { .id = { .provider = PROVIDER_DEEZER,
					   .kind = MEDIA_SONG },
		.listener = { "", "" },
		.qualities = TRACK_BIT(TRACK_PREVIEW) | TRACK_ALL_FULL };

	assert_true(copy_text(wish.id.key, sizeof wish.id.key, key));
	return wish;
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

static struct track_source *
open_song(struct fixture *fixture, struct track_wish wish, enum err wanted)
{
	struct seen seen = { 0 };

	fixture->provider.ops->open_start(fixture->seat, &wish, on_opened, &seen);
	assert_int_equal(seen.done, 0);
	fake_wait(fixture->loop, &seen.done, 1);
	assert_int_equal(seen.err, wanted);
	assert_int_equal(seen.source != NULL, wanted == ERR_NONE);
	return seen.source;
}

static void
a_preview_is_opened_at_its_address(void **state)
{
	struct fixture *fixture = *state;
	struct track_source *source = open_song(fixture, wish_of("7"), ERR_NONE);

	assert_string_equal(source->urls[0], "http://127.0.0.1:1/p7.mp3");
	assert_int_equal(source->url_count, 1);
	assert_null(source->headers);
	assert_null(source->filter);
	assert_int_equal(source->format.quality, TRACK_PREVIEW);
	assert_int_equal(source->format.duration_ms, 30000);
	assert_true(source->expires_wall_ms > clock_wall_ms());
	track_source_free(source);
}

static void
an_address_is_used_until_a_minute_before_its_end(void **state)
{
	struct fixture *fixture = *state;
	struct track_wish anew = wish_of("7");

	track_source_free(open_song(fixture, wish_of("7"), ERR_NONE));
	clock_advance(839 * 1000);
	track_source_free(open_song(fixture, wish_of("7"), ERR_NONE));
	assert_int_equal(fixture->fake.count, 1);
	clock_advance(2000);
	track_source_free(open_song(fixture, wish_of("7"), ERR_NONE));
	assert_int_equal(fixture->fake.count, 2);
	anew.anew = true;
	track_source_free(open_song(fixture, anew, ERR_NONE));
	assert_int_equal(fixture->fake.count, 3);
}

static void
an_address_that_names_its_end_is_believed(void **state)
{
	struct fixture *fixture = *state;
	int64_t ends_s = clock_wall_ms() / 1000 + 120;

	snprintf(fixture->fake.preview, sizeof fixture->fake.preview,
		"https://h/p.mp3?hdnea=exp=%lld~acl=/", (long long)ends_s);
	struct track_source *source = open_song(fixture, wish_of("7"), ERR_NONE);
	assert_int_equal(source->expires_wall_ms, ends_s * 1000);
	track_source_free(source);
	clock_advance(55 * 1000);
	track_source_free(open_song(fixture, wish_of("7"), ERR_NONE));
	assert_int_equal(fixture->fake.count, 1);
	clock_advance(10 * 1000);
	track_source_free(open_song(fixture, wish_of("7"), ERR_NONE));
	assert_int_equal(fixture->fake.count, 2);
}

static void
what_has_no_preview_or_may_not_be_one_is_refused(void **state)
{
	struct fixture *fixture = *state;
	struct track_wish full = wish_of("7"), album = wish_of("7");

	full.qualities = TRACK_ALL_FULL;
	open_song(fixture, full, ERR_INVALID);
	album.id.kind = MEDIA_ALBUM;
	open_song(fixture, album, ERR_NOT_FOUND);
	assert_int_equal(fixture->fake.count, 0);
	open_song(fixture, wish_of("901"), ERR_NOT_FOUND);
	fixture->fake.preview[0] = '\0';
	open_song(fixture, wish_of("8"), ERR_NOT_FOUND);
	fixture->fake.mode = FAKE_BROKEN;
	open_song(fixture, wish_of("9"), ERR_UNREACHABLE);
}

static void
the_preview_is_the_only_form(void **state)
{
	struct fixture *fixture = *state;
	struct track_wish wish = wish_of("7");
	struct seen seen = { 0 };
	struct provider_lane lane =
		fixture->provider.ops->lane(fixture->provider.shared, &wish.listener);

	assert_int_equal(lane.qualities, TRACK_BIT(TRACK_PREVIEW));
	assert_string_equal(lane.account, "");
	fixture->provider.ops->formats_start(fixture->seat, &wish, on_described, &seen);
	fake_wait(fixture->loop, &seen.done, 1);
	assert_int_equal(seen.err, ERR_NONE);
	assert_int_equal(seen.formats.count, 1);
	assert_int_equal(seen.formats.of[0].quality, TRACK_PREVIEW);
	assert_int_equal(seen.formats.of[0].bitrate, 128000);
	/* What opening asks has been asked. */
	track_source_free(open_song(fixture, wish, ERR_NONE));
	assert_int_equal(fixture->fake.count, 1);
}

static void
a_cancelled_opening_is_silent(void **state)
{
	struct fixture *fixture = *state;
	const struct provider_ops *ops = fixture->provider.ops;
	struct track_wish wish = wish_of("7");
	struct seen seen = { 0 };

	ops->open_cancel(ops->open_start(fixture->seat, &wish, on_opened, &seen));
	fixture->fake.mode = FAKE_HOLD;
	void *opening = ops->open_start(fixture->seat, &wish, on_opened, &seen);
	fake_wait(fixture->loop, &fixture->fake.held_count, 1);
	ops->open_cancel(opening);
	wish.qualities = 0;
	ops->formats_cancel(ops->formats_start(fixture->seat, &wish, on_described, &seen));
	fake_release(&fixture->fake);
	fake_rest(fixture->loop);
	assert_int_equal(seen.done, 0);
}

static void
its_status_says_whether_it_is_up(void **state)
{
	struct fixture *fixture = *state;
	json_t *status = fixture->provider.ops->status(fixture->provider.shared);

	assert_string_equal(json_string_value(json_object_get(status, "name")), "deezer");
	assert_true(json_is_true(json_object_get(status, "up")));
	json_decref(status);
	fixture->fake.mode = FAKE_BROKEN;
	for (int i = 0; i < 3; i++)
		open_song(fixture, wish_of("9"), ERR_UNREACHABLE);
	status = fixture->provider.ops->status(fixture->provider.shared);
	assert_true(json_is_false(json_object_get(status, "up")));
	json_decref(status);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(a_preview_is_opened_at_its_address),
		TEST(an_address_is_used_until_a_minute_before_its_end),
		TEST(an_address_that_names_its_end_is_believed),
		TEST(what_has_no_preview_or_may_not_be_one_is_refused),
		TEST(the_preview_is_the_only_form),
		TEST(a_cancelled_opening_is_silent),
		TEST(its_status_says_whether_it_is_up),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
