#include "providers/track_head.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "core/mem.h"

static const struct external_id song = { PROVIDER_DEEZER, MEDIA_SONG, "3135556" };

#define ETAG "\"deezer-3135556-mp3_320-1000\""

static const struct {
	struct track_range range;
	const char *if_range;
	int64_t first, last;
	bool is_part, satisfiable;
} rows[] = {
	{ { .last = -1 }, "", 0, 999, false, true },
	{ { .last = -1, .asked = true }, "", 0, 999, true, true },
	{ { 100, 199, .asked = true }, "", 100, 199, true, true },
	{ { 100, 5000, .asked = true }, "", 100, 999, true, true },
	{ { -1, 10, .asked = true }, "", 990, 999, true, true },
	{ { 1000, -1, .asked = true }, "", 0, 0, true, false },
	{ { 100, 199, .asked = true }, ETAG, 100, 199, true, true },
	/* Of another song's bytes: the whole, as if no range had been asked for. */
	{ { 100, 199, .asked = true }, "\"other\"", 0, 999, false, true },
	{ { 1000, -1, .asked = true }, "\"other\"", 0, 999, false, true },
	{ { 100, 199, .asked = true }, "W/" ETAG, 0, 999, false, true },
};

static void
a_head_says_which_bytes_come(void **state)
{
	struct track_format format = track_format_of(TRACK_MP3_320);

	(void)state;
	format.size = 1000;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct track_head head =
			track_head_of(&song, &format, &rows[i].range, rows[i].if_range);
		assert_string_equal(head.etag, ETAG);
		assert_string_equal(head.content_type, "audio/mpeg");
		assert_int_equal(head.format.size, 1000);
		assert_int_equal(head.is_part, rows[i].is_part);
		assert_int_equal(head.satisfiable, rows[i].satisfiable);
		if (!rows[i].satisfiable)
			continue;
		assert_int_equal(head.first, rows[i].first);
		assert_int_equal(head.last, rows[i].last);
	}
}

static void
other_bytes_have_another_validator(void **state)
{
	struct track_format format = track_format_of(TRACK_FLAC);
	const struct track_range whole = { .last = -1 };

	(void)state;
	format.size = 1000;
	struct track_head first = track_head_of(&song, &format, &whole, "");
	format.size = 1001;
	struct track_head longer = track_head_of(&song, &format, &whole, "");
	format = track_format_of(TRACK_FLAC_96);
	format.size = 1000;
	struct track_head better = track_head_of(&song, &format, &whole, "");
	assert_string_not_equal(first.etag, longer.etag);
	assert_string_not_equal(first.etag, better.etag);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_head_says_which_bytes_come),
		cmocka_unit_test(other_bytes_have_another_validator),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
