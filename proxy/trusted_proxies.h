/* Trusted proxies: which peers may say for whom they forward (X-Forwarded-*, the PROXY
 * protocol). Pure once it was read; any thread.
 */
#ifndef PROXY_TRUSTED_PROXIES_H
#define PROXY_TRUSTED_PROXIES_H

#include <stdbool.h>
#include <stddef.h>

#include "core/mem.h"

enum { TRUSTED_PROXIES_MAX = 64 };

struct trusted_proxies {
	struct trusted_network {
		unsigned char address[16]; /* IPv4 as ::ffff:a.b.c.d */
		unsigned bits;             /* of them that must agree, 0..128 */
	} networks[TRUSTED_PROXIES_MAX];
	size_t count;
};

/* Reads "10.0.0.0/8, 192.168.1.5, fd00::/8"; NULL is the empty list. On failure writes what
 * is wrong, for a sentence that began with the setting's name. */
MUST_CHECK bool trusted_proxies_read(
	struct trusted_proxies *proxies, const char *list, char *why, size_t why_size);
/* Is this numeric address one of theirs? */
bool trusted_proxies_have(const struct trusted_proxies *proxies, const char *address);
/* May this peer hold any number of connections? This host and theirs may; `arg` is a struct
 * trusted_proxies (struct http_limits). */
bool trusted_proxies_are_unlimited(void *arg, const char *address);

#endif
