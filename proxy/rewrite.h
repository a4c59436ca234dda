/* Rewrite: Jellyfin's answer to the client's own request, with another body.
 *
 * Asked for uncompressed on the relay's connections with exactly the headers the client
 * sent. Status and headers are Jellyfin's; framing is ours, and an ETag of a body that is
 * no longer the same is left out. Ends the intercept.
 */
#ifndef PROXY_REWRITE_H
#define PROXY_REWRITE_H

#include "proxy/intercept.h"

/* `write` adds what the client gets instead of `body`; it is called at most once, before
 * the exchange ends. An answer above `max_body` bytes is relayed as it is. */
void rewrite_start(struct intercept *intercept, size_t max_body,
	void (*write)(void *arg, struct text *to, struct slice body), void *arg);

#endif
