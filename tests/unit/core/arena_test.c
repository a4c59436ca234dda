#include "core/arena.h"

#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void
memory_of_any_size_is_aligned_and_stays_what_it_was(void **state)
{
	static const size_t sizes[] = { 0, 1, 15, 16, 17, 4000, 4096, 4097, 100000, 3 };
	unsigned char *memory[COUNT_OF(sizes)];
	struct arena *arena = arena_new();

	(void)state;
	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < COUNT_OF(sizes); i++) {
			memory[i] = arena_alloc(arena, sizes[i]);
			assert_int_equal((uintptr_t)memory[i] % alignof(max_align_t), 0);
			memset(memory[i], (int)i + 1, sizes[i]);
		}
		for (size_t i = 0; i < COUNT_OF(sizes); i++) {
			for (size_t j = 0; j < sizes[i]; j++)
				assert_int_equal(memory[i][j], i + 1);
		}
		arena_reset(arena);
	}
	arena_free(arena);
	arena_free(NULL);
}

static void
copies_are_terminated(void **state)
{
	struct arena *arena = arena_new();
	char big[9000];

	(void)state;
	assert_string_equal(arena_strdup(arena, "abc"), "abc");
	assert_string_equal(arena_slice_dup(arena, (struct slice){ "abc", 2 }), "ab");
	assert_string_equal(arena_slice_dup(arena, (struct slice){ NULL, 0 }), "");
	assert_string_equal(arena_printf(arena, "%s-%d", "a", 7), "a-7");
	memset(big, 'x', sizeof big - 1);
	big[sizeof big - 1] = '\0';
	assert_string_equal(arena_printf(arena, "%s", big), big);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_of_any_size_is_aligned_and_stays_what_it_was),
		cmocka_unit_test(copies_are_terminated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
