#include "providers/track_stream.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "providers/track_size.h"
#include "tests/unit/providers/fake_deezer.h"

enum { SIZE = 100000 };

/* How the CDN behaves. */
struct cdn {
	bool ignores_ranges, knows_no_head, head_without_length, sends_a_page, breaks_off;
	int refuse; /* so many answers are 403 first */
	int status; /* 0: well */
	int count;  /* requests */
};

struct fixture {
	struct loop *loop;
	struct fake fake;
	struct cdn cdn;
	char track[SIZE];
	struct http_client *client;
	struct catalog *catalog;
	struct catalog_worker *worker;
	struct track_streams *streams;
};

/* What a stream told. */
struct seen {
	struct track_stream *stream;
	int ready, done;
	enum err err;
	struct track_head head;
	char type[32];
	struct text bytes;
	bool pause_when_ready, cancel_when_ready, cancel_at_data;
};

/* ---- the CDN ---- */

static void
send_part(struct evhttp_request *request, int status, const char *data, size_t size)
{
	struct evbuffer *buffer = evbuffer_new();

	if (evhttp_request_get_command(request) == EVHTTP_REQ_GET)
		evbuffer_add(buffer, data, size);
	evhttp_send_reply(request, status, "x", buffer);
	evbuffer_free(buffer);
}

static void
send_range(struct fixture *fixture, struct evhttp_request *request, const char *range)
{
	struct evkeyvalq *headers = evhttp_request_get_output_headers(request);
	long first = 0, last = SIZE - 1;
	char line[80];

	if (range[6] == '-')
		first = SIZE - strtol(range + 7, NULL, 10);
	else
		sscanf(range, "bytes=%ld-%ld", &first, &last);
	first = first < 0 ? 0 : first;
	last = last >= SIZE ? SIZE - 1 : last;
	if (first > last) {
		snprintf(line, sizeof line, "bytes */%d", (int)SIZE);
		evhttp_add_header(headers, "Content-Range", line);
		send_part(request, 416, "", 0);
		return;
	}
	snprintf(line, sizeof line, "bytes %ld-%ld/%d", first, last, (int)SIZE);
	evhttp_add_header(headers, "Content-Range", line);
	send_part(request, 206, fixture->track + first, (size_t)(last - first + 1));
}

static void
break_off(struct fixture *fixture, struct evhttp_request *request)
{
	struct evbuffer *buffer = evbuffer_new();

	evhttp_add_header(
		evhttp_request_get_output_headers(request), "Content-Length", "100000");
	evhttp_send_reply_start(request, 200, "x");
	evbuffer_add(buffer, fixture->track, 5000);
	evhttp_send_reply_chunk(request, buffer);
	evhttp_send_reply_end(request);
	evbuffer_free(buffer);
}

static bool
cdn_answer(struct fake *fake, struct evhttp_request *request, const char *target)
{
	struct fixture *fixture = fake->other_arg;
	struct cdn *cdn = &fixture->cdn;
	struct evkeyvalq *headers = evhttp_request_get_output_headers(request);
	const char *range =
		evhttp_find_header(evhttp_request_get_input_headers(request), "Range");
	bool head = evhttp_request_get_command(request) == EVHTTP_REQ_HEAD;

	if (strncmp(target, "/cdn/", 5) != 0)
		return false;
	cdn->count++;
	evhttp_add_header(
		headers, "Content-Type", cdn->sends_a_page ? "text/html" : "audio/mpeg");
	if (cdn->refuse > 0) {
		cdn->refuse--;
		fake_reply(request, 403, "expired");
	} else if (cdn->status != 0) {
		fake_reply(request, cdn->status, "no");
	} else if (head && cdn->knows_no_head) {
		fake_reply(request, 405, "");
	} else if (head) {
		if (!cdn->head_without_length)
			evhttp_add_header(headers, "Content-Length", "100000");
		send_part(request, 200, "", 0);
	} else if (cdn->breaks_off) {
		break_off(fixture, request);
	} else if (range != NULL && !cdn->ignores_ranges) {
		send_range(fixture, request, range);
	} else {
		send_part(request, 200, fixture->track, SIZE);
	}
	return true;
}

