#include "proxy/headers.h"

#include <string.h>

#include "core/http_answer.h"
#include "proxy/legacy_auth.h"

#define FORWARDED_PREFIX "X-Forwarded-"

/* ---- towards Jellyfin ---- */

/* What is known about the request before its lines are written. */
struct request_facts {
	bool has_listing;  /* its Connection header names more than keep-alive and close */
	bool wrote_length; /* Content-Length has been written */
	bool wrote_host;   /* Host has been written */
	bool has_body_field; /* a length belongs in this request */
	/* How its credential is translated; NULL: it goes on as it is. */
	const struct legacy_auth *legacy;
	bool wrote_legacy; /* … and has been */
};

static bool
is_plain_connection(const char *value)
{
	return text_equal_ci(value, "keep-alive") || text_equal_ci(value, "close");
}

static bool
connection_lists(const struct http_header *headers, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++) {
		if (text_equal_ci(headers[i].name, "connection") &&
			http_list_has(slice_of(headers[i].value), slice_of(name)))
			return true;
	}
	return false;
}

static struct request_facts
look_at_request(const struct headers_request *request)
{
	struct request_facts facts = { 0 };

	for (size_t i = 0; i < request->header_count; i++) {
		const struct http_header *header = &request->headers[i];
		if (text_equal_ci(header->name, "connection") &&
			!is_plain_connection(header->value))
			facts.has_listing = true;
	}
	facts.has_body_field = request->body_size > 0 ||
			       strcmp(request->method, "POST") == 0 ||
			       strcmp(request->method, "PUT") == 0 ||
			       strcmp(request->method, "PATCH") == 0;
	return facts;
}

static void
add_length(struct text *to, const char *name, size_t size)
{
	text_addf(to, "%s: %zu\r\n", name, size);
}

static bool
is_forwarded(struct slice name)
{
	return name.size > 0 && ascii_lower(name.data[0]) == 'x' &&
	       slice_starts_with_ci(name, FORWARDED_PREFIX);
}

/* Once, where the first of the old lines stood. */
static void
add_credential(struct text *to, struct request_facts *facts)
{
	if (!facts->wrote_legacy)
		legacy_auth_write_line(to, facts->legacy);
	facts->wrote_legacy = true;
}

/* Writes one header line of the client, unless it ends here. */
static void
add_client_line(struct text *to, const struct headers_request *request,
	struct request_facts *facts, const struct http_header *header)
{
	struct slice name = slice_of(header->name);

	switch (http_field_of(name)) {
	case HTTP_FIELD_CONTENT_LENGTH:
		add_length(to, header->name, request->body_size);
		facts->wrote_length = true;
		return;
	case HTTP_FIELD_UPGRADE:
		if (request->upgrade)
			http_add_line(to, header->name, header->value);
		return;
	case HTTP_FIELD_TRANSFER_ENCODING:
	case HTTP_FIELD_CONNECTION:
	case HTTP_FIELD_HOP:
		return;
	case HTTP_FIELD_OTHER:
		break;
	}
	if (slice_equal_text_ci(name, "host")) {
		facts->wrote_host = true;
	} else if (slice_equal_text_ci(name, "expect") ||
		   slice_equal_text_ci(name, "trailer")) {
		/* Both are about how the body came to us; it goes on whole. */
		return;
	} else if (request->client != NULL && is_forwarded(name)) {
		return;
	} else if (request->identity && slice_equal_text_ci(name, "accept-encoding")) {
		return;
	} else if (request->upgrade &&
		   slice_equal_text_ci(name, "sec-websocket-extensions")) {
		return;
	} else if (facts->has_listing && connection_lists(request->headers,
						 request->header_count, header->name)) {
		return;
	} else if (facts->legacy != NULL && legacy_auth_replaces(facts->legacy, name)) {
		add_credential(to, facts);
		return;
	}
	http_add_line(to, header->name, header->value);
}

static const char *
client_header(const struct http_request *client, const char *name)
{
	for (size_t i = 0; i < client->header_count; i++) {
		if (text_equal_ci(client->headers[i].name, name))
			return client->headers[i].value;
	}
	return NULL;
}

/* The other X-Forwarded-* of a trusted peer go on as they are. */
static void
add_trusted_lines(struct text *to, const struct http_request *client)
{
	for (size_t i = 0; i < client->header_count; i++) {
		const struct http_header *header = &client->headers[i];
		if (is_forwarded(slice_of(header->name)) &&
			!text_equal_ci(header->name, FORWARDED_PREFIX "For"))
			http_add_line(to, header->name, header->value);
	}
}

static void
add_forwarded(struct text *to, const struct headers_target *target,
	const struct http_request *client)
{
	bool trusted = client->peer_trusted;

	http_add_line(to, FORWARDED_PREFIX "For", client->client_address);
	if (trusted)
		add_trusted_lines(to, client);
	if (!trusted || client_header(client, FORWARDED_PREFIX "Proto") == NULL)
		http_add_line(to, FORWARDED_PREFIX "Proto", "http");
	if (!trusted || client_header(client, FORWARDED_PREFIX "Host") == NULL) {
		const char *host = client_header(client, "Host");
		http_add_line(to, FORWARDED_PREFIX "Host",
			host != NULL ? host : target->authority);
	}
}

