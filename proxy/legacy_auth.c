#include "proxy/legacy_auth.h"

#include <string.h>

#define NEW_QUERY_NAME "ApiKey"
#define OLD_QUERY_NAME "api_key"

static const char *const replaced[] = {
	"Authorization",
	"X-Emby-Authorization",
	"X-Emby-Token",
	"X-MediaBrowser-Token",
};

static struct slice
query_of(const char *target)
{
	const char *mark = strchr(target, '?');

	return slice_of(mark != NULL ? mark + 1 : "");
}

/* A login has no token yet: its client says who it is in an old header only. */
static bool
introduces_itself(const struct http_header *headers, size_t header_count)
{
	for (size_t i = 0; i < header_count; i++) {
		if (text_equal_ci(headers[i].name, "X-Emby-Authorization") ||
			(text_equal_ci(headers[i].name, "Authorization") &&
				slice_starts_with_ci(slice_of(headers[i].value), "Emby ")))
			return true;
	}
	return false;
}

static bool
is_old(const struct identity *identity, const struct http_header *headers,
	size_t header_count)
{
	switch (identity->form) {
	case IDENTITY_LEGACY:
	case IDENTITY_BARE:
		/* What was cut to fit is not what the client sent. */
		return strlen(identity->token) < sizeof identity->token - 1;
	case IDENTITY_NONE:
		return (identity->client[0] != '\0' || identity->device_id[0] != '\0') &&
		       introduces_itself(headers, header_count);
	case IDENTITY_MEDIABROWSER:
	case IDENTITY_QUERY:
		break;
	}
	return false;
}

void
legacy_auth_read(struct legacy_auth *legacy, const struct http_header *headers,
	size_t header_count, const char *target)
{
	const struct http_request request = {
		.headers = headers, .header_count = header_count, .client_address = ""
	};
	struct slice query_text = query_of(target);
	struct arena *arena = query_text.size > 0 ? arena_new() : NULL;
	struct query query = { 0 };

	if (arena != NULL)
		query = query_parse(arena, query_text);
	identity_read(&legacy->identity, &request, &query);
	legacy->translates = is_old(&legacy->identity, headers, header_count);
	legacy->renames = legacy->translates && query_get(&query, OLD_QUERY_NAME) != NULL &&
			  query_get(&query, NEW_QUERY_NAME) == NULL;
	arena_free(arena);
}

bool
legacy_auth_replaces(const struct legacy_auth *legacy, struct slice name)
{
	for (size_t i = 0; legacy->translates && i < COUNT_OF(replaced); i++) {
		if (slice_equal_text_ci(name, replaced[i]))
			return true;
	}
	return false;
}

void
legacy_auth_write_line(struct text *to, const struct legacy_auth *legacy)
{
	text_add(to, "Authorization: ");
	identity_write_header(to, &legacy->identity);
	text_add_bytes(to, "\r\n", 2);
}

/* The bytes of a parameter's name, as they came. */
static struct slice
name_of(struct slice parameter)
{
	const char *equals =
		parameter.size > 0 ? memchr(parameter.data, '=', parameter.size) : NULL;

	if (equals != NULL)
		parameter.size = (size_t)(equals - parameter.data);
	return parameter;
}

void
legacy_auth_write_target(
	struct text *to, const struct legacy_auth *legacy, const char *target)
{
	struct slice rest = query_of(target), parameter;

	if (!legacy->renames) {
		text_add(to, target);
		return;
	}
	struct arena *arena = arena_new();
	text_add_bytes(to, target, (size_t)(rest.data - target));
	while (slice_next(&rest, '&', &parameter)) {
		struct slice name = name_of(parameter);
		if (text_equal_ci(url_decode(arena, name, true), OLD_QUERY_NAME)) {
			text_add(to, NEW_QUERY_NAME);
			text_add_bytes(
				to, parameter.data + name.size, parameter.size - name.size);
			text_add_slice(
				to, (struct slice){ parameter.data + parameter.size,
					    strlen(parameter.data + parameter.size) });
			break;
		}
		text_add_slice(to, parameter);
		text_add_char(to, '&');
	}
	arena_free(arena);
}