/* ---- fixture ---- */

static int
setup(void **state)
{
	struct fixture *fixture = xcalloc(1, sizeof *fixture);
	static const struct http_client_options client = { .user_agent = "test" };

	clock_enable_test();
	for (size_t i = 0; i < SIZE; i++)
		fixture->track[i] = (char)(i * 31 + i / 251);
	fixture->loop = loop_new("test");
	loop_adopt(fixture->loop);
	fake_open(&fixture->fake, fixture->loop);
	fixture->fake.other = cdn_answer;
	fixture->fake.other_arg = fixture;
	snprintf(fixture->fake.preview, sizeof fixture->fake.preview, "%s/cdn/%%d.mp3",
		fixture->fake.url);
	fixture->client = http_client_new(fixture->loop, &client);
	fixture->catalog = fake_catalog_new(fixture->fake.url);
	fixture->worker =
		catalog_worker_new(fixture->catalog, fixture->loop, fixture->client);
	fixture->streams =
		track_streams_new(fixture->worker, fixture->client, fixture->loop);
	*state = fixture;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *fixture = *state;

	track_streams_free(fixture->streams);
	track_streams_free(NULL);
	catalog_worker_free(fixture->worker);
	http_client_free(fixture->client);
	fake_close(&fixture->fake);
	loop_free(fixture->loop);
	catalog_free(fixture->catalog);
	xfree(fixture);
	return 0;
}

static void
on_ready(void *arg, const struct track_head *head)
{
	struct seen *seen = arg;

	seen->ready++;
	seen->head = *head;
	copy_text(seen->type, sizeof seen->type, head->content_type);
	if (seen->pause_when_ready)
		track_stream_pause(seen->stream);
	if (seen->cancel_when_ready)
		track_stream_cancel(seen->stream);
}

static void
on_data(void *arg, const void *data, size_t size)
{
	struct seen *seen = arg;

	assert_int_equal(seen->ready, 1);
	text_add_bytes(&seen->bytes, data, size);
	if (seen->cancel_at_data)
		track_stream_cancel(seen->stream);
}

static void
on_done(void *arg, enum err err)
{
	struct seen *seen = arg;

	seen->done++;
	seen->err = err;
}

static const struct track_range whole = { .last = -1 };
static const struct track_range head_only = { .last = -1, .head_only = true };

static void
start(struct fixture *fixture, struct seen *seen, const char *key, struct track_range range)
{
	static const struct track_callbacks callbacks = { on_ready, on_data, on_done };
	struct external_id id = { .provider = PROVIDER_DEEZER, .kind = MEDIA_SONG };

	assert_true(copy_text(id.key, sizeof id.key, key));
	seen->stream = track_stream_open(fixture->streams, &id, &range, &callbacks, seen);
	assert_int_equal(seen->ready + seen->done, 0);
}

static struct seen
stream(struct fixture *fixture, const char *key, struct track_range range)
{
	struct seen seen = { 0 };

	start(fixture, &seen, key, range);
	fake_wait(fixture->loop, &seen.done, 1);
	return seen;
}

static void
check_bytes(struct fixture *fixture, struct seen *seen, int64_t first, int64_t last)
{
	assert_int_equal(seen->err, ERR_NONE);
	assert_true(seen->head.satisfiable);
	assert_int_equal(seen->head.total, SIZE);
	assert_int_equal(seen->head.first, first);
	assert_int_equal(seen->head.last, last);
	assert_int_equal(seen->bytes.size, last - first + 1);
	assert_memory_equal(seen->bytes.data, fixture->track + first, seen->bytes.size);
	text_fini(&seen->bytes);
}

static void
check_failure(struct fixture *fixture, const char *key, enum err err)
{
	struct seen seen = stream(fixture, key, whole);

	assert_int_equal(seen.ready, 0);
	assert_int_equal(seen.err, err);
}

/* ---- tests ---- */

