/* Forwarded: for whom a trusted peer forwards (X-Forwarded-For; RFC 7239's Forwarded where
 * there is none). Pure; any thread.
 *
 * Each proxy adds the address it was called from at the end, so the lists are read from the
 * right: past every address that is a trusted proxy's, to the first that is not. That one
 * is the client; what stands left of it anybody may have written. A hop that is no address
 * ("unknown", "_hidden") ends the walk at the proxy before it.
 */
#ifndef PROXY_FORWARDED_H
#define PROXY_FORWARDED_H

#include "core/http_exchange.h"
#include "proxy/trusted_proxies.h"

enum { FORWARDED_ADDRESS_SIZE = 46 };

/* False: the peer is not trusted, so it is the client itself. Else `to` holds the client's
 * numeric address, never IPv4 mapped to IPv6: the peer's when it names nobody. */
MUST_CHECK bool forwarded_client(char to[FORWARDED_ADDRESS_SIZE],
	const struct http_request *request, const struct trusted_proxies *trusted);

#endif
