/* A TLS server on loopback for tests, in steps on the test's own thread; it makes its own
 * authority and certificate. */
#ifndef TESTS_TLS_SERVER_H
#define TESTS_TLS_SERVER_H

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <mbedtls/ecp.h>
#include <mbedtls/oid.h>
#include <mbedtls/pem.h>
#include <mbedtls/ssl.h>
#include <mbedtls/ssl_cache.h>
#include <mbedtls/x509_crt.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/crypto.h"
#include "core/mem.h"

struct tls_names {
	const char *dns; /* a name for the certificate, or NULL */
	const void *ip;  /* an address for it, or NULL */
	size_t ip_size;
	const char *not_after; /* "YYYYMMDDhhmmss"; NULL: far away */
};

struct tls_server {
	int listener;
	struct sockaddr_in address;
	char authority_name[48]; /* no two share one */
	char ca_file[64];
	mbedtls_pk_context authority_key, key;
	mbedtls_x509_crt authority, certificate;
	mbedtls_ssl_config config;
	mbedtls_ssl_cache_context cache;
	int resumed; /* sessions found again */
	int fd;      /* -1: nobody is connected */
	mbedtls_ssl_context ssl;
	int handshake; /* what the last step of it returned */
};

static int
tls_server_random(void *arg, unsigned char *to, size_t size)
{
	(void)arg;
	crypto_random(to, size);
	return 0;
}

static int
tls_server_send(void *arg, const unsigned char *data, size_t size)
{
	const struct tls_server *server = arg;
	ssize_t count = send(server->fd, data, size, MSG_NOSIGNAL);

	return count >= 0 ? (int)count : MBEDTLS_ERR_SSL_WANT_WRITE;
}

static int
tls_server_receive(void *arg, unsigned char *to, size_t size)
{
	const struct tls_server *server = arg;
	ssize_t count = recv(server->fd, to, size, 0);

	if (count >= 0)
		return (int)count;
	return errno == EAGAIN ? MBEDTLS_ERR_SSL_WANT_READ : MBEDTLS_ERR_SSL_CONN_EOF;
}

static int
tls_server_find_session(void *arg, mbedtls_ssl_session *session)
{
	struct tls_server *server = arg;
	int code = mbedtls_ssl_cache_get(&server->cache, session);

	server->resumed += code == 0;
	return code;
}

static int
tls_server_keep_session(void *arg, const mbedtls_ssl_session *session)
{
	struct tls_server *server = arg;

	return mbedtls_ssl_cache_set(&server->cache, session);
}

static void
tls_make_key(mbedtls_pk_context *key)
{
	mbedtls_pk_init(key);
	assert_int_equal(
		mbedtls_pk_setup(key, mbedtls_pk_info_from_type(MBEDTLS_PK_ECKEY)), 0);
	assert_int_equal(mbedtls_ecp_gen_key(MBEDTLS_ECP_DP_SECP256R1, mbedtls_pk_ec(*key),
				 tls_server_random, NULL),
		0);
}

/* The extension by hand: 2.28 writes none. */
static void
tls_add_name(mbedtls_x509write_cert *writer, const struct tls_names *names)
{
	const void *value = names->dns != NULL ? names->dns : names->ip;
	size_t size = names->dns != NULL ? strlen(names->dns) : names->ip_size;
	unsigned char san[128];

	san[0] = 0x30;
	san[1] = (unsigned char)(size + 2);
	san[2] = names->dns != NULL ? 0x82 : 0x87;
	san[3] = (unsigned char)size;
	memcpy(san + 4, value, size);
	assert_int_equal(
		mbedtls_x509write_crt_set_extension(writer, MBEDTLS_OID_SUBJECT_ALT_NAME,
			MBEDTLS_OID_SIZE(MBEDTLS_OID_SUBJECT_ALT_NAME), 0, san, size + 4),
		0);
}

/* PEM into `pem`: the server's certificate for `names`, or the authority's own. */
static void
tls_write_certificate(
	struct tls_server *server, char *pem, size_t size, const struct tls_names *names)
{
	mbedtls_pk_context *key = names != NULL ? &server->key : &server->authority_key;
	mbedtls_x509write_cert writer;
	mbedtls_mpi serial;

