#include "ws/frame.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const uint8_t mask[4] = { 0x11, 0xa2, 0x33, 0xf4 };

/* One stream: frames given as bytes, and the events that come out, a letter each: f frame,
 * t text, b bad. '|' behind a letter: a boundary. */
struct frame_case {
	const char *bytes;
	size_t size;
	const char *events;
	const char *text; /* the last one collected */
};

#define CASE(bytes, events, text)                                                          \
	{                                                                                  \
		bytes, sizeof(bytes) - 1, events, text                                     \
	}

static const struct frame_case cases[] = {
	CASE("", "", NULL),
	CASE("\x81\x02hi", "t|", "hi"),
	CASE("\x81\x00", "t|", ""),
	CASE("\x82\x02hi", "f|", NULL),
	CASE("\x81\x02hi\x82\x01x\x81\x01y", "t|f|t|", "y"),
	CASE("\x81\x82\x01\x02\x03\x04\x69\x6b", "t|", "hi"),
	CASE("\x01\x01"
	     "a\x00\x01"
	     "b\x80\x01"
	     "c",
		"fft|", "abc"),
	CASE("\x01\x01"
	     "a\x89\x01"
	     "p\x80\x01"
	     "c",
		"fft|", "ac"),
	CASE("\x8a\x00\x89\x03"
	     "abc",
		"f|f|", NULL),
	CASE("\x88\x02\x03\xe8", "f", NULL),
	CASE("\xc1\x02hi", "f|", NULL),
	CASE("\x81\x7e\x00\x03yes", "t|", "yes"),
	CASE("\x81\x7f\x00\x00\x00\x00\x00\x00\x00\x03yes", "t|", "yes"),
	CASE("\x81\x11"
	     "12345678901234567",
		"f|", NULL),
	CASE("\x01\x10"
	     "1234567890123456\x80\x01"
	     "7\x81\x01z",
		"ff|t|", "z"),
	CASE("\x81\x05hel", "", NULL),

	CASE("\x80\x01x", "b", NULL),
	CASE("\x01\x01"
	     "a\x81\x01"
	     "b",
		"fb", NULL),
	CASE("\x09\x00", "b", NULL),
	CASE("\x89\x7e\x00\x7e", "b", NULL),
	CASE("\x83\x00", "b", NULL),
	CASE("\x8b\x00", "b", NULL),
	CASE("\x88\x00\x81\x00", "fb", NULL),
	CASE("\x82\x7f\x80\x00\x00\x00\x00\x00\x00\x00", "b", NULL),
};

static void
check_case(const struct frame_case *c, size_t step)
{
	struct frame_scan scan;
	char events[64];
	size_t count = 0;
	char text[64] = "";
	bool bad = false;

	frame_scan_init(&scan, 16);
	assert_true(frame_scan_at_boundary(&scan));
	for (size_t at = 0; at < c->size && !bad;) {
		size_t size = c->size - at < step ? c->size - at : step;
		size_t used;
		enum frame_event event = frame_scan_feed(&scan, c->bytes + at, size, &used);
		assert_true(used <= size);
		at += used;
		bad = event == FRAME_EVENT_BAD;
		if (event == FRAME_EVENT_NONE)
			continue;
		events[count++] = bad ? 'b' : event == FRAME_EVENT_TEXT ? 't' : 'f';
		if (frame_scan_at_boundary(&scan))
			events[count++] = '|';
		if (event == FRAME_EVENT_TEXT)
			copy_text(text, sizeof text, text_get(&scan.message));
	}
	events[count] = '\0';
	assert_string_equal(events, c->events);
	assert_string_equal(text, c->text != NULL ? c->text : "");
	frame_scan_fini(&scan);
}

static void
every_stream_of_the_table_is_followed_however_it_is_cut(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		for (size_t step = 1; step <= cases[i].size + 1; step++)
			check_case(&cases[i], step);
	}
}

static void
a_frame_under_way_is_no_boundary(void **state)
{
	struct frame_scan scan;
	size_t used;

	(void)state;
	frame_scan_init(&scan, 0);
	assert_int_equal(frame_scan_feed(&scan, "\x81", 1, &used), FRAME_EVENT_NONE);
	assert_false(frame_scan_at_boundary(&scan));
	assert_int_equal(frame_scan_feed(&scan, "\x02", 1, &used), FRAME_EVENT_NONE);
	assert_false(frame_scan_at_boundary(&scan));
	assert_int_equal(frame_scan_feed(&scan, "hi", 2, &used), FRAME_EVENT_FRAME);
	assert_true(frame_scan_at_boundary(&scan));
	frame_scan_fini(&scan);
}

static void
what_is_built_is_read_back(void **state)
{
	static const size_t sizes[] = { 0, 1, 125, 126, 127, 65535, 65536, 70000 };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(sizes) * 2; i++) {
		size_t size = sizes[i / 2];
		struct text frame;
		struct frame_scan scan;
		size_t used;
		char *payload = xmalloc(size + 1);

		memset(payload, 'x', size + 1);
		text_init(&frame);
		frame_build(&frame, FRAME_TEXT, payload, size, i % 2 == 0 ? NULL : mask);
		frame_scan_init(&scan, 100000);
		assert_int_equal(frame_scan_feed(&scan, frame.data, frame.size, &used),
			FRAME_EVENT_TEXT);
		assert_int_equal(used, frame.size);
		assert_int_equal(scan.message.size, size);
		assert_memory_equal(text_get(&scan.message), payload, size);
		frame_scan_fini(&scan);
		text_fini(&frame);
		xfree(payload);
	}
}

static void
a_server_frame_has_the_shortest_length_form(void **state)
{
	struct text frame;

	(void)state;
	text_init(&frame);
	frame_build(&frame, FRAME_TEXT, "hi", 2, NULL);
	assert_int_equal(frame.size, 4);
	assert_memory_equal(frame.data, "\x81\x02hi", 4);
	text_fini(&frame);
}

static void
a_close_frame_carries_code_and_a_reason_cut_to_fit(void **state)
{
	struct text frame;
	char reason[200];

	(void)state;
	text_init(&frame);
	frame_build_close(&frame, 1001, "bye", NULL);
	assert_int_equal(frame.size, 7);
	assert_memory_equal(frame.data,
		"\x88\x05\x03\xe9"
		"bye",
		7);
	text_clear(&frame);
	memset(reason, 'r', sizeof reason - 1);
	reason[sizeof reason - 1] = '\0';
	frame_build_close(&frame, 1001, reason, mask);
	assert_int_equal(frame.size, 2 + 4 + FRAME_CONTROL_MAX);
	text_fini(&frame);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_stream_of_the_table_is_followed_however_it_is_cut),
		cmocka_unit_test(a_frame_under_way_is_no_boundary),
		cmocka_unit_test(what_is_built_is_read_back),
		cmocka_unit_test(a_server_frame_has_the_shortest_length_form),
		cmocka_unit_test(a_close_frame_carries_code_and_a_reason_cut_to_fit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
