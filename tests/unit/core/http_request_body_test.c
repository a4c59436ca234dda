#include "core/http_request_body.h"

#include <event2/buffer.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/clock.h"

static const struct http_limits limits = { .body_bytes = 200 * 1024,
	.buffered_bytes = 300 * 1024 };

struct fixture {
	struct http_server_shared shared;
	struct http_body_bounds bounds;
	struct http_request_body body;
	struct http_request_body other;
};

static int
begin(struct fixture *fixture, struct http_request_body *body, enum http_framing framing,
	uint64_t length)
{
	const struct http_request_head head = { .framing = framing, .length = length };
	const struct http_refusal *refusal =
		http_request_body_begin(body, &fixture->bounds, &head);

	return refusal != NULL ? refusal->status : 200;
}

/* 200: all of it is there; 0: not yet. */
static int
feed(struct fixture *fixture, struct http_request_body *body, const char *data, size_t size,
	size_t *used)
{
	char *copy = xstrndup(data, size);
	const struct http_refusal *refusal =
		http_request_body_feed(body, &fixture->bounds, copy, size, used);

	xfree(copy);
	if (refusal != NULL)
		return refusal->status;
	return http_request_body_is_whole(body) ? 200 : 0;
}

static int
feed_text(struct fixture *fixture, const char *text)
{
	size_t used;

	return feed(fixture, &fixture->body, text, strlen(text), &used);
}

static void
expect_body(struct fixture *fixture, const char *wanted)
{
	struct evbuffer *buffer = fixture->body.buffer;

	assert_int_equal(evbuffer_get_length(buffer), strlen(wanted));
	assert_memory_equal(evbuffer_pullup(buffer, -1), wanted, strlen(wanted));
}

static void
a_body_ends_where_its_length_says(void **state)
{
	struct fixture *fixture = *state;
	size_t used;

	assert_int_equal(begin(fixture, &fixture->body, HTTP_FRAMING_LENGTH, 6), 200);
	assert_false(http_request_body_is_whole(&fixture->body));
	assert_int_equal(feed(fixture, &fixture->body, "abc", 3, &used), 0);
	assert_int_equal(used, 3);
	assert_int_equal(feed(fixture, &fixture->body, "defGET /", 8, &used), 200);
	assert_int_equal(used, 3);
	expect_body(fixture, "abcdef");
}

static void
no_body_is_whole_at_once(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(begin(fixture, &fixture->body, HTTP_FRAMING_NONE, 0), 200);
	assert_true(http_request_body_is_whole(&fixture->body));
	assert_null(fixture->body.buffer);
}

static void
chunks_lose_their_framing_however_they_are_cut(void **state)
{
	static const char chunks[] =
		"3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\nT: t\r\n\r\nGET /";
	struct fixture *fixture = *state;
	size_t size = sizeof chunks - 1;

	for (size_t step = 1; step <= size; step++) {
		size_t at = 0;
		int status = 0;
		assert_int_equal(
			begin(fixture, &fixture->body, HTTP_FRAMING_CHUNKED, 0), 200);
		while (status == 0 && at < size) {
			size_t used;
			size_t given = size - at < step ? size - at : step;
			status = feed(fixture, &fixture->body, chunks + at, given, &used);
			at += used;
		}
		assert_int_equal(status, 200);
		assert_int_equal(at, size - 5);
		expect_body(fixture, "abc0123456789");
		http_request_body_clear(&fixture->body, &fixture->bounds);
	}
}

static void
malformed_chunks_are_refused(void **state)
{
	static const char *const bad[] = { "0x3\r\n", "+3\r\n", "-1\r\n", " 3\r\n", "\r\n",
		"g\r\n", "3\nabc", "3\r\nabcd", "3\r\nabc\n", "0\r\n\n", "3;\x01\r\n",
		"00000000000000003\r\n", "8000000000000000\r\n" };
	struct fixture *fixture = *state;

	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		assert_int_equal(
			begin(fixture, &fixture->body, HTTP_FRAMING_CHUNKED, 0), 200);
		if (feed_text(fixture, bad[i]) != 400)
			fail_msg("\"%s\" is accepted", bad[i]);
		http_request_body_clear(&fixture->body, &fixture->bounds);
	}
}

