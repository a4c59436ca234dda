#include "core/http_head.h"

#include <string.h>

/* "HTTP/1.1 200" */
enum { STATUS_LINE_MIN = 12 };

enum http_scan
http_head_find_end(const char *data, size_t size, size_t *scanned, size_t *head_size)
{
	while (*scanned < size) {
		const char *end = memchr(data + *scanned, '\n', size - *scanned);
		if (end == NULL)
			break;
		size_t at = (size_t)(end - data);
		if (at == 0 || data[at - 1] != '\r')
			return HTTP_SCAN_BAD;
		if (at >= HTTP_HEAD_MAX_BYTES)
			return HTTP_SCAN_BAD;
		*scanned = at + 1;
		if (at == 1 || (at >= 3 && data[at - 2] == '\n')) {
			*head_size = at + 1;
			return HTTP_SCAN_DONE;
		}
	}
	return size < HTTP_HEAD_MAX_BYTES ? HTTP_SCAN_MORE : HTTP_SCAN_BAD;
}

enum {
	TEXT = HTTP_CHAR_TEXT,
	TOKEN = HTTP_CHAR_TOKEN | TEXT,
	HOST = HTTP_CHAR_HOST,
};

const unsigned char http_chars[256] = {
	['\t'] = TEXT,
	[' '] = TEXT,
	['!'] = TOKEN | HOST,
	['"'] = TEXT,
	['#'] = TOKEN,
	['$' ... '\''] = TOKEN | HOST,
	['(' ... ')'] = TEXT | HOST,
	['*' ... '+'] = TOKEN | HOST,
	[','] = TEXT,
	['-' ... '.'] = TOKEN | HOST,
	['/'] = TEXT,
	['0' ... '9'] = TOKEN | HOST,
	[':'] = TEXT,
	[';'] = TEXT | HOST,
	['<'] = TEXT,
	['='] = TEXT | HOST,
	['>' ... '@'] = TEXT,
	['A' ... 'Z'] = TOKEN | HOST,
	['[' ... ']'] = TEXT,
	['^'] = TOKEN,
	['_'] = TOKEN | HOST,
	['`'] = TOKEN,
	['a' ... 'z'] = TOKEN | HOST,
	['{'] = TEXT,
	['|'] = TOKEN,
	['}'] = TEXT,
	['~'] = TOKEN | HOST,
	[128 ... 255] = TEXT,
};

bool
http_is_token(struct slice text)
{
	for (size_t i = 0; i < text.size; i++) {
		if (!http_char_is(text.data[i], HTTP_CHAR_TOKEN))
			return false;
	}
	return text.size > 0;
}

/* Eight bytes at once: values are most of a head, and this is done for every one. */
static bool
word_is_text(uint64_t word)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	const uint64_t highs = ones * 0x80;
	uint64_t deleted = word ^ (ones * 0x7f);
	/* A byte below its subtrahend borrows into its own highest bit; a borrow reaches a
	 * neighbour only when there is such a byte, so the answer is right. */
	uint64_t found = ((word - ones * 0x20) & ~word) | ((deleted - ones) & ~deleted);
	return (found & highs) == 0;
}

bool
http_is_text(struct slice text)
{
	while (text.size >= sizeof(uint64_t)) {
		uint64_t word;
		memcpy(&word, text.data, sizeof word);
		if (!word_is_text(word))
			break; /* a tab, perhaps */
		text.data += sizeof word;
		text.size -= sizeof word;
	}
	for (size_t i = 0; i < text.size; i++) {
		if (!http_char_is(text.data[i], HTTP_CHAR_TEXT))
			return false;
	}
	return true;
}

