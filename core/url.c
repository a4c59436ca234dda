#include "core/url.h"

#include <stdio.h>
#include <string.h>

enum { MAX_QUERY_ITEMS = 512, MAX_LIST = 2048 };

static bool
is_unreserved(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c != '\0' && strchr("-._~", c) != NULL);
}

void
url_encode(struct text *to, struct slice slice)
{
	for (size_t i = 0; i < slice.size; i++) {
		if (is_unreserved(slice.data[i]))
			text_add_char(to, slice.data[i]);
		else
			text_addf(to, "%%%02X", (unsigned char)slice.data[i]);
	}
}

char *
url_decode(struct arena *arena, struct slice slice, bool plus_is_space)
{
	char *to = arena_alloc(arena, slice.size + 1);
	size_t size = 0;

	for (size_t i = 0; i < slice.size; i++) {
		char c = slice.data[i];
		unsigned char byte;
		if (c == '%' && i + 2 < slice.size &&
			hex_decode(&byte, 1, (struct slice){ slice.data + i + 1, 2 }) &&
			byte != '\0') {
			to[size++] = (char)byte;
			i += 2;
		} else {
			to[size++] = (char)(c == '+' && plus_is_space ? ' ' : c);
		}
	}
	to[size] = '\0';
	return to;
}

struct query
query_parse(struct arena *arena, struct slice text)
{
	struct query query = { 0 };
	struct slice rest = text;
	struct slice part;
	size_t most = 1;

	for (size_t i = 0; i < text.size; i++)
		most += text.data[i] == '&';
	if (most > MAX_QUERY_ITEMS)
		most = MAX_QUERY_ITEMS;
	query.items = arena_alloc(arena, most * sizeof *query.items);
	while (query.count < most && slice_next(&rest, '&', &part)) {
		if (part.size == 0)
			continue;
		const char *equals = memchr(part.data, '=', part.size);
		size_t name_size =
			equals != NULL ? (size_t)(equals - part.data) : part.size;
		size_t value_start = equals != NULL ? name_size + 1 : part.size;
		query.items[query.count++] = (struct query_item){
			url_decode(arena, (struct slice){ part.data, name_size }, true),
			url_decode(arena,
				(struct slice){
					part.data + value_start, part.size - value_start },
				true),
		};
	}
	return query;
}

const char *
query_get(const struct query *query, const char *name)
{
	for (size_t i = 0; i < query->count; i++) {
		if (text_equal_ci(query->items[i].name, name))
			return query->items[i].value;
	}
	return NULL;
}

bool
query_bool(const struct query *query, const char *name, bool otherwise)
{
	const char *value = query_get(query, name);
	return value != NULL ? text_equal_ci(value, "true") : otherwise;
}

int64_t
query_int(const struct query *query, const char *name, int64_t otherwise)
{
	const char *value = query_get(query, name);
	int64_t number;

	return value != NULL && text_to_i64(value, &number) ? number : otherwise;
}

const char **
query_list(struct arena *arena, const struct query *query, const char *name, size_t *count)
{
	size_t most = 1, found = 0;

	for (size_t i = 0; i < query->count; i++) {
		if (!text_equal_ci(query->items[i].name, name))
			continue;
		most++;
		for (const char *c = query->items[i].value; *c != '\0'; c++)
			most += *c == ',';
	}
	if (most > MAX_LIST)
		most = MAX_LIST;
	const char **list = arena_alloc(arena, most * sizeof *list);
	for (size_t i = 0; i < query->count; i++) {
		if (!text_equal_ci(query->items[i].name, name))
			continue;
		struct slice rest = slice_of(query->items[i].value);
		struct slice part;
		while (found + 1 < most && slice_next(&rest, ',', &part)) {
			part = slice_trim(part);
			if (part.size > 0)
				list[found++] = arena_slice_dup(arena, part);
		}
	}
	list[found] = NULL;
	if (count != NULL)
		*count = found;
	return list;
}

void
query_add(struct text *to, const char *name, const char *value)
{
	if (to->size > 0 && to->data[to->size - 1] != '?')
		text_add_char(to, '&');
	url_encode(to, slice_of(name));
	text_add_char(to, '=');
	url_encode(to, slice_of(value));
}

static bool
refuse(char *why, size_t why_size, const char *reason)
{
	snprintf(why, why_size, "%s", reason);
	return false;
}

static bool
parse_authority(struct base_url *url, struct slice authority, char *why, size_t why_size)
{
	struct slice host = authority;
	struct slice port = { 0 };
	bool bracketed = authority.size > 0 && authority.data[0] == '[';

	if (memchr(authority.data, '@', authority.size) != NULL)
		return refuse(why, why_size, "it must not contain a user name or password");
	const char *close = bracketed ? memchr(authority.data, ']', authority.size) : NULL;
	if (bracketed && close == NULL)
		return refuse(why, why_size, "its IPv6 address lacks the closing bracket");
	const char *from = bracketed ? close + 1 : authority.data;
	size_t left = authority.size - (size_t)(from - authority.data);
	const char *colon = memchr(from, ':', left);
	if (bracketed && left > 0 && colon != from)
		return refuse(
			why, why_size, "its IPv6 address is followed by more than a port");
	if (colon != NULL) {
		host.size = (size_t)(colon - authority.data);
		port.data = colon + 1;
		port.size = authority.size - host.size - 1;
	}
	if (bracketed) {
		host.data++;
		host.size = (size_t)(close - authority.data) - 1;
	}
	if (host.size == 0 || host.size >= sizeof url->host)
		return refuse(why, why_size, "it has no usable host name");
	memcpy(url->host, host.data, host.size);
	url->host[host.size] = '\0';
	uint64_t number = url->tls ? 443 : 80;
	if (colon != NULL &&
		(!slice_to_u64(port, &number) || number == 0 || number > 65535))
		return refuse(why, why_size, "its port is not between 1 and 65535");
	url->port = (uint16_t)number;
	snprintf(url->authority, sizeof url->authority, bracketed ? "[%s]" : "%s",
		url->host);
	if (url->port != (url->tls ? 443 : 80)) {
		size_t used = strlen(url->authority);
		snprintf(url->authority + used, sizeof url->authority - used, ":%u",
			(unsigned)url->port);
	}
	return true;
}

bool
base_url_parse(struct base_url *url, const char *text, char *why, size_t why_size)
{
	struct slice rest = slice_of(text);

	*url = (struct base_url){ 0 };
	for (const char *c = text; *c != '\0'; c++) {
		if ((unsigned char)*c <= ' ' || *c == 127)
			return refuse(
				why, why_size, "it contains a blank or control character");
	}
	if (slice_starts_with_ci(rest, "http://")) {
		rest = slice_of(text + 7);
	} else if (slice_starts_with_ci(rest, "https://")) {
		rest = slice_of(text + 8);
		url->tls = true;
	} else {
		return refuse(why, why_size, "it must begin with http:// or https://");
	}
	if (strpbrk(rest.data, "?#") != NULL)
		return refuse(why, why_size, "it must not contain a query or fragment");
	const char *slash = memchr(rest.data, '/', rest.size);
	struct slice authority = rest;
	struct slice base = { 0 };
	if (slash != NULL) {
		authority.size = (size_t)(slash - rest.data);
		base = (struct slice){ slash, rest.size - authority.size };
	}
	while (base.size > 0 && base.data[base.size - 1] == '/')
		base.size--;
	if (base.size >= sizeof url->base)
		return refuse(why, why_size, "its path is too long");
	if (base.size > 0)
		memcpy(url->base, base.data, base.size);
	return parse_authority(url, authority, why, why_size);
}
