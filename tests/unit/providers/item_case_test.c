#include "providers/item_case.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/json.h"

static void
check(const char *from, const char *to)
{
	json_t *document = json_loads(from, 0, NULL);
	json_t *wanted = json_loads(to, 0, NULL);
	json_t *got = item_camel_case_new(document);

	assert_non_null(document);
	assert_true(json_equal(got, wanted));
	json_decref(document);
	json_decref(wanted);
	json_decref(got);
}

static void
keys_are_renamed_as_dot_net_does(void **state)
{
	(void)state;
	check("{\"Id\":1,\"ETag\":2,\"IsFolder\":3,\"URL\":4,\"already\":5,\"A\":6,\"\":7}",
		"{\"id\":1,\"eTag\":2,\"isFolder\":3,\"url\":4,\"already\":5,\"a\":6,\"\":"
		"7}");
}

static void
every_level_is_renamed_and_values_are_kept(void **state)
{
	(void)state;
	check("{\"Items\":[{\"Name\":\"Ab\",\"UserData\":{\"Played\":true}},null,[1.5]]}",
		"{\"items\":[{\"name\":\"Ab\",\"userData\":{\"played\":true}},null,[1.5]]"
		"}");
}

static void
keys_of_dictionaries_are_kept(void **state)
{
	(void)state;
	check("{\"ImageTags\":{\"Primary\":\"x\"},\"ProviderIds\":{\"Deezer\":\"1\"},"
	      "\"ImageBlurHashes\":{\"Primary\":{\"X\":\"y\"}},\"RequiredHttpHeaders\":{"
	      "\"A\":"
	      "\"b\"}}",
		"{\"imageTags\":{\"Primary\":\"x\"},\"providerIds\":{\"Deezer\":\"1\"},"
		"\"imageBlurHashes\":{\"Primary\":{\"X\":\"y\"}},\"requiredHttpHeaders\":{"
		"\"A\":\"b\"}}");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_are_renamed_as_dot_net_does),
		cmocka_unit_test(every_level_is_renamed_and_values_are_kept),
		cmocka_unit_test(keys_of_dictionaries_are_kept),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
