#include "proxy/legacy_auth.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "proxy/headers.h"

enum { MAX_HEADERS = 5 };

/* A request's target and header lines, and what Jellyfin gets of both. */
struct row {
	const char *target;
	struct http_header headers[MAX_HEADERS];
	const char *expected;
};

#define BARE "0123456789abcdef0123456789abcdef"

static const struct row rows[] = {
	/* The old forms, one by one. */
	{ "/Items", { { "X-Emby-Token", "t" } },
		"/Items\nAuthorization: MediaBrowser Token=\"t\"\n" },
	{ "/Items", { { "x-mediabrowser-token", "t" } },
		"/Items\nAuthorization: MediaBrowser Token=\"t\"\n" },
	{ "/Items", { { "Authorization", "Emby Client=\"C\", Token=\"t\"" } },
		"/Items\nAuthorization: MediaBrowser Client=\"C\", Token=\"t\"\n" },
	{ "/Items",
		{ { "X-Emby-Authorization",
			"MediaBrowser Client=\"A B\", Device=\"D\", DeviceId=\"d,1\", "
			"Version=\"2\", Token=\"t\"" } },
		"/Items\nAuthorization: MediaBrowser Client=\"A%20B\", Device=\"D\", "
		"DeviceId=\"d%2C1\", Version=\"2\", Token=\"t\"\n" },
	{ "/Items", { { "Authorization", BARE } },
		"/Items\nAuthorization: MediaBrowser Token=\"" BARE "\"\n" },
	{ "/Items?a=1&api_key=t&b=%2F", { { "Accept", "*/*" } },
		"/Items?a=1&ApiKey=t&b=%2F\nAccept: */*\n"
		"Authorization: MediaBrowser Token=\"t\"\n" },
	{ "/socket?API%5fKEY=t%2B&deviceId=x", { { NULL, NULL } },
		"/socket?ApiKey=t%2B&deviceId=x\n"
		"Authorization: MediaBrowser Token=\"t%2B\"\n" },

	/* One line takes the place of all, where the first of them stood. */
	{ "/Items",
		{ { "A", "1" },
			{ "X-Emby-Authorization", "Emby Client=\"C\", DeviceId=\"d\"" },
			{ "B", "2" }, { "X-Emby-Token", "t" },
			{ "X-MediaBrowser-Token", "other" } },
		"/Items\nA: 1\nAuthorization: MediaBrowser Client=\"C\", DeviceId=\"d\", "
		"Token=\"t\"\nB: 2\n" },
	{ "/Items?api_key=u", { { "X-Emby-Token", "t" } },
		"/Items?ApiKey=u\nAuthorization: MediaBrowser Token=\"t\"\n" },
	{ "/Items?api_key=t&api_key=u", { { NULL, NULL } },
		"/Items?ApiKey=t&api_key=u\nAuthorization: MediaBrowser Token=\"t\"\n" },
	{ "/Items?ApiKey=u&api_key=v", { { "X-Emby-Token", "t" } },
		"/Items?ApiKey=u&api_key=v\nAuthorization: MediaBrowser Token=\"t\"\n" },
	/* An Authorization that says nothing to Jellyfin must not stand beside ours. */
	{ "/Items", { { "Authorization", "Basic dTpw" }, { "X-Emby-Token", "t" } },
		"/Items\nAuthorization: MediaBrowser Token=\"t\"\n" },
	/* What would break out of a line or a value is encoded. */
	{ "/Items?api_key=a%0D%0AX:%22", { { NULL, NULL } },
		"/Items?ApiKey=a%0D%0AX:%22\n"
		"Authorization: MediaBrowser Token=\"a%0D%0AX%3A%22\"\n" },

	/* A login has no token, but says who it is. */
	{ "/Users/AuthenticateByName",
		{ { "X-Emby-Authorization", "MediaBrowser Client=\"C\", DeviceId=\"d\"" } },
		"/Users/AuthenticateByName\n"
		"Authorization: MediaBrowser Client=\"C\", DeviceId=\"d\"\n" },
	{ "/Users/AuthenticateByName", { { "Authorization", "emby DeviceId=\"d\"" } },
		"/Users/AuthenticateByName\nAuthorization: MediaBrowser DeviceId=\"d\"\n" },

	/* A form of today: nothing changes, whatever else is there. */
	{ "/Items?api_key=u",
		{ { "Authorization", "MediaBrowser Token=\"t\"" },
			{ "X-Emby-Token", "u" } },
		"/Items?api_key=u\nAuthorization: MediaBrowser Token=\"t\"\n"
		"X-Emby-Token: u\n" },
	{ "/Items?apikey=t&api_key=u", { { "Authorization", "Basic dTpw" } },
		"/Items?apikey=t&api_key=u\nAuthorization: Basic dTpw\n" },
	/* Nothing that could be translated. */
	{ "/Items?api_key=&x", { { "X-Emby-Token", "" }, { "Authorization", "Bearer t" } },
		"/Items?api_key=&x\nX-Emby-Token: \nAuthorization: Bearer t\n" },
	{ "/Items?x=api_key", { { "Authorization", "MediaBrowser Client=\"C\"" } },
		"/Items?x=api_key\nAuthorization: MediaBrowser Client=\"C\"\n" },
	{ "/Items", { { "X-Emby-Authorization", "MediaBrowser" } },
		"/Items\nX-Emby-Authorization: MediaBrowser\n" },
};

