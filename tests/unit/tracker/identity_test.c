#include "tracker/identity.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define T  "0123456789abcdef0123456789abcdef"
#define T2 "fedcba9876543210fedcba9876543210"

struct form_case {
	const char *text;
	struct http_header headers[4];
	const char *query;
	enum identity_form form;
	const char *token;
	const char *device_id;
};

static const struct form_case form_cases[] = {
	{ "quoted", { { "Authorization", "MediaBrowser Token=\"" T "\"" } }, "",
		IDENTITY_MEDIABROWSER, T, "" },
	{ "unquoted", { { "authorization", "MediaBrowser Token=" T } }, "",
		IDENTITY_MEDIABROWSER, T, "" },
	{ "scheme in any case", { { "Authorization", "mEDIAbROWSER Token=\"" T "\"" } }, "",
		IDENTITY_MEDIABROWSER, T, "" },
	{ "lower-case key", { { "Authorization", "MediaBrowser token=\"" T "\"" } }, "",
		IDENTITY_NONE, "", "" },
	{ "single quotes stay", { { "Authorization", "MediaBrowser Token='abc'" } }, "",
		IDENTITY_MEDIABROWSER, "'abc'", "" },
	{ "Bearer", { { "Authorization", "Bearer " T } }, "", IDENTITY_NONE, "", "" },
	{ "Emby scheme", { { "Authorization", "Emby Token=\"" T "\", DeviceId=\"d\"" } },
		"", IDENTITY_LEGACY, T, "d" },
	{ "X-Emby-Authorization",
		{ { "X-Emby-Authorization",
			"MediaBrowser DeviceId=\"d\", Token=\"" T "\"" } },
		"", IDENTITY_LEGACY, T, "d" },
	{ "X-Emby-Token", { { "x-emby-token", T } }, "", IDENTITY_LEGACY, T, "" },
	{ "X-MediaBrowser-Token", { { "X-MediaBrowser-Token", T } }, "", IDENTITY_LEGACY, T,
		"" },
	{ "ApiKey", { { 0 } }, "ApiKey=" T, IDENTITY_QUERY, T, "" },
	{ "apikey", { { 0 } }, "x=1&apikey=" T, IDENTITY_QUERY, T, "" },
	{ "api_key", { { 0 } }, "api_key=" T, IDENTITY_LEGACY, T, "" },
	{ "API_KEY", { { 0 } }, "API_KEY=" T, IDENTITY_LEGACY, T, "" },
	{ "bare token", { { "AUTHORIZATION", T } }, "", IDENTITY_BARE, T, "" },
	{ "a word is no token", { { "Authorization", "MediaBrowser" } }, "", IDENTITY_NONE,
		"", "" },
	{ "header before X-Emby-Token",
		{ { "X-Emby-Token", T2 },
			{ "Authorization", "MediaBrowser Token=\"" T "\"" } },
		"", IDENTITY_MEDIABROWSER, T, "" },
	{ "X-Emby-Token before X-MediaBrowser-Token",
		{ { "X-MediaBrowser-Token", T2 }, { "X-Emby-Token", T } }, "",
		IDENTITY_LEGACY, T, "" },
	{ "X-MediaBrowser-Token before ApiKey", { { "X-MediaBrowser-Token", T } },
		"ApiKey=" T2, IDENTITY_LEGACY, T, "" },
	{ "ApiKey before api_key", { { 0 } }, "api_key=" T2 "&apikey=" T, IDENTITY_QUERY, T,
		"" },
	{ "header wins over a good ApiKey",
		{ { "Authorization", "MediaBrowser Token=\"bad\"" } }, "ApiKey=" T,
		IDENTITY_MEDIABROWSER, "bad", "" },
	{ "Basic does not count", { { "Authorization", "Basic dXNlcjpwYXNz" } },
		"ApiKey=" T, IDENTITY_QUERY, T, "" },
	{ "ApiKey before a bare token", { { "Authorization", T2 } }, "ApiKey=" T,
		IDENTITY_QUERY, T, "" },
	{ "fields without a token, token beside them",
		{ { "Authorization", "MediaBrowser DeviceId=\"d\", Client=\"c\"" },
			{ "X-Emby-Token", T } },
		"", IDENTITY_LEGACY, T, "d" },
	{ "nothing", { { 0 } }, "", IDENTITY_NONE, "", "" },
	{ "an empty token is none", { { "Authorization", "MediaBrowser Token=\"\"" } },
		"ApiKey=" T, IDENTITY_QUERY, T, "" },
};

static void
every_form_of_the_token_is_read_in_jellyfins_order(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(form_cases); i++) {
		const struct form_case *row = &form_cases[i];
		struct arena *arena = arena_new();
		struct http_request request = { .headers = row->headers,
			.client_address = "192.0.2.7" };
		struct query query = query_parse(arena, slice_of(row->query));
		struct identity identity;
		while (request.header_count < COUNT_OF(row->headers) &&
			row->headers[request.header_count].name != NULL)
			request.header_count++;
		identity_read(&identity, &request, &query);
		if (identity.form != row->form || strcmp(identity.token, row->token) != 0 ||
			strcmp(identity.device_id, row->device_id) != 0)
			fail_msg("%s: form %d, token \"%s\", device id \"%s\"", row->text,
				(int)identity.form, identity.token, identity.device_id);
		assert_string_equal(identity.address, "192.0.2.7");
		arena_free(arena);
	}
}

