#include "core/http_request_head.h"

#include <string.h>

#define BAD_REQUEST(sentence)                                                              \
	{                                                                                  \
		400, "bad_request", (sentence)                                             \
	}

static const struct http_refusal line_too_long = { 414, "target_too_long",
	"The request line is too long." };
static const struct http_refusal head_too_large = { 431, "headers_too_large",
	"The request's headers are too large or too many." };
static const struct http_refusal not_http =
	BAD_REQUEST("The request is not HTTP/1.0 or HTTP/1.1.");
static const struct http_refusal bare_newline =
	BAD_REQUEST("A line of the request's head ends without a carriage return.");
static const struct http_refusal bad_version = { 505, "version_not_supported",
	"Only HTTP/1.0 and HTTP/1.1 are spoken here." };
static const struct http_refusal bad_method = { 501, "not_implemented",
	"This method is not supported." };
static const struct http_refusal bad_target =
	BAD_REQUEST("The request target is not a path.");
static const struct http_refusal bad_name =
	BAD_REQUEST("A header name contains what names must not.");
static const struct http_refusal bad_value =
	BAD_REQUEST("A header value contains a control character.");
static const struct http_refusal bad_fold =
	BAD_REQUEST("A header that must not be folded is.");
static const struct http_refusal two_hosts =
	BAD_REQUEST("The request has more than one Host.");
static const struct http_refusal no_host = BAD_REQUEST("The request has no Host.");
static const struct http_refusal bad_host = BAD_REQUEST("The Host is not a host.");
static const struct http_refusal other_host =
	BAD_REQUEST("The request target names another host than Host.");
static const struct http_refusal two_lengths =
	BAD_REQUEST("The request has more than one Content-Length.");
static const struct http_refusal bad_length =
	BAD_REQUEST("The Content-Length is not a number.");
static const struct http_refusal huge_length = { 413, "too_large",
	"The request body is too large." };
static const struct http_refusal bad_coding =
	BAD_REQUEST("Only the transfer coding chunked is understood.");
static const struct http_refusal both_framings =
	BAD_REQUEST("The request has both Content-Length and Transfer-Encoding.");
static const struct http_refusal old_coding =
	BAD_REQUEST("HTTP/1.0 has no Transfer-Encoding.");
static const struct http_refusal head_with_body =
	BAD_REQUEST("A HEAD request has no body.");
static const struct http_refusal bad_expectation = { 417, "expectation_failed",
	"Only 100-continue can be expected." };

/* ---- the end of a head ---- */

static enum http_scan
refuse(struct http_request_scan *scan, const struct http_refusal *refusal)
{
	scan->refusal = refusal;
	return HTTP_SCAN_BAD;
}