static void
a_track_comes_whole(void **state)
{
	struct fixture *fixture = *state;
	struct seen seen = stream(fixture, "3", whole);

	assert_string_equal(seen.type, "audio/mpeg");
	check_bytes(fixture, &seen, 0, SIZE - 1);
	assert_string_equal(fixture->fake.all.data, "/track/3\n/cdn/3.mp3\n");
}

static const struct {
	struct track_range range;
	int64_t first, last;
} ranges[] = {
	{ { 0, 0, false }, 0, 0 },
	{ { 100, 199, false }, 100, 199 },
	{ { 99999, -1, false }, 99999, 99999 },
	{ { 50000, 999999, false }, 50000, SIZE - 1 },
	{ { -1, 500, false }, SIZE - 500, SIZE - 1 },
	{ { -1, 200000, false }, 0, SIZE - 1 },
	{ { 1, -1, false }, 1, SIZE - 1 },
};

static void
a_part_is_exactly_the_bytes_asked_for(void **state)
{
	struct fixture *fixture = *state;

	for (size_t i = 0; i < COUNT_OF(ranges); i++) {
		struct seen seen = stream(fixture, "3", ranges[i].range);
		check_bytes(fixture, &seen, ranges[i].first, ranges[i].last);
	}
}

static void
a_cdn_that_ignores_ranges_does_not_matter(void **state)
{
	struct fixture *fixture = *state;

	fixture->cdn.ignores_ranges = true;
	for (size_t i = 0; i < COUNT_OF(ranges); i++) {
		struct seen seen = stream(fixture, "3", ranges[i].range);
		check_bytes(fixture, &seen, ranges[i].first, ranges[i].last);
	}
}

static void
a_range_beyond_the_end_tells_the_size_only(void **state)
{
	struct fixture *fixture = *state;

	for (int i = 0; i < 2; i++) {
		struct seen seen = stream(
			fixture, "3", (struct track_range){ .first = SIZE, .last = -1 });
		fixture->cdn.ignores_ranges = true;
		assert_int_equal(seen.ready, 1);
		assert_false(seen.head.satisfiable);
		assert_int_equal(seen.head.total, SIZE);
		assert_int_equal(seen.err, ERR_NONE);
		assert_int_equal(seen.bytes.size, 0);
	}
}

static void
the_head_alone_is_asked_once(void **state)
{
	struct fixture *fixture = *state;
	struct external_id id = { PROVIDER_DEEZER, MEDIA_SONG, "3" };

	assert_int_equal(catalog_track_bytes(fixture->catalog, &id), 0);
	for (int i = 0; i < 2; i++) {
		struct seen seen = stream(fixture, "3", head_only);
		assert_int_equal(seen.err, ERR_NONE);
		assert_int_equal(seen.ready, 1);
		assert_int_equal(seen.head.total, SIZE);
		assert_int_equal(seen.bytes.size, 0);
	}
	assert_int_equal(fixture->cdn.count, 1);
	assert_int_equal(catalog_track_bytes(fixture->catalog, &id), SIZE);
	clock_advance(901 * 1000);
	assert_int_equal(catalog_track_bytes(fixture->catalog, &id), 0);
}

static void
a_cdn_without_head_is_asked_for_one_byte(void **state)
{
	struct fixture *fixture = *state;

	fixture->cdn.knows_no_head = true;
	struct seen seen = stream(fixture, "3", head_only);
	assert_int_equal(seen.err, ERR_NONE);
	assert_int_equal(seen.head.total, SIZE);
	assert_int_equal(fixture->cdn.count, 2);
	fixture->cdn.knows_no_head = false;
	fixture->cdn.head_without_length = true;
	seen = stream(fixture, "4", head_only);
	assert_int_equal(seen.err, ERR_NONE);
	assert_int_equal(seen.head.total, SIZE);
}

static void
an_address_that_is_refused_is_renewed_once(void **state)
{
	struct fixture *fixture = *state;

	fixture->cdn.refuse = 1;
	struct seen seen = stream(fixture, "3", whole);
	check_bytes(fixture, &seen, 0, SIZE - 1);
	assert_string_equal(
		fixture->fake.all.data, "/track/3\n/cdn/3.mp3\n/track/3\n/cdn/3.mp3\n");
	fixture->cdn.refuse = 2;
	check_failure(fixture, "3", ERR_DENIED);
	assert_int_equal(fixture->cdn.count, 4);
}

