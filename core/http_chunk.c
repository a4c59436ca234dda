#include "core/http_chunk.h"

#include <string.h>

enum {
	CHUNK_SIZE_FIRST, /* the first digit of a size */
	CHUNK_SIZE,       /* further digits */
	CHUNK_PAD,        /* blanks behind the size */
	CHUNK_EXTENSION,  /* behind ';' */
	CHUNK_SIZE_LF,
	CHUNK_PAYLOAD,
	CHUNK_PAYLOAD_CR,
	CHUNK_PAYLOAD_LF,
	CHUNK_TRAILER,
	CHUNK_TRAILER_LF,
	CHUNK_DONE,
	CHUNK_BAD,
};

void
http_chunk_init(struct http_chunk *chunk)
{
	*chunk = (struct http_chunk){ .state = CHUNK_SIZE_FIRST };
}

static int
digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 16;
}

static bool
is_line_text(char c)
{
	unsigned char byte = (unsigned char)c;
	return (byte >= ' ' && byte != 127) || byte == '\t';
}

/* The state behind a byte of the size line. */
static int
size_line_next(struct http_chunk *chunk, char c)
{
	if (++chunk->line_bytes > HTTP_CHUNK_LINE_BYTES)
		return CHUNK_BAD;
	if (chunk->state == CHUNK_EXTENSION) {
		if (c == '\r')
			return CHUNK_SIZE_LF;
		return is_line_text(c) ? CHUNK_EXTENSION : CHUNK_BAD;
	}
	int value = digit_value(c);
	if (value < 16) {
		if (chunk->state == CHUNK_PAD || chunk->line_bytes > 16 ||
			chunk->left > (uint64_t)INT64_MAX >> 4)
			return CHUNK_BAD;
		chunk->left = chunk->left << 4 | (uint64_t)value;
		return CHUNK_SIZE;
	}
	if (chunk->state == CHUNK_SIZE_FIRST)
		return CHUNK_BAD;
	if (c == '\r')
		return CHUNK_SIZE_LF;
	if (c == ';')
		return CHUNK_EXTENSION;
	return c == ' ' || c == '\t' ? CHUNK_PAD : CHUNK_BAD;
}

static int
trailer_next(struct http_chunk *chunk, char c)
{
	if (++chunk->line_bytes > HTTP_CHUNK_TRAILER_BYTES)
		return CHUNK_BAD;
	if (chunk->state == CHUNK_TRAILER_LF) {
		if (c != '\n')
			return CHUNK_BAD;
		if (chunk->trailer_empty)
			return CHUNK_DONE;
		chunk->trailer_empty = true;
		return CHUNK_TRAILER;
	}
	if (c == '\r')
		return CHUNK_TRAILER_LF;
	chunk->trailer_empty = false;
	return is_line_text(c) ? CHUNK_TRAILER : CHUNK_BAD;
}

static int
after_size_line(struct http_chunk *chunk)
{
	chunk->line_bytes = 0;
	if (chunk->left > 0)
		return CHUNK_PAYLOAD;
	chunk->trailer_empty = true;
	return CHUNK_TRAILER;
}

static int
framing_next(struct http_chunk *chunk, char c)
{
	switch (chunk->state) {
	case CHUNK_SIZE_FIRST:
	case CHUNK_SIZE:
	case CHUNK_PAD:
	case CHUNK_EXTENSION:
		return size_line_next(chunk, c);
	case CHUNK_SIZE_LF:
		return c == '\n' ? after_size_line(chunk) : CHUNK_BAD;
	case CHUNK_PAYLOAD_CR:
		return c == '\r' ? CHUNK_PAYLOAD_LF : CHUNK_BAD;
	case CHUNK_PAYLOAD_LF:
		return c == '\n' ? CHUNK_SIZE_FIRST : CHUNK_BAD;
	case CHUNK_TRAILER:
	case CHUNK_TRAILER_LF:
		return trailer_next(chunk, c);
	default:
		return chunk->state;
	}
}

enum http_scan
http_chunk_scan(struct http_chunk *chunk, const char *data, size_t size, size_t *used,
	char *payload, size_t *payload_size)
{
	size_t at = 0;
	size_t written = 0;

	while (at < size && chunk->state < CHUNK_DONE) {
		if (chunk->state != CHUNK_PAYLOAD) {
			chunk->state = framing_next(chunk, data[at++]);
			continue;
		}
		size_t part = size - at;
		if (part > chunk->left)
			part = (size_t)chunk->left;
		if (payload != NULL)
			memmove(payload + written, data + at, part);
		written += part;
		at += part;
		chunk->left -= part;
		if (chunk->left == 0)
			chunk->state = CHUNK_PAYLOAD_CR;
	}
	*used = at;
	if (payload != NULL)
		*payload_size = written;
	if (chunk->state == CHUNK_BAD)
		return HTTP_SCAN_BAD;
	return chunk->state == CHUNK_DONE ? HTTP_SCAN_DONE : HTTP_SCAN_MORE;
}
