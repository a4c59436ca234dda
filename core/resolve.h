/* Resolve: where one host is, looked up on a thread of its own, so that no loop ever waits
 * for getaddrinfo.
 *
 * Looks up at start, every 30 s (DNS changes are followed), every second while nothing is
 * known, and soon after somebody could not connect, at most once a second. A failing
 * look-up keeps the last good answer. Numeric hosts need no thread.
 */
#ifndef CORE_RESOLVE_H
#define CORE_RESOLVE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "core/mem.h"

struct resolve;

struct resolve *resolve_start(const char *host, uint16_t port);
/* Returns at once, even while a look-up hangs. Accepts NULL. */
void resolve_stop(struct resolve *resolve);

/* The `attempt`-th address (0, 1, …, round and round), port set; false while none is known.
 * Any thread. */
MUST_CHECK bool resolve_address(
	struct resolve *resolve, size_t attempt, struct sockaddr_storage *address);
/* The same as numeric text without port, for who connects by name. Any thread. */
MUST_CHECK bool resolve_text(
	struct resolve *resolve, size_t attempt, char *text, size_t size);
/* A connect failed: look again soon. Any thread. */
void resolve_doubt(struct resolve *resolve);

/* The bytes of the address that connect(2) wants. */
socklen_t resolve_address_size(const struct sockaddr_storage *address);

#endif