static enum http_scan
refuse_size(struct http_request_scan *scan)
{
	return refuse(scan, scan->lines == 0 ? &line_too_long : &head_too_large);
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* "HTTP/1.1", whatever the digits. */
static bool
is_version(const char *text, size_t size)
{
	return size == 8 && memcmp(text, "HTTP/", 5) == 0 && is_digit(text[5]) &&
	       text[6] == '.' && is_digit(text[7]);
}

/* HTTP/0.9 would else be waited for: it has no headers, and no empty line. */
static bool
ends_in_version(const char *line, size_t size)
{
	return size > 8 && is_version(line + size - 8, 8);
}

/* A line has ended with the newline at `at`. */
static enum http_scan
note_line(struct http_request_scan *scan, const char *data, size_t at)
{
	bool empty = at == scan->line + 1;

	if (at == scan->line || data[at - 1] != '\r')
		return refuse(scan, &bare_newline);
	if (at >= HTTP_REQUEST_HEAD_BYTES)
		return refuse_size(scan);
	scan->line = at + 1;
	if (empty && scan->lines > 0) {
		scan->size = at + 1;
		return HTTP_SCAN_DONE;
	}
	if (empty)
		scan->start = at + 1;
	else if (scan->lines == 0 &&
		 !ends_in_version(data + scan->start, at - 1 - scan->start))
		return refuse(scan, &not_http);
	else if (scan->lines++ == HTTP_REQUEST_HEAD_LINES)
		return refuse_size(scan);
	return HTTP_SCAN_MORE;
}

/* A stranger to HTTP (TLS, most likely) would else be waited for until its time is up. */
static bool
begins_well(const struct http_request_scan *scan, const char *data, size_t size)
{
	return scan->start >= size || data[scan->start] == '\r' ||
	       http_char_is(data[scan->start], HTTP_CHAR_TOKEN);
}

enum http_scan
http_request_head_find(struct http_request_scan *scan, const char *data, size_t size)
{
	enum http_scan result = HTTP_SCAN_MORE;

	while (scan->at < size && result == HTTP_SCAN_MORE) {
		const char *newline = memchr(data + scan->at, '\n', size - scan->at);
		if (!begins_well(scan, data, size))
			return refuse(scan, &not_http);
		scan->at = newline != NULL ? (size_t)(newline - data) + 1 : size;
		if (newline != NULL)
			result = note_line(scan, data, scan->at - 1);
	}
	if (result == HTTP_SCAN_MORE && size >= HTTP_REQUEST_HEAD_BYTES)
		return refuse_size(scan);
	return result;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* ---- the request line ---- */

static const struct {
	size_t size;
	const char *name;
	enum http_method method;
} methods[] = {
	{ 3, "GET", HTTP_GET },
	{ 4, "HEAD", HTTP_HEAD },
	{ 4, "POST", HTTP_POST },
	{ 3, "PUT", HTTP_PUT },
	{ 6, "DELETE", HTTP_DELETE },
	{ 7, "OPTIONS", HTTP_OPTIONS },
	{ 5, "PATCH", HTTP_PATCH },
};

static bool
read_method(struct http_request *request, const char *text, size_t size)
{
	for (size_t i = 0; i < COUNT_OF(methods); i++) {
		if (methods[i].size == size && memcmp(methods[i].name, text, size) == 0) {
			request->method = methods[i].method;
			request->method_name = methods[i].name;
			return true;
		}
	}
	return false;
}

/* Is the authority of an absolute target the same as Host, or Host without the port that
 * need not be said? Both servers of a chain would take the target's, most take Host. */
static bool
names_host(struct slice authority, struct slice host, struct slice port)
{
	if (authority.size == host.size + port.size &&
		slice_equal((struct slice){ authority.data + host.size, port.size }, port))
		authority.size = host.size;
	else if (host.size == authority.size + port.size &&
		 slice_equal((struct slice){ host.data + authority.size, port.size }, port))
		host.size = authority.size;
	return slice_equal_ci(authority, host);
}

/* "http://host/a?b" becomes "/a?b". `authority` stays empty for the other forms. */
struct target {
	struct slice authority;
	struct slice port;
};

static bool
read_absolute_target(struct target *target, struct slice *text)
{
	size_t scheme = 0;

	if (slice_starts_with_ci(*text, "http://")) {
		scheme = 7;
		target->port = SLICE(":80");
	} else if (slice_starts_with_ci(*text, "https://")) {
		scheme = 8;
		target->port = SLICE(":443");
	}
	if (scheme == 0)
		return false;
	target->authority =
		(struct slice){ text->data + scheme, strcspn(text->data + scheme, "/?#") };
	if (target->authority.size == 0)
		return false;
	text->data += scheme + target->authority.size;
	text->size -= scheme + target->authority.size;
	if (text->size == 0)
		*text = SLICE("/");
	return text->data[0] == '/';
}

static bool
read_target(struct http_request *request, struct target *target, struct slice text)
{
	bool all = slice_equal_text(text, "*");

	if (text.size == 0 || !http_is_text(text) ||
		memchr(text.data, '\t', text.size) != NULL)
		return false;
	if (all ? request->method != HTTP_OPTIONS
		: text.data[0] != '/' && !read_absolute_target(target, &text))
		return false;
	request->target = text.data;
	request->path = text;
	const char *mark = memchr(text.data, '?', text.size);
	if (mark != NULL) {
		request->path.size = (size_t)(mark - text.data);
		request->query_text =
			(struct slice){ mark + 1, text.size - request->path.size - 1 };
	}
	return true;
}

/* `line` without its CRLF. The three words are separated by one blank each. */
static const struct http_refusal *
read_request_line(
	struct http_request *request, struct target *target, char *line, size_t size)
{
	char *blank = memchr(line, ' ', size);
	char *last = memrchr(line, ' ', size);

	if (blank == NULL || blank == last)
		return &not_http;
	struct slice method = { line, (size_t)(blank - line) };
	struct slice text = { blank + 1, (size_t)(last - blank) - 1 };
	if (!http_is_token(method) ||
		!is_version(last + 1, (size_t)(line + size - last) - 1))
		return &not_http;
	/* Even when the rest is bad: the answer to HEAD has no body. */
	bool known = read_method(request, line, method.size);
	if (last[6] != '1' || last[8] > '1')
		return &bad_version;
	request->minor = last[8] - '0';
	if (!known)
		return &bad_method;
	*last = '\0';
	if (memchr(text.data, ' ', text.size) != NULL ||
		!read_target(request, target, text))
		return &bad_target;
	return NULL;
}

/* ---- the headers ---- */

enum field {
	FIELD_OTHER,
	FIELD_HOST,
	FIELD_EXPECT,
	FIELD_CONNECTION,
	FIELD_LENGTH,
	FIELD_CODING,
	FIELDS,
};

/* What is counted over all headers. The values are looked at in the end: a line may be
 * folded. */
struct facts {
	size_t counts[FIELDS];
	const struct http_header *headers[FIELDS]; /* the last of them */
};

static enum field
field_of(const char *name, size_t size)
{
	static const struct {
		enum field field;
		const char *name;
	} known[] = {
		[4] = { FIELD_HOST, "host" },
		[6] = { FIELD_EXPECT, "expect" },
		[10] = { FIELD_CONNECTION, "connection" },
		[14] = { FIELD_LENGTH, "content-length" },
		[17] = { FIELD_CODING, "transfer-encoding" },
	};

	if (size >= COUNT_OF(known) || known[size].name == NULL)
		return FIELD_OTHER;
	for (size_t i = 0; i < size; i++) {
		if (ascii_lower(name[i]) != known[size].name[i])
			return FIELD_OTHER;
	}
	return known[size].field;
}

/* Cuts the blanks off both ends and terminates; NULL for a value with control characters.
 */
static char *
cut_value(char *from, char *end)
{
	while (from < end && is_blank(*from))
		from++;
	while (end > from && is_blank(end[-1]))
		end--;
	if (!http_is_text((struct slice){ from, (size_t)(end - from) }))
		return NULL;
	*end = '\0';
	return from;
}

/* Reads "Name: value" without its CRLF. */
static const struct http_refusal *
read_line(struct http_header *header, enum field *field, char *line, char *end)
{
	char *colon = line;

	while (colon < end && http_char_is(*colon, HTTP_CHAR_TOKEN))
		colon++;
	if (colon == line || colon == end || *colon != ':')
		return &bad_name;
	*field = field_of(line, (size_t)(colon - line));
	*colon = '\0';
	header->name = line;
	header->value = cut_value(colon + 1, end);
	return header->value != NULL ? NULL : &bad_value;
}

/* Appends the continuation to the header before it, with one blank in between. */
static const struct http_refusal *
unfold(struct http_header *header, char *line, char *end)
{
	char *more = cut_value(line, end);

	if (more == NULL)
		return &bad_value;
	char *to = (char *)(uintptr_t)header->value + strlen(header->value);
	if (*header->value != '\0' && *more != '\0')
		*to++ = ' ';
	memmove(to, more, strlen(more) + 1);
	return NULL;
}

/* The lines up to the empty one, which ends at `end`. */
static const struct http_refusal *
read_lines(struct http_request *request, struct http_header *headers, struct facts *facts,
	char *line, char *end)
{
	const struct http_refusal *refusal = NULL;
	enum field field = FIELD_OTHER;
	struct http_header *last = NULL;

	while (refusal == NULL && end - line > 2) {
		char *newline = memchr(line, '\n', (size_t)(end - line));
		assert(newline != NULL && newline > line);
		if (!is_blank(*line)) {
			last = &headers[request->header_count++];
			refusal = read_line(last, &field, line, newline - 1);
			facts->counts[field]++;
			facts->headers[field] = last;
		} else if (last == NULL || field == FIELD_HOST || field == FIELD_LENGTH ||
			   field == FIELD_CODING) {
			refusal = &bad_fold;
		} else {
			refusal = unfold(last, line, newline - 1);
		}
		line = newline + 1;
	}
	request->headers = headers;
	return refusal;
}

/* ---- what they mean together ---- */

/* A name or an address, in brackets if it has colons, and a port (RFC 9112 §3.2); it may be
 * empty. */
static bool
is_host(const char *text)
{
	bool is_address = *text == '[';

	if (is_address) {
		text += 1 + strspn(text + 1, "0123456789abcdefABCDEF:.");
		if (*text++ != ']')
			return false;
	}
	while (!is_address && http_char_is(*text, HTTP_CHAR_HOST))
		text++;
	if (*text == ':')
		text++;
	while (is_digit(*text))
		text++;
	return *text == '\0';
}

static const struct http_refusal *
check_host(const struct facts *facts, const struct http_request *request,
	const struct target *target)
{
	if (facts->counts[FIELD_HOST] > 1)
		return &two_hosts;
	if (facts->counts[FIELD_HOST] == 0)
		return request->minor > 0 ? &no_host : NULL;
	struct slice host = slice_of(facts->headers[FIELD_HOST]->value);
	if (!is_host(host.data))
		return &bad_host;
	if (target->authority.size > 0 &&
		!names_host(target->authority, host, target->port))
		return &other_host;
	return NULL;
}

static const struct http_refusal *
read_length(struct http_request_head *head, const char *value)
{
	size_t digits = 0;

	while (is_digit(value[digits]))
		digits++;
	if (digits == 0 || value[digits] != '\0')
		return &bad_length;
	if (!slice_to_u64((struct slice){ value, digits }, &head->length) ||
		head->length > INT64_MAX)
		return &huge_length;
	head->framing = head->length > 0 ? HTTP_FRAMING_LENGTH : HTTP_FRAMING_NONE;
	return NULL;
}

static const struct http_refusal *
read_framing(struct http_request_head *head, const struct facts *facts)
{
	const struct http_refusal *refusal = NULL;

	if (facts->counts[FIELD_LENGTH] > 1)
		return &two_lengths;
	if (facts->counts[FIELD_CODING] > 1 ||
		(facts->counts[FIELD_CODING] == 1 &&
			!text_equal_ci(facts->headers[FIELD_CODING]->value, "chunked")))
		return &bad_coding;
	if (facts->counts[FIELD_CODING] > 0 && facts->counts[FIELD_LENGTH] > 0)
		return &both_framings;
	if (facts->counts[FIELD_CODING] > 0 && head->request.minor == 0)
		return &old_coding;
	if (facts->counts[FIELD_LENGTH] > 0)
		refusal = read_length(head, facts->headers[FIELD_LENGTH]->value);
	else if (facts->counts[FIELD_CODING] > 0)
		head->framing = HTTP_FRAMING_CHUNKED;
	if (refusal == NULL && head->framing != HTTP_FRAMING_NONE &&
		head->request.method == HTTP_HEAD)
		return &head_with_body;
	return refusal;
}

static void
read_connection(struct http_request_head *head, const struct facts *facts)
{
	const struct http_request *request = &head->request;
	bool close = false, keep = false;

	for (size_t i = 0; facts->counts[FIELD_CONNECTION] > 0 && i < request->header_count;
		i++) {
		struct slice rest, token;
		if (!text_equal_ci(request->headers[i].name, "connection"))
			continue;
		rest = slice_of(request->headers[i].value);
		while (slice_next(&rest, ',', &token)) {
			token = slice_trim(token);
			close |= slice_equal_text_ci(token, "close");
			keep |= slice_equal_text_ci(token, "keep-alive");
		}
	}
	head->wants_close = close || (request->minor == 0 && !keep);
}

/* HTTP/1.0 knows no expectations: RFC 9110 §10.1.1. */
static const struct http_refusal *
read_expectation(struct http_request_head *head, const struct facts *facts)
{
	if (facts->counts[FIELD_EXPECT] == 0 || head->request.minor == 0)
		return NULL;
	if (facts->counts[FIELD_EXPECT] > 1 ||
		!text_equal_ci(facts->headers[FIELD_EXPECT]->value, "100-continue"))
		return &bad_expectation;
	head->expects_continue = head->framing != HTTP_FRAMING_NONE;
	return NULL;
}

const struct http_refusal *
http_request_head_parse(struct http_request_head *head, char *text, size_t size,
	struct http_header *headers)
{
	struct facts facts = { 0 };
	struct target target = { 0 };
	char *newline = memchr(text, '\n', size);

	assert(size >= 4 && newline != NULL && newline > text);
	head->request.method = (enum http_method)0;
	head->request.header_count = 0;
	head->request.query_text = (struct slice){ 0 };
	head->framing = HTTP_FRAMING_NONE;
	head->length = 0;
	head->expects_continue = false;
	const struct http_refusal *refusal = read_request_line(
		&head->request, &target, text, (size_t)(newline - text) - 1);
	if (refusal == NULL)
		refusal = read_lines(
			&head->request, headers, &facts, newline + 1, text + size);
	if (refusal == NULL)
		refusal = check_host(&facts, &head->request, &target);
	if (refusal == NULL)
		refusal = read_framing(head, &facts);
	if (refusal == NULL)
		refusal = read_expectation(head, &facts);
	if (refusal == NULL)
		read_connection(head, &facts);
	return refusal;
}
