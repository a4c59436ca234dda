/* WebSocket frames. The first byte chooses how the rest is cut; where frames end, what is a
 * boundary and which texts are collected must not depend on it. */
#include "ws/frame.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { COLLECT_LIMIT = 64 };

static void
require(bool holds)
{
	if (!holds)
		abort();
}

/* Writes down every event with its place. */
static void
scan_in_steps(struct text *log, const uint8_t *data, size_t total, size_t step)
{
	struct frame_scan scan;
	enum frame_event event = FRAME_EVENT_NONE;

	frame_scan_init(&scan, COLLECT_LIMIT);
	for (size_t at = 0; at < total && event != FRAME_EVENT_BAD;) {
		size_t size = total - at < step ? total - at : step;
		size_t used;
		event = frame_scan_feed(&scan, data + at, size, &used);
		require(used > 0 && used <= size);
		require(event != FRAME_EVENT_NONE || used == size);
		at += used;
		if (event == FRAME_EVENT_BAD)
			text_add(log, "bad");
		else if (event != FRAME_EVENT_NONE)
			text_addf(log, "%zu:%d:%d ", at, event,
				frame_scan_at_boundary(&scan));
		if (event == FRAME_EVENT_TEXT) {
			require(scan.message.size <= COLLECT_LIMIT);
			text_add_bytes(log, scan.message.data, scan.message.size);
		}
	}
	frame_scan_fini(&scan);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 2)
		return 0;
	struct text whole, cut;

	text_init(&whole);
	text_init(&cut);
	scan_in_steps(&whole, data + 1, size - 1, size - 1);
	scan_in_steps(&cut, data + 1, size - 1, (size_t)data[0] + 1);
	require(whole.size == cut.size);
	require(memcmp(text_get(&whole), text_get(&cut), whole.size) == 0);
	text_fini(&whole);
	text_fini(&cut);
	return 0;
}