struct value_case {
	const char *value;
	const char *client, *device, *device_id, *version;
};

static const struct value_case value_cases[] = {
	{ "MediaBrowser Client=\"Jellyfin%20Web\", Device=\"Chrome\", DeviceId=\"w-1\", "
	  "Version=\"12.0.0\"",
		"Jellyfin Web", "Chrome", "w-1", "12.0.0" },
	{ "MediaBrowser Client=\"A, B\", Device=\"x=y\", DeviceId=q=1, Version=1", "A, B",
		"x=y", "", "1" }, /* a second equal sign outside quotes begins a new key */
	{ "MediaBrowser Client=a+b,Device=\"c%2Bd\",DeviceId=%zz,Version=%", "a b", "c+d",
		"%zz", "%" },
	{ "MediaBrowser   Client =\"a\" ,  Device= \"b\"", "a", "b", "", "" },
	{ "MediaBrowser Client=\"a\", Client=\"b\"", "b", "", "", "" },
	{ "MediaBrowser Client=\"never closed, Device=x", "never closed, Device=x", "", "",
		"" },
	{ "MediaBrowser client=a, DEVICE=b, deviceId=c", "", "", "", "" },
	{ "MediaBrowser ,,=,\"\",Version=1", "", "", "", "1" },
	{ "MediaBrowser Client=\"caf\xc3\xa9\", Device=\"%E2%98%83\"", "caf\xc3\xa9",
		"\xe2\x98\x83", "", "" },
	{ "MediaBrowser Client=a%00b", "a%00b", "", "", "" },
};

static void
values_are_unquoted_and_decoded_as_jellyfin_does(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(value_cases); i++) {
		const struct value_case *row = &value_cases[i];
		struct identity identity = { 0 };
		bool scheme_ok = false;
		identity_parse_header(&identity, slice_of(row->value), &scheme_ok);
		assert_true(scheme_ok);
		assert_string_equal(identity.device_id, row->device_id);
		assert_string_equal(identity.client, row->client);
		assert_string_equal(identity.device, row->device);
		assert_string_equal(identity.version, row->version);
	}
}

static void
values_that_do_not_fit_are_cut(void **state)
{
	struct text value = { 0 };
	struct identity identity = { 0 };
	bool scheme_ok;

	(void)state;
	text_add(&value, "MediaBrowser DeviceId=\"");
	for (int i = 0; i < 1000; i++)
		text_add(&value, "\xc3\xa9");
	text_add(&value, "\"");
	identity_parse_header(
		&identity, (struct slice){ value.data, value.size }, &scheme_ok);
	assert_int_equal(strlen(identity.device_id), sizeof identity.device_id - 2);
	text_fini(&value);
}

static void
a_written_header_reads_back_the_same(void **state)
{
	struct identity identity = {
		.token = T, .client = "A, \"B\" + c=%41", .device_id = "\xc3\xa9\r\n"
	};
	struct identity again = { 0 };
	struct text header = { 0 };
	bool scheme_ok;

	(void)state;
	identity_write_header(&header, &identity);
	assert_string_equal(text_get(&header),
		"MediaBrowser Client=\"A%2C%20%22B%22%20%2B%20c%3D%2541\", "
		"DeviceId=\"%C3%A9%0D%0A\", Token=\"" T "\"");
	identity_parse_header(&again, slice_of(text_get(&header)), &scheme_ok);
	assert_true(scheme_ok);
	assert_string_equal(again.client, identity.client);
	assert_string_equal(again.device_id, identity.device_id);
	assert_string_equal(again.token, identity.token);
	assert_string_equal(again.device, "");
	text_fini(&header);
}

static void
a_packed_identity_is_the_same_when_it_is_unpacked(void **state)
{
	const struct identity identity = { .form = IDENTITY_MEDIABROWSER,
		.token = "t1",
		.device = "Pixel",
		.device_id = "phone",
		.version = "1",
		.address = "192.0.2.7" };
	struct identity other = identity, unpacked;

	(void)state;
	char *pack = identity_pack_new(&identity);
	identity_unpack(&unpacked, pack);
	assert_memory_equal(&unpacked, &identity, sizeof identity);
	assert_true(identity_is_packed_as(&identity, pack));
	copy_text(other.address, sizeof other.address, "192.0.2.8");
	assert_false(identity_is_packed_as(&other, pack));
	identity_pack_free(pack);
	identity_pack_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_form_of_the_token_is_read_in_jellyfins_order),
		cmocka_unit_test(values_are_unquoted_and_decoded_as_jellyfin_does),
		cmocka_unit_test(values_that_do_not_fit_are_cut),
		cmocka_unit_test(a_written_header_reads_back_the_same),
		cmocka_unit_test(a_packed_identity_is_the_same_when_it_is_unpacked),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