struct slice
headers_below_base(const char *base, struct slice path)
{
	size_t size = strlen(base);

	if (size == 0 || !slice_starts_with_ci(path, base) ||
		(path.size > size && strchr("/?#", path.data[size]) == NULL))
		return path;
	return (struct slice){ path.data + size, path.size - size };
}

void
headers_write_request(struct text *to, const struct headers_target *target,
	const struct headers_request *request)
{
	struct request_facts facts = look_at_request(request);
	struct legacy_auth legacy;

	if (target->translate_legacy) {
		legacy_auth_read(
			&legacy, request->headers, request->header_count, request->target);
		facts.legacy = legacy.translates ? &legacy : NULL;
	}
	text_add(to, request->method);
	text_add_char(to, ' ');
	if (request->target[0] == '/' &&
		headers_below_base(target->base, slice_of(request->target)).data ==
			request->target)
		text_add(to, target->base);
	if (facts.legacy != NULL)
		legacy_auth_write_target(to, facts.legacy, request->target);
	else
		text_add(to, request->target);
	text_add(to, " HTTP/1.1\r\n");
	for (size_t i = 0; i < request->header_count; i++)
		add_client_line(to, request, &facts, &request->headers[i]);
	if (!facts.wrote_host) {
		const char *host = request->client != NULL
					   ? client_header(request->client, "Host")
					   : NULL;
		http_add_line(to, "Host", host != NULL ? host : target->authority);
	}
	if (facts.legacy != NULL)
		add_credential(to, &facts);
	if (request->client != NULL)
		add_forwarded(to, target, request->client);
	if (request->identity)
		http_add_line(to, "Accept-Encoding", "identity");
	if (request->upgrade)
		http_add_line(to, "Connection", "Upgrade");
	if (facts.has_body_field && !facts.wrote_length)
		add_length(to, "Content-Length", request->body_size);
	text_add_bytes(to, "\r\n", 2);
}

bool
headers_want_socket(const struct http_request *request)
{
	const char *upgrade = client_header(request, "Upgrade");
	const char *length = client_header(request, "Content-Length");

	return request->method == HTTP_GET && request->minor >= 1 && upgrade != NULL &&
	       http_list_has(slice_of(upgrade), SLICE("websocket")) &&
	       connection_lists(request->headers, request->header_count, "upgrade") &&
	       (length == NULL || strcmp(length, "0") == 0) &&
	       client_header(request, "Transfer-Encoding") == NULL;
}

/* ---- towards the client ---- */

static bool
keeps_transfer_encoding(const struct http_head *head, const struct headers_answer *answer)
{
	if (answer->client_minor == 0)
		return false;
	return head->status != 204 && head->status != 101;
}

/* Does this line end here? `*lengths` counts Content-Length lines: equal ones may repeat,
 * one is enough. */
static bool
ends_here(const struct http_head *head, const struct headers_answer *answer,
	const struct http_line *line, size_t *lengths)
{
	switch (http_field_of(line->name)) {
	case HTTP_FIELD_CONTENT_LENGTH:
		return (*lengths)++ > 0;
	case HTTP_FIELD_TRANSFER_ENCODING:
		return !keeps_transfer_encoding(head, answer);
	case HTTP_FIELD_CONNECTION:
	case HTTP_FIELD_UPGRADE:
		return head->status != 101;
	case HTTP_FIELD_HOP:
		return true;
	case HTTP_FIELD_OTHER:
		break;
	}
	return http_head_connection_lists(head, line->name);
}

void
headers_write_answer(
	struct text *to, const struct http_head *head, const struct headers_answer *answer)
{
	const size_t plain_size = head->plain_size;
	struct slice rest = { head->lines.data + plain_size,
		head->lines.size - plain_size };
	struct http_line line;
	struct slice run = { head->lines.data, plain_size }; /* lines that go on together */
	size_t lengths = 0;

	text_add(to, "HTTP/1.1 ");
	text_add_slice(to, head->line);
	text_add_bytes(to, "\r\n", 2);
	while (http_head_next(&rest, &line)) {
		if (!ends_here(head, answer, &line, &lengths)) {
			run.size += line.line.size;
			continue;
		}
		text_add_slice(to, run);
		run = (struct slice){ rest.data, 0 };
	}
	text_add_slice(to, run);
	if (head->status != 101 && answer->close)
		text_add(to, "Connection: close\r\n");
	else if (head->status != 101 && answer->client_minor == 0)
		text_add(to, "Connection: keep-alive\r\n");
	if (answer->exchange != 0)
		http_add_exchange(to, answer->exchange);
	text_add_bytes(to, "\r\n", 2);
}