static void
a_body_above_the_limit_is_refused_by_what_it_declares(void **state)
{
	struct fixture *fixture = *state;
	uint64_t most = (uint64_t)limits.body_bytes;

	assert_int_equal(begin(fixture, &fixture->body, HTTP_FRAMING_LENGTH, most), 200);
	http_request_body_clear(&fixture->body, &fixture->bounds);
	assert_int_equal(
		begin(fixture, &fixture->body, HTTP_FRAMING_LENGTH, most + 1), 413);
	http_request_body_clear(&fixture->body, &fixture->bounds);
	assert_int_equal(
		begin(fixture, &fixture->body, HTTP_FRAMING_LENGTH, INT64_MAX), 413);
	http_request_body_clear(&fixture->body, &fixture->bounds);
	assert_int_equal(begin(fixture, &fixture->body, HTTP_FRAMING_CHUNKED, 0), 200);
	assert_int_equal(feed_text(fixture, "1\r\na\r\n32000\r\n"), 413);
}

static void
chunks_that_are_mostly_framing_are_refused(void **state)
{
	struct fixture *fixture = *state;
	struct text piece;
	int status = 0;
	int pieces = 0;

	text_init(&piece);
	text_addf(&piece, "1;%01000d\r\nx\r\n", 0);
	assert_int_equal(begin(fixture, &fixture->body, HTTP_FRAMING_CHUNKED, 0), 200);
	for (; status == 0 && pieces < 1000; pieces++)
		status = feed_text(fixture, text_get(&piece));
	assert_int_equal(status, 400);
	assert_true(pieces > 60 && pieces < 100);
	text_fini(&piece);
}

static void
all_bodies_together_have_a_bound(void **state)
{
	static const char piece[64 * 1024];
	struct fixture *fixture = *state;
	size_t used;
	int status = 0;

	assert_int_equal(
		begin(fixture, &fixture->body, HTTP_FRAMING_LENGTH, 3 * sizeof piece), 200);
	assert_int_equal(
		begin(fixture, &fixture->other, HTTP_FRAMING_LENGTH, 3 * sizeof piece),
		200);
	for (int i = 0; i < 2; i++)
		assert_int_equal(
			feed(fixture, &fixture->body, piece, sizeof piece, &used), 0);
	for (int i = 0; status == 0 && i < 3; i++)
		status = feed(fixture, &fixture->other, piece, sizeof piece, &used);
	assert_int_equal(status, 503);
	http_request_body_clear(&fixture->other, &fixture->bounds);
	assert_int_equal(feed(fixture, &fixture->body, piece, sizeof piece, &used), 200);
	http_request_body_clear(&fixture->body, &fixture->bounds);
	assert_int_equal(fixture->shared.buffered_bytes, 0);
}

static void
a_body_that_drips_for_ever_is_ended(void **state)
{
	struct fixture *fixture = *state;
	int status = 0;
	int minutes = 0;

	assert_int_equal(begin(fixture, &fixture->body, HTTP_FRAMING_LENGTH, 1000), 200);
	for (; status == 0 && minutes < 60; minutes++) {
		status = feed_text(fixture, "x");
		clock_advance(60 * 1000);
	}
	assert_int_equal(status, 408);
	assert_true(minutes > 5 && minutes < 8);
}

static void
a_body_that_moves_may_take_long(void **state)
{
	static const char piece[1024];
	struct fixture *fixture = *state;
	size_t used;

	assert_int_equal(
		begin(fixture, &fixture->body, HTTP_FRAMING_LENGTH, 150 * sizeof piece),
		200);
	for (int i = 1; i < 150; i++) {
		assert_int_equal(
			feed(fixture, &fixture->body, piece, sizeof piece, &used), 0);
		clock_advance(3 * 1000);
	}
	assert_int_equal(feed(fixture, &fixture->body, piece, sizeof piece, &used), 200);
}

static int
setup(void **state)
{
	struct fixture *fixture = xcalloc(1, sizeof *fixture);

	clock_enable_test();
	fixture->bounds = (struct http_body_bounds){ &limits, &fixture->shared };
	*state = fixture;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *fixture = *state;

	http_request_body_clear(&fixture->body, &fixture->bounds);
	http_request_body_clear(&fixture->other, &fixture->bounds);
	assert_int_equal(fixture->shared.buffered_bytes, 0);
	xfree(fixture);
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_body_ends_where_its_length_says),
		TEST(no_body_is_whole_at_once),
		TEST(chunks_lose_their_framing_however_they_are_cut),
		TEST(malformed_chunks_are_refused),
		TEST(a_body_above_the_limit_is_refused_by_what_it_declares),
		TEST(chunks_that_are_mostly_framing_are_refused),
		TEST(all_bodies_together_have_a_bound),
		TEST(a_body_that_drips_for_ever_is_ended),
		TEST(a_body_that_moves_may_take_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
