#include "core/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { BLOCK_BYTES = 4096 };

struct block {
	struct block *next;
	size_t used;
	size_t size;
	alignas(max_align_t) char data[];
};

struct arena {
	struct block *blocks; /* the newest first; the first made is the last in the list */
};

static struct block *
block_new(size_t size, struct block *next)
{
	struct block *block = xmalloc(sizeof *block + size);
	block->next = next;
	block->used = 0;
	block->size = size;
	return block;
}

struct arena *
arena_new(void)
{
	return arena_new_for(BLOCK_BYTES);
}

struct arena *
arena_new_for(size_t size)
{
	struct arena *arena = xmalloc(sizeof *arena);
	arena->blocks = block_new(size, NULL);
	return arena;
}

void
arena_reset(struct arena *arena)
{
	struct block *block = arena->blocks;

	while (block->next != NULL) {
		struct block *next = block->next;
		xfree(block);
		block = next;
	}
	block->used = 0;
	arena->blocks = block;
}

void
arena_free(struct arena *arena)
{
	if (arena == NULL)
		return;
	arena_reset(arena);
	xfree(arena->blocks);
	xfree(arena);
}

void *
arena_alloc(struct arena *arena, size_t size)
{
	const size_t align = alignof(max_align_t);
	size_t rounded = (size + align - 1) / align * align;

	if (arena->blocks->size - arena->blocks->used < rounded)
		arena->blocks = block_new(
			rounded > BLOCK_BYTES ? rounded : BLOCK_BYTES, arena->blocks);
	void *memory = arena->blocks->data + arena->blocks->used;
	arena->blocks->used += rounded;
	return memory;
}

char *
arena_slice_dup(struct arena *arena, struct slice slice)
{
	char *copy = arena_alloc(arena, slice.size + 1);
	if (slice.size > 0)
		memcpy(copy, slice.data, slice.size);
	copy[slice.size] = '\0';
	return copy;
}

char *
arena_strdup(struct arena *arena, const char *text)
{
	return arena_slice_dup(arena, slice_of(text));
}

char *
arena_printf(struct arena *arena, const char *format, ...)
{
	va_list args, again;

	va_start(args, format);
	va_copy(again, args);
	int size = vsnprintf(NULL, 0, format, args);
	assert(size >= 0);
	char *text = arena_alloc(arena, (size_t)size + 1);
	vsnprintf(text, (size_t)size + 1, format, again);
	va_end(again);
	va_end(args);
	return text;
}
