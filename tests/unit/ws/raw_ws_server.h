/* A WebSocket server for tests: a thread per connection, blocking sockets, and a diary of
 * what it saw. Loopback only. */
#ifndef TESTS_RAW_WS_SERVER_H
#define TESTS_RAW_WS_SERVER_H

#include <arpa/inet.h>
#include <assert.h>
#include <mbedtls/base64.h>
#include <mbedtls/sha1.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/mem.h"
#include "core/text.h"
#include "ws/frame.h"

enum { RAW_WS_MOST = 64 };

struct raw_ws_server {
	pthread_t thread;
	pthread_t connections[RAW_WS_MOST];
	int fds[RAW_WS_MOST];
	int count;
	int fd;
	int port;
	int refuse;           /* an HTTP status instead of 101 */
	bool silent;          /* reads the request and answers nothing */
	bool refuse_once;     /* … the first connection only */
	const char *greeting; /* bytes sent after 101; may hold several frames */
	size_t greeting_size;
	bool echo;
	bool hang_up; /* closes right after the greeting */
	pthread_mutex_t mutex;
	struct text diary; /* heads; "text:…;", "close:1000;", "eof;" */
};

struct raw_ws_connection {
	struct raw_ws_server *server;
	int fd;
};

static inline void
raw_ws_note(struct raw_ws_server *server, const char *what, const char *data, size_t size)
{
	pthread_mutex_lock(&server->mutex);
	text_addf(&server->diary, "%s", what);
	text_add_bytes(&server->diary, data, size);
	text_add(&server->diary, ";");
	pthread_mutex_unlock(&server->mutex);
}

static inline bool
raw_ws_saw(struct raw_ws_server *server, const char *what)
{
	pthread_mutex_lock(&server->mutex);
	bool saw = strstr(text_get(&server->diary), what) != NULL;
	pthread_mutex_unlock(&server->mutex);
	return saw;
}

static inline int
raw_ws_count(struct raw_ws_server *server, const char *what)
{
	int count = 0;
	pthread_mutex_lock(&server->mutex);
	const char *at = text_get(&server->diary);
	while ((at = strstr(at, what)) != NULL) {
		count++;
		at += strlen(what);
	}
	pthread_mutex_unlock(&server->mutex);
	return count;
}

static inline void
raw_ws_send(int fd, const void *data, size_t size)
{
	ssize_t sent = send(fd, data, size, MSG_NOSIGNAL);
	(void)sent;
}