static size_t
count_headers(const struct http_header *headers)
{
	size_t count = 0;

	while (count < MAX_HEADERS && headers[count].name != NULL)
		count++;
	return count;
}

/* The target and the lines between Host and the end, one below the other. */
static char *
translated(const char *target_text, const struct http_header *headers, size_t count,
	bool translate)
{
	const struct headers_target target = {
		.base = "/jf", .authority = "h", .translate_legacy = translate
	};
	const struct headers_request request = { .method = "GET",
		.target = target_text,
		.headers = headers,
		.header_count = count };
	struct text head, shown;
	struct slice rest, line;

	text_init(&head);
	text_init(&shown);
	headers_write_request(&head, &target, &request);
	rest = slice_of(text_get(&head));
	while (slice_next(&rest, '\n', &line)) {
		line.size--; /* the CR */
		if (slice_starts_with_ci(line, "GET /jf")) {
			line.data += strlen("GET /jf");
			line.size -= strlen("GET /jf") + strlen(" HTTP/1.1");
		}
		if (line.size == 0 || slice_starts_with_ci(line, "Host: "))
			continue;
		text_add_slice(&shown, line);
		text_add_char(&shown, '\n');
	}
	text_fini(&head);
	return text_take(&shown);
}

static void
old_forms_become_the_new_one_and_nothing_else_changes(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char *shown = translated(rows[i].target, rows[i].headers,
			count_headers(rows[i].headers), true);
		assert_string_equal(shown, rows[i].expected);
		xfree(shown);
	}
}

static void
nothing_is_translated_unless_asked_for(void **state)
{
	const struct http_header header = { "X-Emby-Token", "t" };
	char *shown = translated("/Items?api_key=u", &header, 1, false);

	(void)state;
	assert_string_equal(shown, "/Items?api_key=u\nX-Emby-Token: t\n");
	xfree(shown);
}

static void
a_token_too_long_to_be_kept_whole_goes_on_as_it_came(void **state)
{
	char token[300];
	struct legacy_auth legacy;
	const struct http_header header = { "X-Emby-Token", token };

	(void)state;
	memset(token, 'a', sizeof token - 1);
	token[sizeof token - 1] = '\0';
	legacy_auth_read(&legacy, &header, 1, "/Items");
	assert_false(legacy.translates);
	token[254] = '\0';
	legacy_auth_read(&legacy, &header, 1, "/Items");
	assert_true(legacy.translates);
	assert_string_equal(legacy.identity.token, token);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(old_forms_become_the_new_one_and_nothing_else_changes),
		cmocka_unit_test(nothing_is_translated_unless_asked_for),
		cmocka_unit_test(a_token_too_long_to_be_kept_whole_goes_on_as_it_came),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
