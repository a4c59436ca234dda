#include "proxy/route_class.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define OPERATIONS "tests/scenario/operations.txt"
#define CLASSES    "tests/unit/proxy/route_classes.txt"

enum { LINE_BYTES = 256, OPERATIONS_12 = 364 };

/* The next line that is no comment, without its end; false when there is none. */
static bool
next_line(FILE *file, char line[LINE_BYTES])
{
	while (fgets(line, LINE_BYTES, file) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (line[0] != '#' && line[0] != '\0')
			return true;
	}
	return false;
}

static void
every_operation_of_jellyfin_has_its_class(void **state)
{
	FILE *operations = fopen(OPERATIONS, "r");
	FILE *classes = fopen(CLASSES, "r");
	char operation[LINE_BYTES], wanted[LINE_BYTES], found[LINE_BYTES * 2];
	int count = 0;

	(void)state;
	assert_non_null(operations);
	assert_non_null(classes);
	while (next_line(operations, operation)) {
		assert_true(next_line(classes, wanted));
		const char *path = strchr(operation, ' ') + 1;
		enum route_class class = route_class_of(slice_of(path));
		snprintf(found, sizeof found, "%s %s", route_class_name(class), operation);
		assert_string_equal(found, wanted);
		assert_int_not_equal(class, ROUTE_CLASS_OTHER);
		count++;
	}
	assert_false(next_line(classes, wanted));
	assert_int_equal(count, OPERATIONS_12);
	fclose(operations);
	fclose(classes);
}

/* What the description does not list, and odd spellings. */
static void
other_paths_have_one_too(void **state)
{
	static const struct {
		const char *path, *class;
	} cases[] = {
		{ "/", "web" },
		{ "", "web" },
		{ "/web", "web" },
		{ "/web/", "web" },
		{ "/web/main.jellyfin.bundle.js", "web" },
		{ "/favicon.ico", "web" },
		{ "/socket", "socket" },
		{ "/SOCKET/", "socket" },
		{ "/socket/x", "other" },
		{ "/items", "list" },
		{ "/ITEMS/1/IMAGES/Primary/0", "image" },
		{ "/Items/1/", "item" },
		{ "/Users/1/Items/2", "item" },
		{ "/Users/1/Items", "list" },
		{ "/Users/1/Items/Resume", "list" },
		{ "/Users/1/Items/2/Intros", "list" },
		{ "/Users/1/Images/Primary", "image" },
		{ "/Users/1/PlayedItems/2", "item" },
		{ "/Users/1/PlayingItems/2/Progress", "report" },
		{ "/PlayingItems/2", "report" },
		{ "/Videos/1/master.m3u8", "hls" },
		{ "/Videos/1/hls1/main/0.ts", "hls" },
		{ "/Videos/1/hls/2/stream.m3u8", "hls" },
		{ "/Videos/ActiveEncodings", "hls" },
		{ "/Audio/1/main.m3u8", "hls" },
		{ "/Audio/1/stream.mp3", "audio" },
		{ "/health", "system" },
		{ "/sidetrack", "own" },
		{ "/sidetrack/api/plays", "own" },
		{ "/sidetrackx", "other" },
		{ "/metrics", "own" },
		{ "/metrics/x", "other" },
		{ "/It%65ms", "other" },
		{ "//Items", "other" },
		{ "*", "other" },
		{ "/a/b/c/d/e/f/g/h/i/j", "other" },
		{ "/Items/1/Images/2/3/4/5/6/7/8", "image" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const char *class =
			route_class_name(route_class_of(slice_of(cases[i].path)));
		if (strcmp(class, cases[i].class) != 0)
			fail_msg("%s: %s", cases[i].path, class);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_operation_of_jellyfin_has_its_class),
		cmocka_unit_test(other_paths_have_one_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
