#include "core/data_lock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void
a_folder_has_one_holder(void **state)
{
	char base[] = "/tmp/sidetrack-lock-XXXXXX", folder[128], file[256];
	char why[300] = "", holder[64];

	(void)state;
	assert_non_null(mkdtemp(base));
	snprintf(folder, sizeof folder, "%s/data", base);
	struct data_lock *lock = data_lock_take(folder, why, sizeof why);
	assert_non_null(lock);
	assert_null(data_lock_take(folder, why, sizeof why));
	assert_non_null(strstr(why, folder));
	snprintf(holder, sizeof holder, "in use by another sidetrack (process %ld)",
		(long)getpid());
	assert_non_null(strstr(why, holder));
	data_lock_free(lock);
	/* What the holder left behind is in nobody's way. */
	lock = data_lock_take(folder, why, sizeof why);
	assert_non_null(lock);
	data_lock_free(lock);
	snprintf(file, sizeof file, "%s/sidetrack.lock", folder);
	assert_int_equal(unlink(file), 0);
	assert_int_equal(rmdir(folder), 0);
	assert_int_equal(rmdir(base), 0);
}

static void
a_folder_that_cannot_be_made_is_named(void **state)
{
	char why[300] = "";

	(void)state;
	assert_null(data_lock_take("/proc/nowhere/data", why, sizeof why));
	assert_non_null(strstr(why, "/proc/nowhere/data"));
	data_lock_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_folder_has_one_holder),
		cmocka_unit_test(a_folder_that_cannot_be_made_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
