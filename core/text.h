/* Text: a growable byte buffer, slices of other people's memory, and comparisons.
 * Pure; any thread.
 */
#ifndef CORE_TEXT_H
#define CORE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "core/mem.h"

/* Borrowed bytes, not terminated. `data` may be NULL when `size` is 0. */
struct slice {
	const char *data;
	size_t size;
};

#define SLICE(literal) ((struct slice){ (literal), sizeof(literal) - 1 })

struct slice slice_of(const char *text);
bool slice_equal(struct slice a, struct slice b);
bool slice_equal_text(struct slice slice, const char *text);
/* `size` bytes of each. */
bool bytes_equal_ci(const char *a, const char *b, size_t size);

/* Names of headers are compared a dozen times per request: here most of that is a size. */
static inline bool
slice_equal_ci(struct slice a, struct slice b)
{
	return a.size == b.size && bytes_equal_ci(a.data, b.data, a.size);
}

static inline bool
slice_equal_text_ci(struct slice slice, const char *text)
{
	return slice_equal_ci(slice, (struct slice){ text, strlen(text) });
}

bool slice_starts_with_ci(struct slice slice, const char *prefix);
/* Without the blanks (space, tab) at both ends. */
struct slice slice_trim(struct slice slice);
/* Cuts the part before `separator` off the front of `*rest`; false when `*rest` was empty.
 * The last part ends where the text ends. */
bool slice_next(struct slice *rest, char separator, struct slice *part);
/* New, caller xfree()s. */
char *slice_dup(struct slice slice);
/* Decimal digits only, no sign, no blanks; false on anything else or on overflow. */
MUST_CHECK bool slice_to_u64(struct slice slice, uint64_t *number);

/* ASCII case only; locale never matters. */
static inline char
ascii_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}
int text_compare_ci(const char *a, const char *b);

static inline bool
text_equal_ci(const char *a, const char *b)
{
	return ascii_lower(*a) == ascii_lower(*b) && text_compare_ci(a, b) == 0;
}

/* Decimal with optional '-'; false on anything else or on overflow. */
MUST_CHECK bool text_to_i64(const char *text, int64_t *number);

/* FNV-1a of the text (NULL is ""), its halves mixed so that low bits are as good as high
 * ones. `seed` 0, or a secret where strangers choose the texts. */
uint64_t text_hash(uint64_t seed, const char *text);

/* A growable buffer; `data` is always terminated once something was added, else NULL. */
struct text {
	char *data;
	size_t size;
	size_t capacity;
};

void text_init(struct text *text);
void text_fini(struct text *text);
void text_clear(struct text *text);
void text_add_bytes(struct text *text, const void *data, size_t size);

static inline void
text_add(struct text *text, const char *more)
{
	text_add_bytes(text, more, strlen(more));
}

void text_add_slice(struct text *text, struct slice slice);
void text_add_char(struct text *text, char c);
void text_addf(struct text *text, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Makes sure `size` more bytes fit and returns where they go (then add to ->size). */
char *text_reserve(struct text *text, size_t size);
/* Gives the buffer away (never NULL); the text is empty after. Caller xfree()s. */
char *text_take(struct text *text);
/* The bytes, "" when empty; borrowed until the next change. */
const char *text_get(const struct text *text);

/* Lower-case hex of `size` bytes; `to` holds 2 * size + 1. */
void hex_encode(char *to, const void *data, size_t size);
/* Exactly 2 * size hex digits of either case. */
MUST_CHECK bool hex_decode(void *to, size_t size, struct slice hex);

#endif