enum http_field
http_field_of(struct slice name)
{
	switch (name.size) {
	case 2:
		return slice_equal_text_ci(name, "te") ? HTTP_FIELD_HOP : HTTP_FIELD_OTHER;
	case 7:
		return slice_equal_text_ci(name, "upgrade") ? HTTP_FIELD_UPGRADE
							    : HTTP_FIELD_OTHER;
	case 10:
		if (slice_equal_text_ci(name, "connection"))
			return HTTP_FIELD_CONNECTION;
		return slice_equal_text_ci(name, "keep-alive") ? HTTP_FIELD_HOP
							       : HTTP_FIELD_OTHER;
	case 14:
		return slice_equal_text_ci(name, "content-length")
			       ? HTTP_FIELD_CONTENT_LENGTH
			       : HTTP_FIELD_OTHER;
	case 16:
		return slice_equal_text_ci(name, "proxy-connection") ? HTTP_FIELD_HOP
								     : HTTP_FIELD_OTHER;
	case 17:
		return slice_equal_text_ci(name, "transfer-encoding")
			       ? HTTP_FIELD_TRANSFER_ENCODING
			       : HTTP_FIELD_OTHER;
	default:
		return HTTP_FIELD_OTHER;
	}
}

bool
http_list_has(struct slice list, struct slice token)
{
	struct slice part;

	while (slice_next(&list, ',', &part)) {
		if (slice_equal_ci(slice_trim(part), token))
			return true;
	}
	return false;
}

bool
http_head_next(struct slice *rest, struct http_line *line)
{
	if (rest->size == 0)
		return false;
	const char *end = memchr(rest->data, '\n', rest->size);
	assert(end != NULL);
	size_t size = (size_t)(end - rest->data) + 1;
	assert(size >= 2);
	const char *colon = memchr(rest->data, ':', size);
	size_t name_size = colon != NULL ? (size_t)(colon - rest->data) : 0;
	size_t value_start = colon != NULL ? name_size + 1 : 0;

	line->line = (struct slice){ rest->data, size };
	line->name = (struct slice){ rest->data, name_size };
	line->value = slice_trim(
		(struct slice){ rest->data + value_start, size - 2 - value_start });
	rest->data += size;
	rest->size -= size;
	return true;
}

bool
http_head_get(const struct http_head *head, const char *name, struct slice *value)
{
	struct slice rest = head->lines;
	struct http_line line;

	while (http_head_next(&rest, &line)) {
		if (slice_equal_text_ci(line.name, name)) {
			*value = line.value;
			return true;
		}
	}
	return false;
}

bool
http_head_connection_lists(const struct http_head *head, struct slice name)
{
	struct slice rest = head->lines;
	struct http_line line;

	if (!head->lists_names)
		return false;
	while (http_head_next(&rest, &line)) {
		if (http_field_of(line.name) == HTTP_FIELD_CONNECTION &&
			http_list_has(line.value, name))
			return true;
	}
	return false;
}

/* "HTTP/1.1 200 OK" without its CRLF. An empty reason may lack its blank too. */
static bool
parse_status_line(struct http_head *head, struct slice line)
{
	const char *text = line.data;

	if (line.size < STATUS_LINE_MIN || memcmp(text, "HTTP/1.", 7) != 0)
		return false;
	if ((text[7] != '0' && text[7] != '1') || text[8] != ' ')
		return false;
	head->minor = text[7] - '0';
	head->status = 0;
	for (size_t i = 9; i < STATUS_LINE_MIN; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		head->status = head->status * 10 + (text[i] - '0');
	}
	if (head->status < 100 || head->status > 599)
		return false;
	if (line.size > STATUS_LINE_MIN && text[STATUS_LINE_MIN] != ' ')
		return false;
	head->line = (struct slice){ text + 9, line.size - 9 };
	return http_is_text(head->line);
}

/* What the lines say about the body, before the status has its word. */
struct framing_facts {
	bool has_special; /* a line that may concern one connection only */
	bool repeats_length;
	bool has_length;
	bool chunked;
	uint64_t length;
};

static bool
note_length(struct framing_facts *facts, struct slice value)
{
	uint64_t length;

	if (!slice_to_u64(value, &length) || length > INT64_MAX)
		return false;
	if (facts->has_length && facts->length != length)
		return false;
	facts->has_length = true;
	facts->length = length;
	return true;
}

