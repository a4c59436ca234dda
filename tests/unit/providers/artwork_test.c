#include "providers/artwork.h"

#include "tests/unit/providers/fake_deezer.h"

struct fixture {
	struct loop *loop;
	struct fake fake;
	struct http_client *client;
	struct artwork *artwork;
	struct artwork_seat *seat;
	/* What the CDN answers. */
	int status;
	const char *type, *body;
};

struct seen {
	int done;
	enum err err;
	char type[32];
	char modified[40];
	size_t size;
};

static bool
answer(struct fake *fake, struct evhttp_request *request, const char *target)
{
	struct fixture *fixture = fake->other_arg;
	struct evkeyvalq *headers = evhttp_request_get_output_headers(request);

	(void)target;
	if (fixture->type != NULL)
		evhttp_add_header(headers, "Content-Type", fixture->type);
	evhttp_add_header(headers, "Last-Modified", "Tue, 02 Jan 2024 03:04:05 GMT");
	fake_reply(request, fixture->status, fixture->body);
	return true;
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
	fake_open(&fixture->fake, fixture->loop);
	fixture->fake.other = answer;
	fixture->fake.other_arg = fixture;
	fixture->status = 200;
	fixture->type = "image/jpeg";
	fixture->body = "picture";
	fixture->client = http_client_new(fixture->loop, &client);
	fixture->artwork = artwork_new();
	fixture->seat = artwork_seat_new(fixture->artwork, fixture->loop, fixture->client);
	*state = fixture;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *fixture = *state;

	artwork_seat_free(fixture->seat);
	http_client_free(fixture->client);
	fake_close(&fixture->fake);
	loop_free(fixture->loop);
	artwork_free(fixture->artwork);
	xfree(fixture);
	return 0;
}

static void
on_done(void *arg, enum err err, void *result)
{
	struct seen *seen = arg;
	const struct picture *picture = result;

	seen->done++;
	seen->err = err;
	if (picture == NULL)
		return;
	copy_text(seen->type, sizeof seen->type, picture->type);
	copy_text(seen->modified, sizeof seen->modified, picture->modified);
	seen->size = picture->size;
}

static char *
url_of(struct fixture *fixture, const char *path, char url[128])
{
	snprintf(url, 128, "%s%s", fixture->fake.url, path);
	return url;
}

static struct seen
get(struct fixture *fixture, const char *path)
{
	struct seen seen = { 0 };
	char url[128];

	artwork_get(fixture->seat, url_of(fixture, path, url), on_done, &seen);
	assert_int_equal(seen.done, 0);
	fake_wait(fixture->loop, &seen.done, 1);
	return seen;
}

static bool
is_kept(struct fixture *fixture, const char *path, enum err *err)
{
	struct picture *picture;
	char url[128];
	bool known =
		artwork_peek(fixture->artwork, url_of(fixture, path, url), err, &picture);

	if (known)
		assert_int_equal(picture != NULL, *err == ERR_NONE);
	picture_unref(picture);
	return known;
}

static void
a_picture_is_fetched_once_and_kept_for_a_day(void **state)
{
	struct fixture *fixture = *state;
	enum err err;

	assert_false(is_kept(fixture, "/a", &err));
	struct seen seen = get(fixture, "/a");
	assert_int_equal(seen.err, ERR_NONE);
	assert_string_equal(seen.type, "image/jpeg");
	assert_string_equal(seen.modified, "Tue, 02 Jan 2024 03:04:05 GMT");
	assert_int_equal(seen.size, 7);
	assert_true(is_kept(fixture, "/a", &err));
	assert_int_equal(err, ERR_NONE);
	assert_int_equal(get(fixture, "/a").err, ERR_NONE);
	assert_int_equal(fixture->fake.count, 1);
	struct artwork_figures figures = artwork_figures(fixture->artwork);
	assert_int_equal(figures.pictures, 1);
	assert_true(figures.bytes >= 7);
	clock_advance(24 * 3600 * 1000 + 1);
	assert_false(is_kept(fixture, "/a", &err));
}

