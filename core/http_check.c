#include "core/http_check.h"

#include <string.h>
#include <strings.h>

#include "core/http_head.h"

/* What must be counted over all headers. */
struct framing {
	int lengths;
	int encodings;
	int hosts;
	const char *length;
	const char *encoding;
};

/* Eight bytes at once: values are most of a head, and this is done for every request. */
static bool
word_is_clean(uint64_t word)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	const uint64_t highs = ones * 0x80;
	uint64_t deleted = word ^ (ones * 0x7f);
	/* A byte below its subtrahend borrows into its own highest bit; a borrow reaches a
	 * neighbour only when there is such a byte, so the answer is right. */
	uint64_t found = ((word - ones * 0x20) & ~word) | ((deleted - ones) & ~deleted);
	return (found & highs) == 0;
}

static bool
is_clean(const char *value)
{
	size_t size = strlen(value);

	while (size >= sizeof(uint64_t)) {
		uint64_t word;
		memcpy(&word, value, sizeof word);
		if (!word_is_clean(word))
			break; /* a tab, perhaps */
		value += sizeof word;
		size -= sizeof word;
	}
	for (const unsigned char *c = (const unsigned char *)value; *c != '\0'; c++) {
		if ((*c < ' ' && *c != '\t') || *c == 127)
			return false;
	}
	return true;
}

static bool
is_number(const char *text)
{
	return *text != '\0' && text[strspn(text, "0123456789")] == '\0';
}

/* "/…", or "*" for OPTIONS; raw UTF-8 is common and harmless. */
static bool
target_is_clean(const struct http_request *request)
{
	if (strcmp(request->target, "*") == 0)
		return request->method == HTTP_OPTIONS;
	return request->target[0] == '/' && strpbrk(request->target, " \t") == NULL &&
	       is_clean(request->target);
}

static void
note_framing(struct framing *framing, const struct http_header *header, size_t name_size)
{
	if (name_size == 4 && strcasecmp(header->name, "Host") == 0) {
		framing->hosts++;
	} else if (name_size == 14 && strcasecmp(header->name, "Content-Length") == 0) {
		framing->lengths++;
		framing->length = header->value;
	} else if (name_size == 17 && strcasecmp(header->name, "Transfer-Encoding") == 0) {
		framing->encodings++;
		framing->encoding = header->value;
	}
}

static const char *
check_framing(const struct framing *framing, const struct http_request *request)
{
	bool has_body = framing->encodings > 0 ||
			(framing->length != NULL && strcmp(framing->length, "0") != 0);

	if (framing->hosts > 1)
		return "The request has more than one Host.";
	if (framing->hosts == 0 && request->minor >= 1)
		return "The request has no Host.";
	if (framing->lengths > 1)
		return "The request has more than one Content-Length.";
	if (framing->length != NULL && !is_number(framing->length))
		return "The Content-Length is not a number.";
	if (framing->encodings > 1 ||
		(framing->encoding != NULL &&
			strcasecmp(framing->encoding, "chunked") != 0))
		return "Only the transfer coding chunked is understood.";
	if (framing->encodings > 0 && framing->lengths > 0)
		return "The request has both Content-Length and Transfer-Encoding.";
	if (framing->encodings > 0 && request->minor == 0)
		return "HTTP/1.0 has no Transfer-Encoding.";
	if (request->method == HTTP_HEAD && has_body)
		return "A HEAD request has no body.";
	return NULL;
}

const char *
http_check(const struct http_request *request, int major)
{
	struct framing framing = { 0 };

	if (major != 1 || request->minor < 0 || request->minor > 1)
		return "Only HTTP/1.0 and HTTP/1.1 are spoken here.";
	if (!target_is_clean(request))
		return "The request target is not a path.";
	for (size_t i = 0; i < request->header_count; i++) {
		const struct http_header *header = &request->headers[i];
		struct slice name = slice_of(header->name);
		if (!http_is_token(name))
			return "A header name contains what names must not.";
		if (!is_clean(header->value))
			return "A header value contains a control character.";
		note_framing(&framing, header, name.size);
	}
	return check_framing(&framing, request);
}

const char *
http_origin_form(const char *target)
{
	size_t scheme = 0;

	if (target[0] == '/' || strcmp(target, "*") == 0)
		return target;
	if (strncasecmp(target, "http://", 7) == 0)
		scheme = 7;
	else if (strncasecmp(target, "https://", 8) == 0)
		scheme = 8;
	if (scheme == 0)
		return NULL;
	const char *end = target + scheme + strcspn(target + scheme, "/?#");
	if (end == target + scheme)
		return NULL;
	if (*end == '\0')
		return "/";
	return *end == '/' ? end : NULL;
}

bool
http_wants_close(const struct http_request *request)
{
	bool close = false, keep = false;

	for (size_t i = 0; i < request->header_count; i++) {
		struct slice rest, token;
		if (!text_equal_ci(request->headers[i].name, "Connection"))
			continue;
		rest = slice_of(request->headers[i].value);
		while (slice_next(&rest, ',', &token)) {
			token = slice_trim(token);
			close |= slice_equal_text_ci(token, "close");
			keep |= slice_equal_text_ci(token, "keep-alive");
		}
	}
	return close || (request->minor == 0 && !keep);
}
