#include "core/seal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { VERSION = 3 };

struct fixture {
	char folder[64];
	char path[96];
	struct seal *seal;
};

static int
set_up(void **state)
{
	struct fixture *fixture = xcalloc(1, sizeof *fixture);
	char why[256];

	copy_text(fixture->folder, sizeof fixture->folder, "/tmp/seal_test_XXXXXX");
	assert_non_null(mkdtemp(fixture->folder));
	snprintf(fixture->path, sizeof fixture->path, "%s/seal.key", fixture->folder);
	fixture->seal = seal_load(fixture->path, why, sizeof why);
	assert_non_null(fixture->seal);
	*state = fixture;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *fixture = *state;

	seal_free(fixture->seal);
	unlink(fixture->path);
	assert_int_equal(rmdir(fixture->folder), 0); /* nothing else was left there */
	xfree(fixture);
	return 0;
}

static void
what_was_sealed_opens_and_shows_nothing(void **state)
{
	struct fixture *fixture = *state;
	struct text sealed = { 0 }, again = { 0 }, opened = { 0 };

	seal_close(fixture->seal, &sealed, VERSION, SLICE("phone"), SLICE("token-1"));
	assert_int_equal(sealed.size, SEAL_OVERHEAD + strlen("token-1"));
	assert_null(memmem(sealed.data, sealed.size, "token", 5));
	seal_close(fixture->seal, &again, VERSION, SLICE("phone"), SLICE("token-1"));
	assert_memory_not_equal(sealed.data, again.data, sealed.size);
	assert_int_equal(seal_open(fixture->seal, &opened, VERSION, SLICE("phone"),
				 (struct slice){ sealed.data, sealed.size }),
		SEAL_GOOD);
	assert_string_equal(text_get(&opened), "token-1");
	text_fini(&sealed);
	text_fini(&again);
	text_fini(&opened);
}

static void
an_empty_content_is_a_content(void **state)
{
	struct fixture *fixture = *state;
	struct text sealed = { 0 }, opened = { 0 };

	seal_close(fixture->seal, &sealed, VERSION, SLICE(""), SLICE(""));
	assert_int_equal(seal_open(fixture->seal, &opened, VERSION, SLICE(""),
				 (struct slice){ sealed.data, sealed.size }),
		SEAL_GOOD);
	assert_int_equal(opened.size, 0);
	text_fini(&sealed);
	text_fini(&opened);
}

static void
what_is_cut_changed_or_elsewhere_does_not_open(void **state)
{
	struct fixture *fixture = *state;
	struct text sealed = { 0 }, opened = { 0 };

	seal_close(fixture->seal, &sealed, VERSION, SLICE("phone"), SLICE("token-1"));
	for (size_t size = 0; size < sealed.size; size++)
		assert_int_equal(seal_open(fixture->seal, &opened, VERSION, SLICE("phone"),
					 (struct slice){ sealed.data, size }),
			SEAL_BROKEN);
	assert_int_equal(seal_open(fixture->seal, &opened, VERSION, SLICE("tablet"),
				 (struct slice){ sealed.data, sealed.size }),
		SEAL_BROKEN);
	for (size_t i = 0; i < sealed.size; i++) {
		sealed.data[i] ^= 1;
		assert_int_not_equal(
			seal_open(fixture->seal, &opened, VERSION, SLICE("phone"),
				(struct slice){ sealed.data, sealed.size }),
			SEAL_GOOD);
		sealed.data[i] ^= 1;
	}
	assert_int_equal(opened.size, 0);
	text_fini(&sealed);
	text_fini(&opened);
}

static void
newer_versions_and_other_keys_are_told_apart(void **state)
{
	struct fixture *fixture = *state;
	struct text sealed = { 0 }, opened = { 0 };
	char why[256];

	seal_close(fixture->seal, &sealed, VERSION + 1, SLICE("phone"), SLICE("x"));
	struct slice slice = { sealed.data, sealed.size };
	assert_int_equal(seal_open(fixture->seal, &opened, VERSION, SLICE("phone"), slice),
		SEAL_NEWER);
	unlink(fixture->path);
	struct seal *other = seal_load(fixture->path, why, sizeof why);
	assert_non_null(other);
	assert_int_equal(seal_open(other, &opened, VERSION + 1, SLICE("phone"), slice),
		SEAL_OTHER_KEY);
	seal_free(other);
	text_fini(&sealed);
	text_fini(&opened);
}

static void
the_key_is_made_once_and_for_us_alone(void **state)
{
	struct fixture *fixture = *state;
	struct text sealed = { 0 }, opened = { 0 };
	struct stat facts;
	char why[256];

	assert_int_equal(stat(fixture->path, &facts), 0);
	assert_int_equal(facts.st_mode & 0777, 0600);
	struct seal *again = seal_load(fixture->path, why, sizeof why);
	assert_non_null(again);
	seal_close(fixture->seal, &sealed, VERSION, SLICE("phone"), SLICE("x"));
	assert_int_equal(seal_open(again, &opened, VERSION, SLICE("phone"),
				 (struct slice){ sealed.data, sealed.size }),
		SEAL_GOOD);
	seal_free(again);
	text_fini(&sealed);
	text_fini(&opened);
}

static void
a_file_without_a_key_is_refused_in_a_sentence_that_does_not_show_it(void **state)
{
	struct fixture *fixture = *state;
	char why[256];
	FILE *file = fopen(fixture->path, "w");

	fputs("no-key-at-all\n", file);
	fclose(file);
	assert_null(seal_load(fixture->path, why, sizeof why));
	assert_non_null(strstr(why, "holds no key"));
	assert_null(strstr(why, "at-all"));
	assert_null(seal_load("/nonexistent/folder/key", why, sizeof why));
	assert_non_null(strstr(why, "/nonexistent/folder/key cannot be made"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_was_sealed_opens_and_shows_nothing),
		TEST(an_empty_content_is_a_content),
		TEST(what_is_cut_changed_or_elsewhere_does_not_open),
		TEST(newer_versions_and_other_keys_are_told_apart),
		TEST(the_key_is_made_once_and_for_us_alone),
		TEST(a_file_without_a_key_is_refused_in_a_sentence_that_does_not_show_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