static inline bool
raw_ws_shake_hands(struct raw_ws_connection *connection)
{
	struct raw_ws_server *server = connection->server;
	char head[16384];
	size_t size = 0;
	char key[128] = "";
	unsigned char digest[20];
	char accept[64];
	size_t accept_size;
	char answer[256];

	while (size == 0 || memmem(head, size, "\r\n\r\n", 4) == NULL) {
		ssize_t got = recv(connection->fd, head + size, sizeof head - size - 1, 0);
		if (got <= 0)
			return false;
		size += (size_t)got;
	}
	head[size] = '\0';
	raw_ws_note(server, "head:", head, size);
	if (server->silent) {
		ssize_t got = recv(connection->fd, head, sizeof head, 0);
		(void)got;
		return false;
	}
	if (server->refuse != 0) {
		snprintf(answer, sizeof answer,
			"HTTP/1.1 %d No\r\nContent-Length: 0\r\nConnection: "
			"close\r\n\r\n",
			server->refuse);
		raw_ws_send(connection->fd, answer, strlen(answer));
		if (server->refuse_once)
			server->refuse = 0;
		return false;
	}
	const char *at = strcasestr(head, "Sec-WebSocket-Key: ");
	assert(at != NULL);
	sscanf(at + 19, "%60s", key);
	snprintf(key + strlen(key), sizeof key - strlen(key),
		"258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
	mbedtls_sha1_ret((const unsigned char *)key, strlen(key), digest);
	mbedtls_base64_encode((unsigned char *)accept, sizeof accept, &accept_size, digest,
		sizeof digest);
	snprintf(answer, sizeof answer,
		"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
		"Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
		accept);
	raw_ws_send(connection->fd, answer, strlen(answer));
	return true;
}

/* False: the peer has closed. */
static inline bool
raw_ws_handle(struct raw_ws_connection *connection, struct frame_scan *scan,
	enum frame_event event, const char *bytes, size_t size)
{
	struct text reply = { 0 };

	if (event == FRAME_EVENT_TEXT) {
		raw_ws_note(connection->server, "text:", text_get(&scan->message),
			scan->message.size);
		if (connection->server->echo) {
			frame_build(&reply, FRAME_TEXT, text_get(&scan->message),
				scan->message.size, NULL);
			raw_ws_send(connection->fd, reply.data, reply.size);
		}
	}
	(void)bytes;
	(void)size;
	bool open = !scan->closing;
	if (!open) {
		raw_ws_note(connection->server, "close", "", 0);
		frame_build_close(&reply, 1000, "", NULL);
		raw_ws_send(connection->fd, reply.data, reply.size);
	}
	text_fini(&reply);
	return open;
}

static inline void *
raw_ws_run_connection(void *arg)
{
	struct raw_ws_connection *connection = arg;
	struct raw_ws_server *server = connection->server;
	struct frame_scan scan;
	char data[4096];
	ssize_t got;

	frame_scan_init(&scan, 65536);
	if (!raw_ws_shake_hands(connection))
		goto out;
	if (server->greeting != NULL)
		raw_ws_send(connection->fd, server->greeting, server->greeting_size);
	if (server->hang_up)
		goto out;
	bool open = true;
	while (open && (got = recv(connection->fd, data, sizeof data, 0)) > 0) {
		size_t from = 0;
		while (open && from < (size_t)got) {
			size_t used = 0;
			enum frame_event event = frame_scan_feed(
				&scan, data + from, (size_t)got - from, &used);
			open = raw_ws_handle(connection, &scan, event, data + from, used);
			from += used;
		}
	}
	raw_ws_note(server, "eof", "", 0);
out:
	frame_scan_fini(&scan);
	shutdown(connection->fd, SHUT_RDWR);
	xfree(connection);
	return NULL;
}

static inline void *
raw_ws_run(void *arg)
{
	struct raw_ws_server *server = arg;

	for (;;) {
		int fd = accept(server->fd, NULL, NULL);
		if (fd < 0)
			return NULL;
		assert(server->count < RAW_WS_MOST);
		struct raw_ws_connection *connection = xcalloc(1, sizeof *connection);
		connection->server = server;
		connection->fd = fd;
		server->fds[server->count] = fd;
		pthread_create(&server->connections[server->count++], NULL,
			raw_ws_run_connection, connection);
	}
}

/* The fields that say how it behaves are set before. */
static inline void
raw_ws_start(struct raw_ws_server *server)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof address;

	pthread_mutex_init(&server->mutex, NULL);
	server->fd = socket(AF_INET, SOCK_STREAM, 0);
	assert(bind(server->fd, (struct sockaddr *)&address, sizeof address) == 0);
	assert(listen(server->fd, 64) == 0);
	getsockname(server->fd, (struct sockaddr *)&address, &size);
	server->port = ntohs(address.sin_port);
	pthread_create(&server->thread, NULL, raw_ws_run, server);
}

static inline void
raw_ws_stop(struct raw_ws_server *server)
{
	shutdown(server->fd, SHUT_RDWR);
	pthread_join(server->thread, NULL);
	close(server->fd);
	for (int i = 0; i < server->count; i++) {
		shutdown(server->fds[i], SHUT_RDWR);
		pthread_join(server->connections[i], NULL);
		close(server->fds[i]);
	}
	text_fini(&server->diary);
	pthread_mutex_destroy(&server->mutex);
}

#endif
