/* Chunked bodies. The first byte chooses how the rest is cut; verdict, end and payload must
 * not depend on it, and the payload is never longer than what was read. */
#include "core/http_chunk.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct result {
	enum http_scan scan;
	size_t used;
	struct text payload;
};

static void
require(bool holds)
{
	if (!holds)
		abort();
}

static void
scan_in_steps(struct result *result, const char *text, size_t total, size_t step)
{
	struct http_chunk chunk;
	char *buffer = xmalloc(step);

	http_chunk_init(&chunk);
	*result = (struct result){ .scan = HTTP_SCAN_MORE };
	while (result->used < total && result->scan == HTTP_SCAN_MORE) {
		size_t size = total - result->used;
		size_t used, part;
		if (size > step)
			size = step;
		memcpy(buffer, text + result->used, size);
		result->scan = http_chunk_scan(&chunk, buffer, size, &used, buffer, &part);
		require(used <= size && part <= used);
		require(result->scan != HTTP_SCAN_MORE || used == size);
		text_add_bytes(&result->payload, buffer, part);
		result->used += used;
	}
	xfree(buffer);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 2)
		return 0;
	const char *text = (const char *)data + 1;
	struct result whole, cut;

	scan_in_steps(&whole, text, size - 1, size - 1);
	scan_in_steps(&cut, text, size - 1, (size_t)data[0] + 1);
	require(whole.scan == cut.scan && whole.used == cut.used);
	require(whole.payload.size == cut.payload.size);
	require(memcmp(text_get(&whole.payload), text_get(&cut.payload),
			whole.payload.size) == 0);
	text_fini(&whole.payload);
	text_fini(&cut.payload);
	return 0;
}
