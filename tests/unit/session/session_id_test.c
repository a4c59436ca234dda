#include "session/session_id.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "core/mem.h"

static void
it_is_the_guid_that_jellyfin_makes_of_client_and_device(void **state)
{
	static const struct {
		const char *client, *device_id, *id;
	} cases[] = {
		{ "Jellyfin Web", "web-1", "653b41fe4b0c4f20743b8f205ad589ba" },
		{ "Finamp", "device-1", "6d9e59992828318085fba259fcf9a424" },
		{ "Fin\xc3"
		  "\xa4"
		  "mp \xe2"
		  "\x99"
		  "\xab"
		  "",
			"\xf0"
			"\x9f"
			"\x8e"
			"\xb5"
			"-phone",
			"1087946c0a410ca787173aa999507f0b" },
		{ "", "x", "8554be504af8d45860ffa25ebf1012c7" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		char id[33];
		session_id_of(id, cases[i].client, cases[i].device_id);
		assert_string_equal(id, cases[i].id);
	}
}

/* What .NET makes of broken UTF-8 in a header is a guess; that nothing is read beyond the
 * end is not. */
static void
broken_text_is_replaced_byte_by_byte(void **state)
{
	char id[33], replaced[33];

	(void)state;
	session_id_of(id, "a\xff", "\xe2\x82");
	session_id_of(replaced, "a\xef\xbf\xbd", "\xef\xbf\xbd\xef\xbf\xbd");
	assert_string_equal(id, replaced);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_the_guid_that_jellyfin_makes_of_client_and_device),
		cmocka_unit_test(broken_text_is_replaced_byte_by_byte),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