static void
note_connection(struct http_head *head, struct slice list)
{
	struct slice part;

	while (slice_next(&list, ',', &part)) {
		part = slice_trim(part);
		if (slice_equal_text_ci(part, "close"))
			head->says_close = true;
		else if (slice_equal_text_ci(part, "keep-alive"))
			head->says_keep_alive = true;
		else if (part.size > 0)
			head->lists_names = true;
	}
}

/* A sentence for the log, NULL when the line is good. */
static const char *
check_line(
	struct http_head *head, struct framing_facts *facts, const struct http_line *line)
{
	if (!http_is_token(line->name))
		return "a header line without a proper name";
	if (!http_is_text(line->value))
		return "control characters in a header";
	enum http_field field = http_field_of(line->name);
	if (field == HTTP_FIELD_CONTENT_LENGTH)
		facts->repeats_length = facts->repeats_length || facts->has_length;
	else if (field != HTTP_FIELD_OTHER)
		facts->has_special = true;
	switch (field) {
	case HTTP_FIELD_CONTENT_LENGTH:
		return note_length(facts, line->value)
			       ? NULL
			       : "a Content-Length that is no number or differs";
	case HTTP_FIELD_TRANSFER_ENCODING:
		if (facts->chunked || !slice_equal_text_ci(line->value, "chunked"))
			return "a Transfer-Encoding other than chunked";
		facts->chunked = true;
		return NULL;
	case HTTP_FIELD_CONNECTION:
		note_connection(head, line->value);
		return NULL;
	default:
		return NULL;
	}
}

static void
decide_framing(
	struct http_head *head, const struct framing_facts *facts, bool to_head_request)
{
	head->length = 0;
	if (to_head_request || head->status < 200 || head->status == 204 ||
		head->status == 304) {
		head->framing = HTTP_FRAMING_NONE;
	} else if (facts->chunked) {
		head->framing = HTTP_FRAMING_CHUNKED;
	} else if (facts->has_length) {
		head->framing = HTTP_FRAMING_LENGTH;
		head->length = facts->length;
	} else {
		head->framing = HTTP_FRAMING_UNTIL_CLOSE;
	}
}

static bool
decide_keep_alive(const struct http_head *head)
{
	if (head->framing == HTTP_FRAMING_UNTIL_CLOSE || head->says_close)
		return false;
	return head->minor >= 1 || head->says_keep_alive;
}

bool
http_head_parse(struct http_head *head, const char *data, size_t size, bool to_head_request,
	const char **why)
{
	const char *problem = NULL;
	struct framing_facts facts = { 0 };
	const char *end = memchr(data, '\n', size);

	assert(size >= 2 && end != NULL);
	memset(head, 0, sizeof *head);
	head->size = size;
	size_t line_size = (size_t)(end - data) + 1;
	if (line_size < 2 ||
		!parse_status_line(head, (struct slice){ data, line_size - 2 })) {
		problem = "a bad status line";
		goto out;
	}
	head->lines = (struct slice){ data + line_size, size - line_size - 2 };
	struct slice rest = head->lines;
	struct http_line line;
	while (problem == NULL && http_head_next(&rest, &line)) {
		problem = check_line(head, &facts, &line);
		if (!facts.has_special)
			head->plain_size += line.line.size;
	}
	if (head->lists_names || facts.repeats_length)
		head->plain_size = 0;
	if (problem != NULL)
		goto out;
	if (facts.chunked && (facts.has_length || head->minor == 0)) {
		problem = "Transfer-Encoding with Content-Length or HTTP/1.0";
		goto out;
	}
	decide_framing(head, &facts, to_head_request);
	head->keep_alive = decide_keep_alive(head);
out:
	if (why != NULL)
		*why = problem;
	return problem == NULL;
}

bool
http_head_is_interim(const struct http_head *head)
{
	return head->status < 200 && head->status != 101;
}
