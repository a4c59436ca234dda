#include "core/stream_tls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/event.h>
#include <mbedtls/error.h>
#include <mbedtls/ssl.h>
#include <mbedtls/ssl_internal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/crypto.h"
#include "core/log.h"
#include "core/text.h"

#define SYSTEM_CA_FILE "/etc/ssl/certs/ca-certificates.crt"

struct stream_tls {
	char *host;
	unsigned char ip[sizeof(struct in6_addr)];
	size_t ip_size; /* 0: the host is a name */
	mbedtls_ssl_config config;
	mbedtls_x509_crt authorities;
};

struct stream_tls_sessions {
	const struct stream_tls *tls;
	mbedtls_ssl_session last;
	bool known; /* `last` is one */
};

/* What a stream keeps. */
struct tls_state {
	struct stream_tls_sessions *sessions; /* until the handshake is over */
	const struct stream_tls *tls;
	int fd;
	mbedtls_ssl_context ssl;
	bool read_waits_for_write; /* also the handshake */
	bool write_waits_for_read;
	size_t sealed; /* bytes of the next write that are in mbedTLS's buffer already */
};

static const char *const alpn_protocols[] = { "http/1.1", NULL };

/* ---- certificates ---- */

struct verify_reason {
	uint32_t flag;
	const char *why;
};

static const struct verify_reason verify_reasons[] = {
	{ MBEDTLS_X509_BADCERT_CN_MISMATCH, "the certificate is for another host" },
	{ MBEDTLS_X509_BADCERT_EXPIRED, "the certificate has expired" },
	{ MBEDTLS_X509_BADCERT_FUTURE, "the certificate is not valid yet" },
	{ MBEDTLS_X509_BADCERT_NOT_TRUSTED,
		"the certificate is signed by no authority of SIDETRACK_CA_FILE or the "
		"system" },
};

static void
log_failure(const struct tls_state *state, int code)
{
	uint32_t flags = mbedtls_ssl_get_verify_result(&state->ssl);
	const char *why = NULL;
	char text[160];

	if (code == MBEDTLS_ERR_X509_CERT_VERIFY_FAILED) {
		why = "the certificate is not acceptable";
		for (size_t i = 0; i < COUNT_OF(verify_reasons); i++) {
			if ((flags & verify_reasons[i].flag) != 0) {
				why = verify_reasons[i].why;
				break;
			}
		}
	} else if (code == MBEDTLS_ERR_SSL_CONN_EOF) {
		why = "the peer hung up during the handshake";
	} else {
		mbedtls_strerror(code, text, sizeof text);
		why = text;
	}
	log_warn_limited(
		"tls_failed", LOG_TEXT("host", state->tls->host), LOG_TEXT("why", why));
}

static bool
has_ip(const mbedtls_x509_crt *certificate, const unsigned char *ip, size_t ip_size)
{
	const mbedtls_x509_sequence *name = &certificate->subject_alt_names;

	for (; name != NULL; name = name->next) {
		if (name->buf.tag == (MBEDTLS_ASN1_CONTEXT_SPECIFIC |
					     MBEDTLS_X509_SAN_IP_ADDRESS) &&
			name->buf.len == ip_size && memcmp(name->buf.p, ip, ip_size) == 0)
			return true;
	}
	return false;
}

/* mbedTLS 2.28 compares names only; it is given none when the host is an address. */
static int
check_ip(void *arg, mbedtls_x509_crt *certificate, int depth, uint32_t *flags)
{
	const struct stream_tls *tls = arg;

	if (depth == 0 && !has_ip(certificate, tls->ip, tls->ip_size))
		*flags |= MBEDTLS_X509_BADCERT_CN_MISMATCH;
	return 0;
}

/* ---- bytes below TLS ---- */

static int
random_bytes(void *arg, unsigned char *to, size_t size)
{
	(void)arg;
	crypto_random(to, size);
	return 0;
}

static int
send_below(void *arg, const unsigned char *data, size_t size)
{
	const struct tls_state *state = arg;
	ssize_t count = send(state->fd, data, size, MSG_NOSIGNAL);

	if (count >= 0)
		return (int)count;
	if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)
		return MBEDTLS_ERR_SSL_WANT_WRITE;
	return MBEDTLS_ERR_SSL_INTERNAL_ERROR;
}

static int
receive_below(void *arg, unsigned char *to, size_t size)
{
	const struct tls_state *state = arg;
	ssize_t count = recv(state->fd, to, size, 0);

	if (count >= 0)
		return (int)count;
	if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)
		return MBEDTLS_ERR_SSL_WANT_READ;
	return MBEDTLS_ERR_SSL_CONN_EOF;
}

/* ---- the kind ---- */