static void
many_who_ask_at_once_cost_one_fetch(void **state)
{
	struct fixture *fixture = *state;
	struct seen seen[5] = { { 0 } };
	char url[128];

	fixture->fake.mode = FAKE_HOLD;
	url_of(fixture, "/a", url);
	for (size_t i = 0; i < COUNT_OF(seen); i++)
		artwork_get(fixture->seat, url, on_done, &seen[i]);
	fake_wait(fixture->loop, &fixture->fake.held_count, 1);
	assert_int_equal(artwork_figures(fixture->artwork).under_way, 1);
	fake_release(&fixture->fake);
	for (size_t i = 0; i < COUNT_OF(seen); i++)
		fake_wait(fixture->loop, &seen[i].done, 1);
	assert_int_equal(fixture->fake.count, 1);
}

static void
a_missing_picture_is_not_asked_for_again_for_five_minutes(void **state)
{
	static const int statuses[] = { 404, 403, 410 };
	struct fixture *fixture = *state;

	for (size_t i = 0; i < COUNT_OF(statuses); i++) {
		char path[8];
		enum err err;
		snprintf(path, sizeof path, "/%d", statuses[i]);
		fixture->status = statuses[i];
		assert_int_equal(get(fixture, path).err, ERR_NOT_FOUND);
		assert_true(is_kept(fixture, path, &err));
		assert_int_equal(err, ERR_NOT_FOUND);
		assert_int_equal(get(fixture, path).err, ERR_NOT_FOUND);
	}
	assert_int_equal(fixture->fake.count, 3);
	clock_advance(5 * 60 * 1000 + 1);
	fixture->status = 200;
	assert_int_equal(get(fixture, "/404").err, ERR_NONE);
}

static void
what_is_no_picture_does_not_pass_and_is_not_kept(void **state)
{
	static const struct {
		int status;
		const char *type, *body;
		enum err err;
	} cases[] = {
		{ 200, "text/html; charset=utf-8", "<html>log in first", ERR_PROTOCOL },
		{ 200, "image/svg+xml", "<svg onload=...>", ERR_PROTOCOL },
		{ 200, "imagejpeg", "x", ERR_PROTOCOL },
		{ 200, NULL, "x", ERR_PROTOCOL },
		{ 200, "image/jpeg", "", ERR_PROTOCOL },
		{ 302, "image/jpeg", "x", ERR_PROTOCOL },
		{ 500, "image/jpeg", "x", ERR_UNREACHABLE },
		{ 503, "text/plain", "x", ERR_BUSY },
		{ 200, "image/png; q=1", "x", ERR_NONE },
		{ 200, "IMAGE/WEBP", "x", ERR_NONE },
	};
	struct fixture *fixture = *state;
	enum err err;

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		char path[16];
		snprintf(path, sizeof path, "/%zu", i);
		fixture->status = cases[i].status;
		fixture->type = cases[i].type;
		fixture->body = cases[i].body;
		assert_int_equal(get(fixture, path).err, cases[i].err);
		assert_int_equal(is_kept(fixture, path, &err), cases[i].err == ERR_NONE);
	}
}

static void
strangers_get_a_few_places_and_then_none(void **state)
{
	struct fixture *fixture = *state;
	int64_t now_ms = clock_now_ms();
	int booked = 0;

	for (int i = 0; i < 100; i++) {
		int64_t at_ms = artwork_book_stranger(fixture->artwork, now_ms);
		assert_true(at_ms == -1 || (at_ms >= now_ms && at_ms <= now_ms + 5000));
		booked += at_ms >= 0;
	}
	assert_in_range(booked, 10, 20);
	assert_true(artwork_book_stranger(fixture->artwork, now_ms + 10001) >= 0);
}

static void
a_seat_that_goes_tells_those_who_wait(void **state)
{
	struct fixture *fixture = *state;
	struct seen seen = { 0 };
	char url[128];

	fixture->fake.mode = FAKE_HOLD;
	artwork_get(fixture->seat, url_of(fixture, "/a", url), on_done, &seen);
	fake_wait(fixture->loop, &fixture->fake.held_count, 1);
	artwork_seat_free(fixture->seat);
	fixture->seat = NULL;
	fake_wait(fixture->loop, &seen.done, 1);
	assert_int_equal(seen.err, ERR_BUSY);
	fake_release(&fixture->fake);
	fake_rest(fixture->loop);
	assert_int_equal(seen.done, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_picture_is_fetched_once_and_kept_for_a_day),
		TEST(many_who_ask_at_once_cost_one_fetch),
		TEST(a_missing_picture_is_not_asked_for_again_for_five_minutes),
		TEST(what_is_no_picture_does_not_pass_and_is_not_kept),
		TEST(strangers_get_a_few_places_and_then_none),
		TEST(a_seat_that_goes_tells_those_who_wait),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