static void
what_cannot_be_played_says_why(void **state)
{
	struct fixture *fixture = *state;

	check_failure(fixture, "901", ERR_NOT_FOUND);
	fixture->cdn.status = 404;
	check_failure(fixture, "3", ERR_NOT_FOUND);
	fixture->cdn.status = 429;
	check_failure(fixture, "3", ERR_BUSY);
	fixture->cdn.status = 502;
	check_failure(fixture, "3", ERR_UNREACHABLE);
	fixture->cdn.status = 418;
	check_failure(fixture, "3", ERR_PROTOCOL);
	fixture->cdn.status = 0;
	fixture->cdn.sends_a_page = true;
	check_failure(fixture, "3", ERR_PROTOCOL);
	fixture->fake.preview[0] = '\0';
	check_failure(fixture, "5", ERR_NOT_FOUND);
	snprintf(
		fixture->fake.preview, sizeof fixture->fake.preview, "http://127.0.0.1:1/");
	check_failure(fixture, "6", ERR_UNREACHABLE);
}

static void
only_songs_are_played(void **state)
{
	struct fixture *fixture = *state;
	static const struct track_callbacks callbacks = { on_ready, on_data, on_done };
	struct external_id id = { PROVIDER_DEEZER, MEDIA_ALBUM, "3" };
	struct seen seen = { 0 };

	track_stream_open(fixture->streams, &id, &whole, &callbacks, &seen);
	fake_wait(fixture->loop, &seen.done, 1);
	assert_int_equal(seen.err, ERR_INVALID);
	assert_int_equal(fixture->fake.count, 0);
}

static void
a_track_that_breaks_off_is_an_error(void **state)
{
	struct fixture *fixture = *state;
	struct seen seen = { 0 };

	fixture->cdn.breaks_off = true;
	start(fixture, &seen, "3", whole);
	for (int i = 0; i < 400 && seen.done == 0; i++) {
		loop_turn(fixture->loop, 2);
		if (seen.bytes.size == 5000)
			clock_advance(1000); /* or the silence is noticed */
	}
	assert_int_equal(seen.done, 1);
	assert_int_equal(seen.ready, 1);
	assert_int_not_equal(seen.err, ERR_NONE);
	text_fini(&seen.bytes);
}

static void
a_paused_stream_waits(void **state)
{
	struct fixture *fixture = *state;
	struct seen seen = { .pause_when_ready = true }, early = { 0 };

	start(fixture, &seen, "3", whole);
	fake_wait(fixture->loop, &seen.ready, 1);
	fake_rest(fixture->loop);
	assert_int_equal(seen.bytes.size, 0);
	assert_int_equal(seen.done, 0);
	track_stream_resume(seen.stream);
	fake_wait(fixture->loop, &seen.done, 1);
	check_bytes(fixture, &seen, 0, SIZE - 1);
	start(fixture, &early, "4", whole);
	track_stream_pause(early.stream);
	fake_wait(fixture->loop, &early.ready, 1);
	fake_rest(fixture->loop);
	assert_int_equal(early.bytes.size, 0);
	track_stream_resume(early.stream);
	fake_wait(fixture->loop, &early.done, 1);
	check_bytes(fixture, &early, 0, SIZE - 1);
}