/* Notes what a read, a write or the handshake waits for. */
static enum stream_result
result_of(struct tls_state *state, int code, bool writing)
{
	state->read_waits_for_write = !writing && code == MBEDTLS_ERR_SSL_WANT_WRITE;
	state->write_waits_for_read = writing && code == MBEDTLS_ERR_SSL_WANT_READ;
	if (code == MBEDTLS_ERR_SSL_WANT_READ || code == MBEDTLS_ERR_SSL_WANT_WRITE)
		return STREAM_AGAIN;
	return code < 0 ? STREAM_BROKEN : STREAM_OK;
}

static void
remember_session(struct tls_state *state)
{
	struct stream_tls_sessions *sessions = state->sessions;

	mbedtls_ssl_session_free(&sessions->last);
	mbedtls_ssl_session_init(&sessions->last);
	sessions->known = mbedtls_ssl_get_session(&state->ssl, &sessions->last) == 0;
}

static enum stream_result
tls_handshake(struct stream *stream)
{
	struct tls_state *state = stream_state(stream);
	int code = mbedtls_ssl_handshake(&state->ssl);
	enum stream_result result = result_of(state, code, false);

	if (result == STREAM_OK)
		remember_session(state);
	else if (result == STREAM_BROKEN)
		log_failure(state, code);
	return result;
}

static enum stream_result
tls_read(struct stream *stream, void *to, size_t capacity, size_t *size)
{
	struct tls_state *state = stream_state(stream);
	int code = mbedtls_ssl_read(&state->ssl, to, capacity);

	*size = code > 0 ? (size_t)code : 0;
	if (code == MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY)
		return STREAM_END;
	/* Cut: the end came without close_notify. */
	if (code == 0)
		return STREAM_BROKEN;
	return result_of(state, code, false);
}

/* One record. */
static int
write_record(struct tls_state *state, const void *data, size_t size)
{
	int code = 0;

	/* An alert may be in the way, which mbedtls_ssl_write would take for our bytes. */
	if (state->ssl.out_left > 0)
		code = mbedtls_ssl_flush_output(&state->ssl);
	if (code != 0)
		return code;
	if (size > MBEDTLS_SSL_MAX_CONTENT_LEN)
		size = MBEDTLS_SSL_MAX_CONTENT_LEN;
	code = mbedtls_ssl_write(&state->ssl, data, size);
	state->sealed = code == MBEDTLS_ERR_SSL_WANT_WRITE ? size : 0;
	return code;
}

/* Sends the record that the last write had sealed. Its bytes, the first of this write too,
 * are not looked at again. */
static enum stream_result
write_sealed(struct tls_state *state, size_t *size)
{
	int code = mbedtls_ssl_flush_output(&state->ssl);

	if (code == 0) {
		*size = state->sealed;
		state->sealed = 0;
	}
	return result_of(state, code, true);
}

static enum stream_result
tls_write(struct stream *stream, const struct iovec *parts, int count, size_t *size)
{
	struct tls_state *state = stream_state(stream);
	enum stream_result result = STREAM_OK;

	*size = 0;
	if (state->sealed > 0)
		return write_sealed(state, size);
	for (int i = 0; i < count && result == STREAM_OK; i++) {
		const char *data = parts[i].iov_base;
		size_t done = 0;
		while (done < parts[i].iov_len && result == STREAM_OK) {
			int code =
				write_record(state, data + done, parts[i].iov_len - done);
			result = result_of(state, code, true);
			done += code > 0 ? (size_t)code : 0;
		}
		*size += done;
	}
	/* What was taken is told first; the next call says what is wrong. */
	return *size > 0 ? STREAM_OK : result;
}

static short
tls_wants(const struct stream *stream, bool read, bool write)
{
	const struct tls_state *state = stream_state(stream);
	short events = 0;

	/* Nobody asks for the handshake, but it goes on by itself. */
	if (state->ssl.state != MBEDTLS_SSL_HANDSHAKE_OVER)
		return state->read_waits_for_write ? EV_WRITE : EV_READ;
	if (read)
		events |= state->read_waits_for_write ? EV_WRITE : EV_READ;
	if (write)
		events |= state->write_waits_for_read ? EV_READ : EV_WRITE;
	return events;
}

static bool
tls_has_pending(const struct stream *stream)
{
	const struct tls_state *state = stream_state(stream);

	return state->ssl.state == MBEDTLS_SSL_HANDSHAKE_OVER &&
	       mbedtls_ssl_check_pending(&state->ssl) != 0;
}

static void
tls_close(struct stream *stream)
{
	struct tls_state *state = stream_state(stream);

	if (state->ssl.state == MBEDTLS_SSL_HANDSHAKE_OVER)
		(void)mbedtls_ssl_close_notify(&state->ssl);
	mbedtls_ssl_free(&state->ssl);
	xfree(state);
}

static const struct stream_ops tls_ops = {
	.handshake = tls_handshake,
	.read = tls_read,
	.write = tls_write,
	.wants = tls_wants,
	.has_pending = tls_has_pending,
	.can_splice = false,
	.close = tls_close,
};

