/* Memory: allocation that cannot fail, and the two casts the tree uses.
 *
 * Out of memory ends the process, so constructors of plain objects cannot fail.
 * `malloc` and its family are called in mem.c only (make lint checks it). Any thread.
 */
#ifndef CORE_MEM_H
#define CORE_MEM_H

#include <assert.h>
#include <stddef.h>

#define MUST_CHECK __attribute__((warn_unused_result))

/* Recovers an object that travelled as `void *`; such structs start with `unsigned magic`.
 */
#define CAST(arg, wanted) (assert(*(const unsigned *)(arg) == (wanted)), (arg))

/* The struct that embeds `member` at `pointer`. */
#define CONTAINER_OF(pointer, type, member)                                                \
	((type *)(void *)((char *)(pointer)-offsetof(type, member)))

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

void *xmalloc(size_t size) __attribute__((malloc, returns_nonnull));
void *xcalloc(size_t count, size_t size) __attribute__((malloc, returns_nonnull));
void *xrealloc(void *memory, size_t size) __attribute__((returns_nonnull));
char *xstrdup(const char *text) __attribute__((malloc, returns_nonnull));
/* Copies `size` bytes and adds a terminating zero. */
char *xstrndup(const char *text, size_t size) __attribute__((malloc, returns_nonnull));
/* NULL in, NULL out. */
char *xstrdup_or_null(const char *text);
/* Accepts NULL. Frees what any of the functions above returned. */
void xfree(void *memory);

/* Copies `text` into `to`, cut at `size - 1` bytes (never inside a UTF-8 sequence) and
 * always terminated. NULL copies as "". Returns whether all of it fitted. */
_Bool copy_text(char *to, size_t size, const char *text);
/* The same, unless `to` says something already. */
void fill_text(char *to, size_t size, const char *text);
/* The same, unless `text` says nothing (NULL or ""). */
void renew_text(char *to, size_t size, const char *text);

#endif
