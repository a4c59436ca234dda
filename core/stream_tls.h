/* Stream over TLS, towards one host: mbedTLS behind core/stream.
 *
 * The handshake is part of the connect and under its deadline. The peer has to show a
 * certificate that the authorities we believe have signed, for the host's name (SNI too)
 * or, when the host is an IP address, with that address among its alternative names; why
 * one was refused is logged as `tls_failed`. A connection that is cut without close_notify
 * is STREAM_BROKEN, never STREAM_END: somebody on the way could have cut it (RFC 5246
 * §7.2.1). mbedTLS 2.28 speaks TLS 1.2; nothing older is accepted. A connection costs about
 * 35 KB for its two record buffers.
 */
#ifndef CORE_STREAM_TLS_H
#define CORE_STREAM_TLS_H

#include "core/stream.h"

/* What all connections to the host share. Read-only once made: any thread. */
struct stream_tls;

struct stream_tls_options {
	const char *host;    /* a name or an IP address, without brackets; copied */
	const char *ca_file; /* PEM bundle; NULL: the system's */
	bool unverified;     /* anybody may pose as the host */
};

/* NULL with a sentence in `why` when the authorities cannot be read. */
struct stream_tls *stream_tls_new(
	const struct stream_tls_options *options, char *why, size_t why_size);
/* After every stream and every stream_tls_sessions of it. Accepts NULL. */
void stream_tls_free(struct stream_tls *tls);

/* One loop's memory of its last session with the host, which the next connection resumes:
 * that saves both sides the costly part of the handshake. */
struct stream_tls_sessions;

/* `tls` is borrowed. */
struct stream_tls_sessions *stream_tls_sessions_new(const struct stream_tls *tls);
/* After every stream that still connects. Accepts NULL. */
void stream_tls_sessions_free(struct stream_tls_sessions *sessions);

/* Like stream_connect. */
struct stream *stream_tls_connect(struct stream_tls_sessions *sessions, struct loop *loop,
	const struct sockaddr *address, socklen_t address_size, int64_t timeout_ms,
	const struct stream_handler *handler, void *arg);

#endif
