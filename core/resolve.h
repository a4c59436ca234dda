/* Resolve: where one host is, looked up on a thread of its own, so that no loop ever waits
 * for getaddrinfo.
 *
 * Looks up at start, every 30 s (DNS changes are followed), every second while nothing is
 * known, and soon after somebody could not connect, at most once a second. A failing
 * look-up keeps the last good answer, and an address that was preferred stays it while the
 * host has it. Numeric hosts need no thread.
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

/* The preferred address, port set; false while none is known. Any thread. */
MUST_CHECK bool resolve_address(struct resolve *resolve, struct sockaddr_storage *address);
/* How often the host's addresses have changed; another order is no change. Any thread, no
 * lock. */
unsigned resolve_changes(const struct resolve *resolve);
/* Is this still one of the host's addresses? Any thread. */
bool resolve_knows(struct resolve *resolve, const struct sockaddr_storage *address);
/* The same as numeric text without port, for who connects by name. Any thread. */
MUST_CHECK bool resolve_text(struct resolve *resolve, char *text, size_t size);
/* A connect to that address failed: look again soon and, if it was the preferred one,
 * prefer the next of the host's addresses from now on ("localhost" may be ::1 first while
 * the server listens on 127.0.0.1 only). Returns whether there is another one. Any thread.
 */
bool resolve_doubt(struct resolve *resolve, const struct sockaddr_storage *failed);

/* The bytes of the address that connect(2) wants. */
socklen_t resolve_address_size(const struct sockaddr_storage *address);

#endif