struct stream *
stream_tls_connect(struct stream_tls_sessions *sessions, struct loop *loop,
	const struct sockaddr *address, socklen_t address_size, int64_t timeout_ms,
	const struct stream_handler *handler, void *arg)
{
	struct stream *stream =
		stream_connect(loop, address, address_size, timeout_ms, handler, arg);
	struct tls_state *state = xcalloc(1, sizeof *state);
	const struct stream_tls *tls = sessions->tls;

	state->sessions = sessions;
	state->tls = tls;
	state->fd = stream_fd(stream);
	mbedtls_ssl_init(&state->ssl);
	/* They allocate; what fails is out of memory. */
	if (mbedtls_ssl_setup(&state->ssl, &tls->config) != 0 ||
		(tls->ip_size == 0 &&
			mbedtls_ssl_set_hostname(&state->ssl, tls->host) != 0))
		abort();
	if (sessions->known)
		(void)mbedtls_ssl_set_session(&state->ssl, &sessions->last);
	mbedtls_ssl_set_bio(&state->ssl, state, send_below, receive_below, NULL);
	stream_become(stream, &tls_ops, state);
	return stream;
}

/* ---- what connections share ---- */

static bool
load_authorities(struct stream_tls *tls, const char *ca_file, char *why, size_t why_size)
{
	const char *path = ca_file != NULL ? ca_file : SYSTEM_CA_FILE;
	char text[160];
	/* More than 0: so many could not be read, the others were. */
	int code = mbedtls_x509_crt_parse_file(&tls->authorities, path);

	if (code >= 0 && tls->authorities.raw.p != NULL)
		return true;
	mbedtls_strerror(code, text, sizeof text);
	snprintf(
		why, why_size, "has no certificate that can be read in %s: %s", path, text);
	return false;
}

static void
set_host(struct stream_tls *tls, const char *host)
{
	tls->host = xstrdup(host);
	if (inet_pton(AF_INET, host, tls->ip) == 1)
		tls->ip_size = sizeof(struct in_addr);
	else if (inet_pton(AF_INET6, host, tls->ip) == 1)
		tls->ip_size = sizeof(struct in6_addr);
}

static void
configure(struct stream_tls *tls, bool unverified)
{
	mbedtls_ssl_config *config = &tls->config;

	/* They allocate; what fails is out of memory. */
	if (mbedtls_ssl_config_defaults(config, MBEDTLS_SSL_IS_CLIENT,
		    MBEDTLS_SSL_TRANSPORT_STREAM, MBEDTLS_SSL_PRESET_DEFAULT) != 0 ||
		mbedtls_ssl_conf_alpn_protocols(config, (const char **)alpn_protocols) != 0)
		abort();
	mbedtls_ssl_conf_min_version(
		config, MBEDTLS_SSL_MAJOR_VERSION_3, MBEDTLS_SSL_MINOR_VERSION_3);
	mbedtls_ssl_conf_rng(config, random_bytes, NULL);
	mbedtls_ssl_conf_session_tickets(config, MBEDTLS_SSL_SESSION_TICKETS_ENABLED);
	mbedtls_ssl_conf_authmode(
		config, unverified ? MBEDTLS_SSL_VERIFY_NONE : MBEDTLS_SSL_VERIFY_REQUIRED);
	mbedtls_ssl_conf_ca_chain(config, &tls->authorities, NULL);
	if (tls->ip_size > 0)
		mbedtls_ssl_conf_verify(config, check_ip, tls);
}

struct stream_tls *
stream_tls_new(const struct stream_tls_options *options, char *why, size_t why_size)
{
	struct stream_tls *tls = xcalloc(1, sizeof *tls);

	mbedtls_ssl_config_init(&tls->config);
	mbedtls_x509_crt_init(&tls->authorities);
	set_host(tls, options->host);
	if (!options->unverified &&
		!load_authorities(tls, options->ca_file, why, why_size)) {
		stream_tls_free(tls);
		return NULL;
	}
	configure(tls, options->unverified);
	return tls;
}

void
stream_tls_free(struct stream_tls *tls)
{
	if (tls == NULL)
		return;
	mbedtls_ssl_config_free(&tls->config);
	mbedtls_x509_crt_free(&tls->authorities);
	xfree(tls->host);
	xfree(tls);
}

struct stream_tls_sessions *
stream_tls_sessions_new(const struct stream_tls *tls)
{
	struct stream_tls_sessions *sessions = xcalloc(1, sizeof *sessions);

	sessions->tls = tls;
	mbedtls_ssl_session_init(&sessions->last);
	return sessions;
}

void
stream_tls_sessions_free(struct stream_tls_sessions *sessions)
{
	if (sessions == NULL)
		return;
	mbedtls_ssl_session_free(&sessions->last);
	xfree(sessions);
}