	mbedtls_x509write_crt_init(&writer);
	mbedtls_mpi_init(&serial);
	mbedtls_mpi_lset(&serial, names != NULL ? 2 : 1);
	mbedtls_x509write_crt_set_serial(&writer, &serial);
	mbedtls_x509write_crt_set_md_alg(&writer, MBEDTLS_MD_SHA256);
	mbedtls_x509write_crt_set_subject_key(&writer, key);
	mbedtls_x509write_crt_set_issuer_key(&writer, &server->authority_key);
	mbedtls_x509write_crt_set_issuer_name(&writer, server->authority_name);
	mbedtls_x509write_crt_set_subject_name(
		&writer, names != NULL ? "CN=Test server" : server->authority_name);
	mbedtls_x509write_crt_set_validity(&writer, "20200101000000",
		names != NULL && names->not_after != NULL ? names->not_after
							  : "20480101000000");
	mbedtls_x509write_crt_set_basic_constraints(&writer, names == NULL, -1);
	if (names != NULL)
		tls_add_name(&writer, names);
	assert_int_equal(mbedtls_x509write_crt_pem(&writer, (unsigned char *)pem, size,
				 tls_server_random, NULL),
		0);
	mbedtls_x509write_crt_free(&writer);
	mbedtls_mpi_free(&serial);
}

static void
tls_server_make_certificates(struct tls_server *server, const struct tls_names *names)
{
	char pem[4096];
	uint32_t number;

	crypto_random(&number, sizeof number);
	snprintf(server->authority_name, sizeof server->authority_name, "CN=Authority %u",
		(unsigned)number);
	tls_make_key(&server->authority_key);
	tls_make_key(&server->key);
	mbedtls_x509_crt_init(&server->authority);
	mbedtls_x509_crt_init(&server->certificate);
	tls_write_certificate(server, pem, sizeof pem, NULL);
	snprintf(server->ca_file, sizeof server->ca_file, "/tmp/sidetrack-ca-XXXXXX");
	int fd = mkstemp(server->ca_file);
	assert_int_equal(write(fd, pem, strlen(pem)), (ssize_t)strlen(pem));
	close(fd);
	tls_write_certificate(server, pem, sizeof pem, names);
	assert_int_equal(mbedtls_x509_crt_parse(&server->certificate, (unsigned char *)pem,
				 strlen(pem) + 1),
		0);
}

static void
tls_server_start(struct tls_server *server, const struct tls_names *names)
{
	socklen_t size = sizeof server->address;

	*server = (struct tls_server){ .fd = -1 };
	tls_server_make_certificates(server, names);
	mbedtls_ssl_config_init(&server->config);
	mbedtls_ssl_cache_init(&server->cache);
	mbedtls_ssl_config_defaults(&server->config, MBEDTLS_SSL_IS_SERVER,
		MBEDTLS_SSL_TRANSPORT_STREAM, MBEDTLS_SSL_PRESET_DEFAULT);
	mbedtls_ssl_conf_rng(&server->config, tls_server_random, NULL);
	mbedtls_ssl_conf_own_cert(&server->config, &server->certificate, &server->key);
	mbedtls_ssl_conf_session_cache(
		&server->config, server, tls_server_find_session, tls_server_keep_session);
	server->address = (struct sockaddr_in){ .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	server->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(server->listener, (struct sockaddr *)&server->address,
				 sizeof server->address),
		0);
	assert_int_equal(listen(server->listener, 8), 0);
	getsockname(server->listener, (struct sockaddr *)&server->address, &size);
}

/* Without close_notify. */
static void
tls_server_cut(struct tls_server *server)
{
	if (server->fd < 0)
		return;
	mbedtls_ssl_free(&server->ssl);
	close(server->fd);
	server->fd = -1;
}

/* Accepts and shakes hands as far as it goes. True when that is done. */
static bool
tls_server_step(struct tls_server *server)
{
	if (server->fd < 0) {
		server->fd =
			accept4(server->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (server->fd < 0)
			return false;
		server->handshake = MBEDTLS_ERR_SSL_WANT_READ;
		mbedtls_ssl_init(&server->ssl);
		assert_int_equal(mbedtls_ssl_setup(&server->ssl, &server->config), 0);
		mbedtls_ssl_set_bio(
			&server->ssl, server, tls_server_send, tls_server_receive, NULL);
	}
	if (server->handshake == MBEDTLS_ERR_SSL_WANT_READ ||
		server->handshake == MBEDTLS_ERR_SSL_WANT_WRITE)
		server->handshake = mbedtls_ssl_handshake(&server->ssl);
	return server->handshake == 0;
}

static void
tls_server_stop(struct tls_server *server)
{
	tls_server_cut(server);
	close(server->listener);
	unlink(server->ca_file);
	mbedtls_ssl_config_free(&server->config);
	mbedtls_ssl_cache_free(&server->cache);
	mbedtls_x509_crt_free(&server->authority);
	mbedtls_x509_crt_free(&server->certificate);
	mbedtls_pk_free(&server->authority_key);
	mbedtls_pk_free(&server->key);
}

#endif
