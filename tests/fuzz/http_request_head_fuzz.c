/* Heads of requests. The first byte chooses how the rest is cut; the end found and the
 * verdict must not depend on it, and what is accepted keeps every promise that those rely
 * on who send a request on. */
#include "core/http_request_head.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(bool holds)
{
	if (!holds)
		abort();
}

static void
check_text(const char *text, bool tabs)
{
	for (; *text != '\0'; text++)
		require(((unsigned char)*text >= ' ' && *text != 127) ||
			(tabs && *text == '\t'));
}

static void
check_request(const struct http_request *request)
{
	int hosts = 0;
	int framings = 0;

	require(request->minor == 0 || request->minor == 1);
	require(request->target[0] == '/' || strcmp(request->target, "*") == 0);
	require(strchr(request->target, ' ') == NULL);
	check_text(request->target, false);
	require(request->path.data == request->target);
	for (size_t i = 0; i < request->header_count; i++) {
		const struct http_header *header = &request->headers[i];
		require(http_is_token(slice_of(header->name)));
		check_text(header->value, true);
		struct slice value = slice_of(header->value);
		require(slice_trim(value).size == value.size);
		hosts += text_equal_ci(header->name, "host");
		framings += text_equal_ci(header->name, "content-length") ||
			    text_equal_ci(header->name, "transfer-encoding");
	}
	require(hosts == 1 || (hosts == 0 && request->minor == 0));
	require(framings <= 1);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct http_header headers[HTTP_REQUEST_HEAD_LINES];

	if (size < 1)
		return 0;
	const char *text = (const char *)data + 1;
	size_t total = size - 1;
	size_t step = (size_t)data[0] + 1;

	struct http_request_scan whole = { 0 };
	enum http_scan result = http_request_head_find(&whole, text, total);
	struct http_request_scan cut = { 0 };
	enum http_scan again = HTTP_SCAN_MORE;
	for (size_t given = 0; given < total && again == HTTP_SCAN_MORE;) {
		given = total - given < step ? total : given + step;
		again = http_request_head_find(&cut, text, given);
	}
	require(total == 0 || (again == result && cut.refusal == whole.refusal));
	require((result == HTTP_SCAN_BAD) == (whole.refusal != NULL));
	if (result != HTTP_SCAN_DONE)
		return 0;
	require(cut.size == whole.size && cut.start == whole.start);
	require(whole.size <= HTTP_REQUEST_HEAD_BYTES && whole.lines >= 1);

	size_t head_size = whole.size - whole.start;
	char *copy = xmalloc(head_size);
	memcpy(copy, text + whole.start, head_size);
	struct http_request_head head;
	memset(&head, 0x5a, sizeof head);
	const struct http_refusal *refusal =
		http_request_head_parse(&head, copy, head_size, headers);
	if (refusal == NULL) {
		check_request(&head.request);
		require(head.framing == HTTP_FRAMING_NONE ||
			head.request.method != HTTP_HEAD);
		require(head.framing != HTTP_FRAMING_LENGTH || head.length > 0);
		require(head.framing != HTTP_FRAMING_NONE || !head.expects_continue);
	} else {
		require(refusal->status >= 400 && refusal->status <= 599);
	}
	xfree(copy);
	return 0;
}
