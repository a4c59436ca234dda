/* Redis URL: redis://[[user]:password@]host[:port][/database]. Pure; any thread. */
#ifndef CORE_REDIS_URL_H
#define CORE_REDIS_URL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/mem.h"

struct redis_url {
	char host[256]; /* without brackets for IPv6 */
	uint16_t port;
	char user[128];     /* "": the default user */
	char password[256]; /* "": none. A secret */
	int64_t database;
};

/* User and password are percent-decoded. On failure writes a sentence that says what is
 * wrong and repeats nothing of the URL. */
MUST_CHECK bool redis_url_parse(
	struct redis_url *url, const char *text, char *why, size_t why_size);

#endif
