#include "core/redis_url.h"

#include <stdio.h>
#include <string.h>

#include "core/text.h"
#include "core/url.h"

enum { DEFAULT_PORT = 6379, MOST_DATABASE = 65535 };

static bool
wrong(char *why, size_t why_size, const char *sentence)
{
	snprintf(why, why_size, "%s", sentence);
	return false;
}

static bool
decode(char *to, size_t size, struct slice encoded)
{
	struct arena *arena = arena_new();
	bool good = copy_text(to, size, url_decode(arena, encoded, false));

	arena_free(arena);
	return good;
}

/* "user:password", ":password", or the password alone as some write it. */
static bool
read_credential(struct redis_url *url, struct slice text)
{
	const char *colon = memchr(text.data, ':', text.size);
	struct slice user = { text.data, colon != NULL ? (size_t)(colon - text.data) : 0 };
	struct slice password =
		colon != NULL ? (struct slice){ colon + 1, text.size - user.size - 1 }
			      : text;

	return decode(url->user, sizeof url->user, user) &&
	       decode(url->password, sizeof url->password, password);
}

static bool
read_authority(struct redis_url *url, struct slice text)
{
	struct slice host = text, port = { NULL, 0 };
	const char *end = text.size > 0 && text.data[0] == '['
				  ? memchr(text.data, ']', text.size)
				  : NULL;
	const char *from = end != NULL ? end : text.data;
	const char *colon =
		text.size > 0 ? memchr(from, ':', text.size - (size_t)(from - text.data))
			      : NULL;
	uint64_t number = DEFAULT_PORT;

	if (colon != NULL) {
		host.size = (size_t)(colon - text.data);
		port = (struct slice){ colon + 1, text.size - host.size - 1 };
	}
	if (end != NULL) {
		if (end + 1 != host.data + host.size)
			return false;
		host = (struct slice){ host.data + 1, host.size - 2 };
	}
	if (colon != NULL && (!slice_to_u64(port, &number) || number == 0))
		return false;
	if (host.size == 0 || host.size >= sizeof url->host || number > UINT16_MAX)
		return false;
	memcpy(url->host, host.data, host.size);
	url->port = (uint16_t)number;
	return true;
}

bool
redis_url_parse(struct redis_url *url, const char *text, char *why, size_t why_size)
{
	struct slice rest = slice_of(text);
	uint64_t database = 0;

	*url = (struct redis_url){ .port = DEFAULT_PORT };
	if (slice_starts_with_ci(rest, "rediss:") || slice_starts_with_ci(rest, "unix:"))
		return wrong(why, why_size,
			"has to begin with redis://: neither TLS (rediss://) nor a socket "
			"file is supported; put a TLS tunnel such as stunnel in between");
	if (!slice_starts_with_ci(rest, "redis://"))
		return wrong(why, why_size,
			"has to be redis://[user:password@]host[:port][/database]");
	rest = (struct slice){ rest.data + 8, rest.size - 8 };
	const char *path = memchr(rest.data, '/', rest.size);
	if (path != NULL) {
		struct slice number = { path + 1,
			rest.size - (size_t)(path + 1 - rest.data) };
		if (number.size > 0 &&
			(!slice_to_u64(number, &database) || database > MOST_DATABASE))
			return wrong(why, why_size,
				"has no number of a database after its host");
		rest.size = (size_t)(path - rest.data);
	}
	const char *at = memrchr(rest.data, '@', rest.size);
	if (at != NULL) {
		struct slice credential = { rest.data, (size_t)(at - rest.data) };
		if (!read_credential(url, credential))
			return wrong(
				why, why_size, "has a user or password that is too long");
		rest = (struct slice){ at + 1, rest.size - credential.size - 1 };
	}
	url->database = (int64_t)database;
	if (!read_authority(url, rest))
		return wrong(why, why_size, "has no usable host and port");
	return true;
}