static void
a_cancelled_stream_is_silent(void **state)
{
	struct fixture *fixture = *state;
	struct seen seen[4] = { { 0 }, { 0 }, { .cancel_when_ready = true },
		{ .cancel_at_data = true } };

	start(fixture, &seen[0], "3", whole);
	track_stream_cancel(seen[0].stream);
	start(fixture, &seen[1], "3", whole);
	fake_wait(fixture->loop, &fixture->cdn.count, 1);
	if (seen[1].done == 0)
		track_stream_cancel(seen[1].stream);
	start(fixture, &seen[2], "3", whole);
	start(fixture, &seen[3], "3", whole);
	fake_wait(fixture->loop, &seen[2].ready, 1);
	fake_wait(fixture->loop, &seen[3].ready, 1);
	fake_rest(fixture->loop);
	for (size_t i = 0; i < COUNT_OF(seen); i++) {
		assert_int_equal(seen[i].done, 0);
		text_fini(&seen[i].bytes);
	}
	/* Known by its head: the answer would come by timer. */
	start(fixture, &seen[0], "3", head_only);
	track_stream_cancel(seen[0].stream);
	seen[2].ready = 0;
	start(fixture, &seen[2], "3", head_only);
	fake_wait(fixture->loop, &seen[2].ready, 1);
	fake_rest(fixture->loop);
	assert_int_equal(seen[0].done + seen[2].done, 0);
}

static void
a_worker_may_go_while_streams_run(void **state)
{
	struct fixture *fixture = *state;
	struct seen seen[2] = { { .pause_when_ready = true }, { 0 } };

	start(fixture, &seen[0], "3", whole);
	fake_wait(fixture->loop, &seen[0].ready, 1);
	fixture->fake.mode = FAKE_HOLD;
	start(fixture, &seen[1], "4", whole);
	fake_wait(fixture->loop, &fixture->fake.held_count, 1);
	track_streams_free(fixture->streams);
	fixture->streams = NULL;
	fake_release(&fixture->fake);
	fake_rest(fixture->loop);
	assert_int_equal(seen[0].done + seen[1].done, 0);
}

/* ---- sizes ---- */

struct sized {
	int done;
	enum err err;
	int64_t bytes;
};

static void
on_sized(void *arg, enum err err, int64_t bytes)
{
	struct sized *sized = arg;

	sized->done++;
	sized->err = err;
	sized->bytes = bytes;
}

static void
the_size_is_told_within_the_deadline_or_not_at_all(void **state)
{
	struct fixture *fixture = *state;
	struct external_id id = { PROVIDER_DEEZER, MEDIA_SONG, "3" };
	struct external_id other = { PROVIDER_DEEZER, MEDIA_SONG, "4" };
	struct external_id none = { PROVIDER_DEEZER, MEDIA_SONG, "999" };
	struct sized first = { 0 }, late = { 0 }, missing = { 0 }, silent = { 0 };

	track_size_get(fixture->streams, &id, 1000, on_sized, &first);
	assert_int_equal(first.done, 0);
	fake_wait(fixture->loop, &first.done, 1);
	assert_int_equal(first.err, ERR_NONE);
	assert_int_equal(first.bytes, SIZE);
	track_size_get(fixture->streams, &none, 1000, on_sized, &missing);
	fake_wait(fixture->loop, &missing.done, 1);
	assert_int_equal(missing.err, ERR_NOT_FOUND);
	fixture->fake.mode = FAKE_HOLD;
	track_size_get(fixture->streams, &other, 1000, on_sized, &late);
	struct track_size *cancelled =
		track_size_get(fixture->streams, &other, 1000, on_sized, &silent);
	fake_wait(fixture->loop, &fixture->fake.held_count, 1);
	track_size_cancel(cancelled);
	clock_advance(1001);
	fake_wait(fixture->loop, &late.done, 1);
	assert_int_equal(late.err, ERR_TIMEOUT);
	assert_int_equal(silent.done, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(a_track_comes_whole),
		TEST(a_part_is_exactly_the_bytes_asked_for),
		TEST(a_cdn_that_ignores_ranges_does_not_matter),
		TEST(a_range_beyond_the_end_tells_the_size_only),
		TEST(the_head_alone_is_asked_once),
		TEST(a_cdn_without_head_is_asked_for_one_byte),
		TEST(an_address_that_is_refused_is_renewed_once),
		TEST(what_cannot_be_played_says_why),
		TEST(only_songs_are_played),
		TEST(a_track_that_breaks_off_is_an_error),
		TEST(a_paused_stream_waits),
		TEST(a_cancelled_stream_is_silent),
		TEST(a_worker_may_go_while_streams_run),
		TEST(the_size_is_told_within_the_deadline_or_not_at_all),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
