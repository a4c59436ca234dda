/* Heads of answers. The first byte chooses how the rest is cut; the end found and the
 * verdict must not depend on it, and an accepted head must add up to its own bytes. */
#include "core/http_head.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(bool holds)
{
	if (!holds)
		abort();
}

static void
check_lines(const struct http_head *head)
{
	struct slice rest = head->lines;
	struct http_line line;
	const char *at = head->lines.data;

	while (http_head_next(&rest, &line)) {
		require(line.line.data == at);
		require(http_is_token(line.name));
		require(line.value.size + line.name.size + 3 <= line.line.size);
		at += line.line.size;
	}
	require(at == head->lines.data + head->lines.size);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 1)
		return 0;
	const char *text = (const char *)data + 1;
	size_t total = size - 1;
	size_t step = (size_t)(data[0] & 0x7f) + 1;
	bool to_head = (data[0] & 0x80) != 0;

	size_t scanned = 0;
	size_t whole_size = 0;
	enum http_scan whole = http_head_find_end(text, total, &scanned, &whole_size);

	enum http_scan cut = HTTP_SCAN_MORE;
	size_t cut_size = 0;
	scanned = 0;
	for (size_t given = 0; given < total && cut == HTTP_SCAN_MORE;) {
		given = total - given < step ? total : given + step;
		cut = http_head_find_end(text, given, &scanned, &cut_size);
	}
	require(cut == whole && cut_size == whole_size);
	if (whole != HTTP_SCAN_DONE)
		return 0;

	struct http_head head;
	const char *why;
	bool good = http_head_parse(&head, text, whole_size, to_head, &why);
	require(good == (why == NULL));
	if (!good)
		return 0;
	require(head.size == whole_size && head.status >= 100 && head.status <= 599);
	require(head.framing != HTTP_FRAMING_UNTIL_CLOSE || !head.keep_alive);
	require(!to_head || head.framing == HTTP_FRAMING_NONE);
	check_lines(&head);
	return 0;
}
