#include "core/squeeze.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/mem.h"

enum { SIZE = 600, ROUNDS = 2000 };

/* Zeros in runs of all lengths, also at both ends. */
static void
fill(unsigned char *data, unsigned *seed)
{
	for (size_t at = 0; at < SIZE;) {
		*seed = *seed * 1103515245u + 12345u;
		size_t run = *seed >> 16 & 31;
		unsigned char byte =
			(*seed & 1 << 8) != 0 ? 0 : (unsigned char)(*seed >> 24);
		for (size_t i = 0; i <= run && at < SIZE; i++)
			data[at++] = byte;
	}
}

static void
whatever_is_squeezed_comes_out_again(void **state)
{
	unsigned char data[SIZE], restored[SIZE];
	unsigned seed = 7;

	(void)state;
	for (int i = 0; i < ROUNDS; i++) {
		fill(data, &seed);
		void *squeezed = squeeze_new(data, SIZE);
		memset(restored, 0xee, sizeof restored);
		squeeze_restore(restored, SIZE, squeezed);
		assert_memory_equal(restored, data, SIZE);
		assert_true(squeeze_equals(squeezed, data, SIZE));
		data[seed % SIZE] ^= 1;
		assert_false(squeeze_equals(squeezed, data, SIZE));
		xfree(squeezed);
	}
}

static void
texts_in_large_arrays_become_small(void **state)
{
	struct {
		char name[256], device[256];
		long number;
	} data = { .name = "Finamp", .number = 1 };

	(void)state;
	void *squeezed = squeeze_new(&data, sizeof data);
	assert_in_range(squeeze_size(squeezed, sizeof data), 7, 24);
	xfree(squeezed);
	memset(&data, 0, sizeof data);
	squeezed = squeeze_new(&data, sizeof data);
	assert_int_equal(squeeze_size(squeezed, sizeof data), 4);
	xfree(squeezed);
	squeezed = squeeze_new(&data, 0);
	assert_int_equal(squeeze_size(squeezed, 0), 0);
	xfree(squeezed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whatever_is_squeezed_comes_out_again),
		cmocka_unit_test(texts_in_large_arrays_become_small),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
