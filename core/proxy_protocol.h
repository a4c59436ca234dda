/* PROXY protocol: reads the header by which a proxy that passes bytes on unread says,
 * before all else, whose they are (versions 1 and 2 of haproxy's specification). Pure; any
 * thread.
 *
 * Strict: whoever sends this is configured to, so what is no such header is an error, and
 * nothing is guessed.
 */
#ifndef CORE_PROXY_PROTOCOL_H
#define CORE_PROXY_PROTOCOL_H

#include <arpa/inet.h>
#include <netinet/in.h>

#include "core/http_head.h"

enum {
	PROXY_PROTOCOL_LINE_BYTES = 107,  /* version 1, the longest line with its CRLF */
	PROXY_PROTOCOL_BYTES = 16 + 2048, /* version 2, with what else it may say */
};

struct proxy_protocol {
	size_t size;     /* of the header; what follows is the client's */
	bool has_client; /* false: the proxy speaks for itself, or cannot say for whom */
	char address[INET6_ADDRSTRLEN];
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} socket; /* the same; without a port */
};

/* Reads the header at the front of `data`. With MORE it is called again with more bytes;
 * the result does not depend on how they are cut. */
enum http_scan proxy_protocol_read(
	struct proxy_protocol *header, const char *data, size_t size);

#endif
