#include "proxy/play_pass.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char song[] = "657874011100000000000000002fd844";
static const char other[] = "657874011100000000000000002fd845";
enum { NOW_MS = 1000000000, HOUR_MS = 3600000 };

static void
a_pass_is_good_for_its_item_until_it_expires(void **state)
{
	struct play_passes *passes = play_passes_new();
	char hex[PLAY_PASS_HEX];

	(void)state;
	play_pass_issue(passes, hex, song, NOW_MS, HOUR_MS);
	assert_int_equal(strlen(hex), 32);
	assert_true(play_pass_is_good(passes, slice_of(hex), song, NOW_MS));
	assert_true(play_pass_is_good(passes, slice_of(hex), song, NOW_MS + HOUR_MS));
	assert_false(
		play_pass_is_good(passes, slice_of(hex), song, NOW_MS + HOUR_MS + 1000));
	assert_false(play_pass_is_good(passes, slice_of(hex), other, NOW_MS));
	play_passes_free(passes);
}

static void
a_changed_or_foreign_pass_is_refused(void **state)
{
	struct play_passes *passes = play_passes_new();
	struct play_passes *others = play_passes_new();
	char hex[PLAY_PASS_HEX];

	(void)state;
	play_pass_issue(others, hex, song, NOW_MS, HOUR_MS);
	assert_false(play_pass_is_good(passes, slice_of(hex), song, NOW_MS));
	play_pass_issue(passes, hex, song, NOW_MS, HOUR_MS);
	for (size_t i = 0; i < 32; i++) {
		char kept = hex[i];
		hex[i] = kept == '0' ? '1' : '0';
		assert_false(play_pass_is_good(passes, slice_of(hex), song, NOW_MS));
		hex[i] = kept;
	}
	assert_false(play_pass_is_good(passes, slice_of(""), song, NOW_MS));
	assert_false(play_pass_is_good(passes, slice_of("1795226672663"), song, NOW_MS));
	play_passes_free(passes);
	play_passes_free(others);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pass_is_good_for_its_item_until_it_expires),
		cmocka_unit_test(a_changed_or_foreign_pass_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
