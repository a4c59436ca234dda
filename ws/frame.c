#include "ws/frame.h"

#include <string.h>

enum {
	HEAD_FINAL = 0x80,
	HEAD_RESERVED = 0x70,
	HEAD_OPCODE = 0x0f,
	HEAD_MASKED = 0x80,
	HEAD_LENGTH = 0x7f,
	LENGTH_16_BIT = 126,
	LENGTH_64_BIT = 127,
};

void
frame_scan_init(struct frame_scan *scan, size_t collect_limit)
{
	*scan = (struct frame_scan){ .collect_limit = collect_limit };
	text_init(&scan->message);
}

void
frame_scan_fini(struct frame_scan *scan)
{
	text_fini(&scan->message);
}

bool
frame_scan_at_boundary(const struct frame_scan *scan)
{
	return scan->head_size == 0 && !scan->in_message && !scan->closing && !scan->bad;
}

/* The size of the present head, known from its second byte on. */
static size_t
head_size_wanted(const struct frame_scan *scan)
{
	if (scan->head_size < 2)
		return 2;
	size_t size = 2;
	uint8_t length = scan->head[1] & HEAD_LENGTH;
	if (length == LENGTH_16_BIT)
		size += 2;
	else if (length == LENGTH_64_BIT)
		size += 8;
	return scan->head[1] & HEAD_MASKED ? size + 4 : size;
}

static uint64_t
payload_length(const struct frame_scan *scan)
{
	uint8_t length = scan->head[1] & HEAD_LENGTH;
	size_t bytes = length == LENGTH_16_BIT ? 2 : length == LENGTH_64_BIT ? 8 : 0;

	if (bytes == 0)
		return length;
	uint64_t value = 0;
	for (size_t i = 0; i < bytes; i++)
		value = value << 8 | scan->head[2 + i];
	return value;
}

/* Could a peer that keeps to RFC 6455 §5.2–5.5 send this here? */
static bool
head_is_legal(const struct frame_scan *scan, uint8_t opcode, bool final)
{
	if (scan->closing || scan->left > INT64_MAX)
		return false;
	switch (opcode) {
	case FRAME_CONTINUATION:
		return scan->in_message;
	case FRAME_TEXT:
	case FRAME_BINARY:
		return !scan->in_message;
	case FRAME_CLOSE:
	case FRAME_PING:
	case FRAME_PONG:
		return final && scan->left <= FRAME_CONTROL_MAX;
	default:
		return false;
	}
}

static bool
is_control(uint8_t opcode)
{
	return (opcode & 0x8) != 0;
}

/* The head is whole: what begins here? */
static void
enter_payload(struct frame_scan *scan)
{
	uint8_t opcode = scan->head[0] & HEAD_OPCODE;
	bool final = (scan->head[0] & HEAD_FINAL) != 0;

	scan->left = payload_length(scan);
	scan->at = 0;
	scan->in_payload = true;
	if (!head_is_legal(scan, opcode, final)) {
		scan->bad = true;
		return;
	}
	if (opcode == FRAME_CLOSE)
		scan->closing = true;
	if (is_control(opcode))
		return;
	scan->in_message = !final;
	if (opcode != FRAME_CONTINUATION) {
		/* A reserved bit means an extension changed the payload: not for us. */
		scan->collecting = opcode == FRAME_TEXT && scan->collect_limit > 0 &&
				   (scan->head[0] & HEAD_RESERVED) == 0;
		text_clear(&scan->message);
	}
	if (scan->collecting && scan->left > scan->collect_limit - scan->message.size)
		scan->collecting = false;
}

static void
collect(struct frame_scan *scan, const char *data, size_t size)
{
	char *to = text_reserve(&scan->message, size);
	bool masked = (scan->head[1] & HEAD_MASKED) != 0;
	const uint8_t *mask = scan->head + head_size_wanted(scan) - 4;

	for (size_t i = 0; i < size; i++)
		to[i] = masked ? (char)(data[i] ^ mask[(scan->at + i) & 3]) : data[i];
	scan->message.size += size;
	to[size] = '\0';
}

static enum frame_event
end_frame(struct frame_scan *scan)
{
	uint8_t opcode = scan->head[0] & HEAD_OPCODE;
	bool message_ended = !is_control(opcode) && !scan->in_message;

	scan->head_size = 0;
	scan->in_payload = false;
	if (!message_ended || !scan->collecting)
		return FRAME_EVENT_FRAME;
	scan->collecting = false;
	return FRAME_EVENT_TEXT;
}

enum frame_event
frame_scan_feed(struct frame_scan *scan, const void *data, size_t size, size_t *used)
{
	const char *bytes = data;
	size_t at = 0;

	while (at < size && !scan->in_payload && !scan->bad) {
		scan->head[scan->head_size++] = (uint8_t)bytes[at++];
		if (scan->head_size >= 2 && scan->head_size == head_size_wanted(scan))
			enter_payload(scan);
	}
	if (scan->bad) {
		*used = size;
		return FRAME_EVENT_BAD;
	}
	size_t part = 0;
	if (scan->in_payload) {
		part = size - at < scan->left ? size - at : (size_t)scan->left;
		if (scan->collecting && !is_control(scan->head[0] & HEAD_OPCODE))
			collect(scan, bytes + at, part);
		scan->left -= part;
		scan->at += part;
	}
	*used = at + part;
	if (scan->in_payload && scan->left == 0)
		return end_frame(scan);
	return FRAME_EVENT_NONE;
}

void
frame_build(struct text *to, enum frame_opcode opcode, const void *data, size_t size,
	const uint8_t *mask)
{
	const char *bytes = data;
	char masked = mask != NULL ? (char)HEAD_MASKED : 0;

	assert(!is_control((uint8_t)opcode) || size <= FRAME_CONTROL_MAX);
	text_add_char(to, (char)(HEAD_FINAL | opcode));
	if (size < LENGTH_16_BIT) {
		text_add_char(to, (char)(masked | (char)size));
	} else {
		int length_bytes = size <= UINT16_MAX ? 2 : 8;
		text_add_char(to, (char)(masked | (length_bytes == 2 ? LENGTH_16_BIT
								     : LENGTH_64_BIT)));
		for (int i = length_bytes - 1; i >= 0; i--)
			text_add_char(to, (char)((uint64_t)size >> (8 * i)));
	}
	if (mask == NULL) {
		text_add_bytes(to, data, size);
		return;
	}
	text_add_bytes(to, mask, 4);
	char *payload = text_reserve(to, size);
	for (size_t i = 0; i < size; i++)
		payload[i] = (char)(bytes[i] ^ mask[i & 3]);
	to->size += size;
	payload[size] = '\0';
}

void
frame_build_close(struct text *to, uint16_t code, const char *reason, const uint8_t *mask)
{
	char payload[FRAME_CONTROL_MAX + 1] = { (char)(code >> 8), (char)code };

	copy_text(payload + 2, sizeof payload - 2, reason);
	frame_build(to, FRAME_CLOSE, payload, 2 + strlen(payload + 2), mask);
}
