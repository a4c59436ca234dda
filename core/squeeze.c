#include "core/squeeze.h"

#include <stdint.h>
#include <string.h>

#include "core/mem.h"

/* A list of pieces: how many zeros to leave, how many bytes follow, and these bytes. Both
 * counts are 16 bits; the pieces cover the whole size. */
struct piece {
	uint16_t zeros;
	uint16_t bytes;
};

enum { LEAST_RUN = (int)sizeof(struct piece) }; /* shorter runs are copied */

static size_t
zeros_at(const unsigned char *data, size_t size, size_t at)
{
	size_t end = at;

	while (end < size && data[end] == 0)
		end++;
	return end - at;
}

/* The next piece of `data` from `at` on. */
static struct piece
next_piece(const unsigned char *data, size_t size, size_t at)
{
	size_t zeros = zeros_at(data, size, at);
	size_t start = at + zeros;
	size_t end = start;

	while (end < size) {
		size_t run = zeros_at(data, size, end);
		if (run > LEAST_RUN || (run > 0 && end + run == size))
			break;
		end += run > 0 ? run : 1;
	}
	return (struct piece){ (uint16_t)zeros, (uint16_t)(end - start) };
}

void *
squeeze_new(const void *data, size_t size)
{
	size_t needed = 0;

	assert(size <= UINT16_MAX);
	for (size_t at = 0; at < size;) {
		struct piece piece = next_piece(data, size, at);
		at += (size_t)piece.zeros + piece.bytes;
		needed += sizeof piece + piece.bytes;
	}
	unsigned char *squeezed = xmalloc(needed);
	unsigned char *to = squeezed;
	for (size_t at = 0; at < size;) {
		struct piece piece = next_piece(data, size, at);
		memcpy(to, &piece, sizeof piece);
		memcpy(to + sizeof piece, (const unsigned char *)data + at + piece.zeros,
			piece.bytes);
		to += sizeof piece + piece.bytes;
		at += (size_t)piece.zeros + piece.bytes;
	}
	return squeezed;
}

void
squeeze_restore(void *to, size_t size, const void *squeezed)
{
	const unsigned char *from = squeezed;
	unsigned char *bytes = to;

	for (size_t at = 0; at < size;) {
		struct piece piece;
		memcpy(&piece, from, sizeof piece);
		memset(bytes + at, 0, piece.zeros);
		memcpy(bytes + at + piece.zeros, from + sizeof piece, piece.bytes);
		from += sizeof piece + piece.bytes;
		at += (size_t)piece.zeros + piece.bytes;
	}
}

bool
squeeze_equals(const void *squeezed, const void *data, size_t size)
{
	const unsigned char *from = squeezed;
	const unsigned char *bytes = data;
	bool same = true;

	for (size_t at = 0; at < size && same;) {
		struct piece piece;
		memcpy(&piece, from, sizeof piece);
		same = zeros_at(bytes, at + piece.zeros, at) == piece.zeros &&
		       memcmp(bytes + at + piece.zeros, from + sizeof piece, piece.bytes) ==
			       0;
		from += sizeof piece + piece.bytes;
		at += (size_t)piece.zeros + piece.bytes;
	}
	return same;
}

size_t
squeeze_size(const void *squeezed, size_t size)
{
	const unsigned char *from = squeezed;
	size_t total = 0;

	for (size_t at = 0; at < size;) {
		struct piece piece;
		memcpy(&piece, from + total, sizeof piece);
		total += sizeof piece + piece.bytes;
		at += (size_t)piece.zeros + piece.bytes;
	}
	return total;
}
