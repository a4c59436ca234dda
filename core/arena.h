/* Arena: memory that lives exactly as long as one exchange and is freed at once.
 *
 * Owned by the exchange and used on its worker thread only. Pointers stay valid until
 * arena_free; what must outlive the exchange is copied elsewhere.
 */
#ifndef CORE_ARENA_H
#define CORE_ARENA_H

#include <stddef.h>

#include "core/text.h"

struct arena;

struct arena *arena_new(void);
/* With room for so many bytes at first, instead of a usual block. */
struct arena *arena_new_for(size_t size);
/* Accepts NULL. */
void arena_free(struct arena *arena);
/* Keeps one block for the next use, frees the rest. */
void arena_reset(struct arena *arena);
/* Aligned for any type, not zeroed. */
void *arena_alloc(struct arena *arena, size_t size);
char *arena_strdup(struct arena *arena, const char *text);
char *arena_slice_dup(struct arena *arena, struct slice slice);
char *arena_printf(struct arena *arena, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
