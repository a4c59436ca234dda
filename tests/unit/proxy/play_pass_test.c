#include "proxy/play_pass.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const char song[] = "657874011100000000000000002fd844";
static const char other[] = "657874011100000000000000002fd845";
enum { NOW_MS = 1000000000, HOUR_MS = 3600000 };

static const struct play_pass alice = {
	"0ee1aea595e44b91a4fcc5d9a2055479",
	"alice",
	TRACK_BIT(TRACK_MP3_320) | TRACK_BIT(TRACK_FLAC),
};

static bool
is_good(struct play_passes *passes, const char *hex, const char *item_id, int64_t wall_ms)
{
	struct play_pass pass;

	return play_pass_read(passes, &pass, slice_of(hex), item_id, wall_ms);
}

static void
a_pass_is_good_for_its_item_until_it_expires(void **state)
{
	struct play_passes *passes = play_passes_new();
	char hex[PLAY_PASS_HEX];

	(void)state;
	play_pass_issue(passes, hex, song, &alice, NOW_MS, HOUR_MS);
	assert_int_equal(strlen(hex), 32);
	assert_true(is_good(passes, hex, song, NOW_MS));
	assert_true(is_good(passes, hex, song, NOW_MS + HOUR_MS));
	assert_false(is_good(passes, hex, song, NOW_MS + HOUR_MS + 1000));
	assert_false(is_good(passes, hex, other, NOW_MS));
	play_passes_free(passes);
}

static void
a_changed_or_foreign_pass_is_refused(void **state)
{
	struct play_passes *passes = play_passes_new();
	struct play_passes *others = play_passes_new();
	char hex[PLAY_PASS_HEX];

	(void)state;
	play_pass_issue(others, hex, song, &alice, NOW_MS, HOUR_MS);
	assert_false(is_good(passes, hex, song, NOW_MS));
	play_pass_issue(passes, hex, song, &alice, NOW_MS, HOUR_MS);
	for (size_t i = 0; i < 32; i++) {
		char kept = hex[i];
		hex[i] = kept == '0' ? '1' : '0';
		assert_false(is_good(passes, hex, song, NOW_MS));
		hex[i] = kept;
	}
	assert_false(is_good(passes, "", song, NOW_MS));
	assert_false(is_good(passes, "1795226672663", song, NOW_MS));
	play_passes_free(passes);
	play_passes_free(others);
}

static void
a_pass_knows_for_whom_it_is_and_what_may_come(void **state)
{
	struct play_passes *passes = play_passes_new();
	struct play_pass bob = { "7266ce8b774243e9b4c30fbc9488275b", "bob", 1 }, read;
	const struct play_pass nobody = { .qualities = 2 };
	char first[PLAY_PASS_HEX], second[PLAY_PASS_HEX], third[PLAY_PASS_HEX];

	(void)state;
	play_pass_issue(passes, first, song, &alice, NOW_MS, HOUR_MS);
	play_pass_issue(passes, second, song, &bob, NOW_MS, HOUR_MS);
	play_pass_issue(passes, third, song, &nobody, NOW_MS, HOUR_MS);
	assert_true(play_pass_read(passes, &read, slice_of(first), song, NOW_MS));
	assert_string_equal(read.user_id, alice.user_id);
	assert_string_equal(read.user_name, "alice");
	assert_int_equal(read.qualities, alice.qualities);
	/* A user who is called otherwise since is still the same. */
	copy_text(bob.user_name, sizeof bob.user_name, "robert");
	play_pass_issue(passes, first, other, &bob, NOW_MS, HOUR_MS);
	assert_true(play_pass_read(passes, &read, slice_of(second), song, NOW_MS));
	assert_string_equal(read.user_name, "robert");
	assert_true(play_pass_read(passes, &read, slice_of(third), song, NOW_MS));
	assert_string_equal(read.user_id, "");
	assert_int_equal(read.qualities, 2);
	play_passes_free(passes);
}

static void
users_beyond_the_bound_are_nobody(void **state)
{
	struct play_passes *passes = play_passes_new();
	struct play_pass user = { .qualities = 1 }, read;
	char hex[PLAY_PASS_HEX];

	(void)state;
	for (int i = 0; i <= PLAY_PASS_USERS; i++) {
		snprintf(user.user_id, sizeof user.user_id, "%032x", i);
		play_pass_issue(passes, hex, song, &user, NOW_MS, HOUR_MS);
		assert_true(play_pass_read(passes, &read, slice_of(hex), song, NOW_MS));
		assert_string_equal(read.user_id, i < PLAY_PASS_USERS ? user.user_id : "");
	}
	play_passes_free(passes);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pass_is_good_for_its_item_until_it_expires),
		cmocka_unit_test(a_changed_or_foreign_pass_is_refused),
		cmocka_unit_test(a_pass_knows_for_whom_it_is_and_what_may_come),
		cmocka_unit_test(users_beyond_the_bound_are_nobody),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
