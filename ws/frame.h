/* Frame: WebSocket frames (RFC 6455 §5), found in a stream of bytes and built.
 *
 * The scanner follows one direction of a connection without changing it: it knows where
 * frames end, so that a frame of ours can go between two of the peer's, and can collect
 * small text messages. The result does not depend on how the bytes are cut. Pure; any
 * thread.
 */
#ifndef WS_FRAME_H
#define WS_FRAME_H

#include <stdbool.h>
#include <stdint.h>

#include "core/text.h"

enum frame_opcode {
	FRAME_CONTINUATION = 0x0,
	FRAME_TEXT = 0x1,
	FRAME_BINARY = 0x2,
	FRAME_CLOSE = 0x8,
	FRAME_PING = 0x9,
	FRAME_PONG = 0xa,
};

enum {
	FRAME_HEAD_MAX = 14,
	FRAME_CONTROL_MAX = 125, /* payload of close, ping, pong */
};

enum frame_event {
	FRAME_EVENT_NONE,  /* every byte was read; a frame may be under way */
	FRAME_EVENT_FRAME, /* a frame ended */
	FRAME_EVENT_TEXT, /* a frame ended, and with it a text message that was collected */
	FRAME_EVENT_BAD,  /* these are no frames: nothing can be said from here on */
};

struct frame_scan {
	uint8_t head[FRAME_HEAD_MAX];
	uint8_t head_size;    /* bytes of the present frame's head so far */
	bool in_payload;      /* its head is whole */
	uint64_t left;        /* payload bytes of the present frame still to come */
	uint64_t at;          /* payload bytes of it already seen: the place in the mask */
	bool in_message;      /* between the frames of a fragmented message */
	bool closing;         /* a close frame has begun: nothing may follow it */
	bool bad;             /* the bytes are no frames */
	bool collecting;      /* the message under way goes into `message` */
	size_t collect_limit; /* larger messages are not collected; 0: none is */
	struct text message;
};

void frame_scan_init(struct frame_scan *scan, size_t collect_limit);
void frame_scan_fini(struct frame_scan *scan);
/* Reads up to the end of the present frame, or everything. `*used` is how much. After
 * FRAME_EVENT_TEXT the unmasked message is in scan->message until the next call. */
enum frame_event frame_scan_feed(
	struct frame_scan *scan, const void *data, size_t size, size_t *used);
/* May a data frame of somebody else go here? Between frames, not inside a fragmented
 * message, not after a close frame. True at the very start. */
bool frame_scan_at_boundary(const struct frame_scan *scan);

/* Adds a whole, final frame. `mask` (4 bytes) for what a client sends, NULL for what a
 * server sends. Control frames carry at most FRAME_CONTROL_MAX bytes. */
void frame_build(struct text *to, enum frame_opcode opcode, const void *data, size_t size,
	const uint8_t *mask);
/* Adds a close frame with a code (RFC 6455 §7.4) and a reason, which is cut to fit. */
void frame_build_close(
	struct text *to, uint16_t code, const char *reason, const uint8_t *mask);

#endif
