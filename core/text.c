#include "core/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { FORMAT_ROOM = 64 };

struct slice
slice_of(const char *text)
{
	return (struct slice){ text, text != NULL ? strlen(text) : 0 };
}

bool
slice_equal(struct slice a, struct slice b)
{
	return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

bool
bytes_equal_ci(const char *a, const char *b, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (ascii_lower(a[i]) != ascii_lower(b[i]))
			return false;
	}
	return true;
}

bool
slice_equal_text(struct slice slice, const char *text)
{
	return slice_equal(slice, slice_of(text));
}

bool
slice_starts_with_ci(struct slice slice, const char *prefix)
{
	size_t size = strlen(prefix);
	return slice.size >= size && bytes_equal_ci(slice.data, prefix, size);
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

struct slice
slice_trim(struct slice slice)
{
	while (slice.size > 0 && is_blank(slice.data[0])) {
		slice.data++;
		slice.size--;
	}
	while (slice.size > 0 && is_blank(slice.data[slice.size - 1]))
		slice.size--;
	return slice;
}

bool
slice_next(struct slice *rest, char separator, struct slice *part)
{
	if (rest->size == 0)
		return false;
	const char *end = memchr(rest->data, separator, rest->size);
	if (end == NULL) {
		*part = *rest;
		*rest = (struct slice){ NULL, 0 };
		return true;
	}
	*part = (struct slice){ rest->data, (size_t)(end - rest->data) };
	rest->size -= part->size + 1;
	rest->data = end + 1;
	return true;
}

char *
slice_dup(struct slice slice)
{
	return xstrndup(slice.size > 0 ? slice.data : "", slice.size);
}

bool
slice_to_u64(struct slice slice, uint64_t *number)
{
	uint64_t value = 0;

	if (slice.size == 0)
		return false;
	for (size_t i = 0; i < slice.size; i++) {
		char c = slice.data[i];
		if (c < '0' || c > '9')
			return false;
		uint64_t digit = (uint64_t)(c - '0');
		if (value > (UINT64_MAX - digit) / 10)
			return false;
		value = value * 10 + digit;
	}
	*number = value;
	return true;
}

int
text_compare_ci(const char *a, const char *b)
{
	for (;; a++, b++) {
		int difference =
			(unsigned char)ascii_lower(*a) - (unsigned char)ascii_lower(*b);
		if (difference != 0 || *a == '\0')
			return difference;
	}
}

bool
text_to_i64(const char *text, int64_t *number)
{
	bool negative = text[0] == '-';
	uint64_t value;

	if (!slice_to_u64(slice_of(text + negative), &value))
		return false;
	if (value > (uint64_t)INT64_MAX + negative)
		return false;
	*number = negative ? (int64_t)(0 - value) : (int64_t)value;
	return true;
}

uint64_t
text_hash(uint64_t seed, const char *text)
{
	uint64_t hash = 0xcbf29ce484222325u ^ seed;

	for (; text != NULL && *text != '\0'; text++)
		hash = (hash ^ (unsigned char)*text) * 0x100000001b3u;
	return hash ^ hash >> 32;
}

void
text_init(struct text *text)
{
	*text = (struct text){ 0 };
}

void
text_fini(struct text *text)
{
	xfree(text->data);
	text_init(text);
}

void
text_clear(struct text *text)
{
	text->size = 0;
	if (text->data != NULL)
		text->data[0] = '\0';
}

char *
text_reserve(struct text *text, size_t size)
{
	size_t needed = text->size + size + 1;

	if (needed > text->capacity) {
		size_t capacity = text->capacity > 0 ? text->capacity : 128;
		while (capacity < needed)
			capacity *= 2;
		text->data = xrealloc(text->data, capacity);
		text->capacity = capacity;
		text->data[text->size] = '\0';
	}
	return text->data + text->size;
}

void
text_add_bytes(struct text *text, const void *data, size_t size)
{
	if (text->capacity - text->size <= size)
		(void)text_reserve(text, size);
	if (size > 0)
		memcpy(text->data + text->size, data, size);
	text->size += size;
	text->data[text->size] = '\0';
}

void
text_add_slice(struct text *text, struct slice slice)
{
	text_add_bytes(text, slice.data, slice.size);
}

void
text_add_char(struct text *text, char c)
{
	text_add_bytes(text, &c, 1);
}

void
text_addf(struct text *text, const char *format, ...)
{
	va_list args, again;

	/* Most of what is added is short, and then formatted only once. */
	char *end = text_reserve(text, FORMAT_ROOM);
	size_t room = text->capacity - text->size;
	va_start(args, format);
	va_copy(again, args);
	int size = vsnprintf(end, room, format, args);
	assert(size >= 0);
	if ((size_t)size >= room) {
		end = text_reserve(text, (size_t)size);
		vsnprintf(end, (size_t)size + 1, format, again);
	}
	va_end(again);
	va_end(args);
	text->size += (size_t)size;
}

char *
text_take(struct text *text)
{
	text_reserve(text, 0);
	text->data[text->size] = '\0';
	char *data = text->data;
	text_init(text);
	return data;
}

const char *
text_get(const struct text *text)
{
	return text->data != NULL ? text->data : "";
}

void
hex_encode(char *to, const void *data, size_t size)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *bytes = data;

	for (size_t i = 0; i < size; i++) {
		to[2 * i] = digits[bytes[i] >> 4];
		to[2 * i + 1] = digits[bytes[i] & 15];
	}
	to[2 * size] = '\0';
}

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = ascii_lower(c);
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

bool
hex_decode(void *to, size_t size, struct slice hex)
{
	unsigned char *bytes = to;

	if (hex.size != 2 * size)
		return false;
	for (size_t i = 0; i < size; i++) {
		int high = hex_value(hex.data[2 * i]);
		int low = hex_value(hex.data[2 * i + 1]);
		if (high < 0 || low < 0)
			return false;
		bytes[i] = (unsigned char)(high << 4 | low);
	}
	return true;
}
