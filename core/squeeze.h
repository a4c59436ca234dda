/* Squeeze: a flat struct in as many bytes as it needs, for who keeps one of many thousands.
 *
 * Our structs hold texts in arrays of their longest size, which are nearly empty. What is
 * squeezed out are runs of zero bytes. Pure; any thread.
 */
#ifndef CORE_SQUEEZE_H
#define CORE_SQUEEZE_H

#include <stdbool.h>
#include <stddef.h>

/* `size` bytes, at most 64 KB. New, caller xfree()s. */
void *squeeze_new(const void *data, size_t size);
/* The same bytes again; `size` is that which was squeezed. */
void squeeze_restore(void *to, size_t size, const void *squeezed);
/* Whether restoring gives exactly these bytes. */
bool squeeze_equals(const void *squeezed, const void *data, size_t size);
/* How long the squeezed bytes are. */
size_t squeeze_size(const void *squeezed, size_t size);

#endif
