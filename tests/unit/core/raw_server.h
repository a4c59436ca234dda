/* A server for tests that answers each path with the bytes of a row, right or wrong.
 * On a loop of the test's choice; everything it counts belongs to that loop's thread.
 */
#ifndef TESTS_UNIT_CORE_RAW_SERVER_H
#define TESTS_UNIT_CORE_RAW_SERVER_H

#include <arpa/inet.h>
#include <assert.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "core/loop.h"
#include "core/mem.h"
#include "core/text.h"

enum raw_after { RAW_KEEP, RAW_CLOSE };

struct raw_answer {
	const char *path;  /* up to '?' */
	const char *bytes; /* NULL: says nothing, ever */
	size_t fill;       /* so many 'x' after the bytes */
	enum raw_after after;
	bool echo; /* after a head of its own: the request as it came */
};

enum { RAW_CONNECTIONS = 64 };

struct raw_server {
	struct loop *loop;
	const struct raw_answer *answers; /* ends with a row without path */
	struct evconnlistener *listener;
	uint16_t port;
	int accepted, requests, open;
	struct raw_peer {
		struct raw_server *server;
		struct bufferevent *bev;
		bool closing;
	} peers[RAW_CONNECTIONS];
};

static inline void
raw_drop(struct raw_peer *peer)
{
	bufferevent_free(peer->bev);
	peer->bev = NULL;
	peer->closing = false;
	peer->server->open--;
}

static inline void
raw_answer_request(struct raw_peer *peer, struct slice request)
{
	struct evbuffer *output = bufferevent_get_output(peer->bev);
	const char *path = memchr(request.data, ' ', request.size);
	const struct raw_answer *answer = peer->server->answers;

	peer->server->requests++;
	assert(path != NULL);
	size_t size = strcspn(++path, "? ");
	for (; answer->path != NULL; answer++) {
		if (strlen(answer->path) == size && memcmp(answer->path, path, size) == 0)
			break;
	}
	assert(answer->path != NULL);
	if (answer->echo) {
		evbuffer_add_printf(output,
			"HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", request.size);
		evbuffer_add(output, request.data, request.size);
	}
	if (answer->bytes != NULL)
		evbuffer_add(output, answer->bytes, strlen(answer->bytes));
	if (answer->fill > 0) {
		char *fill = xmalloc(answer->fill);
		memset(fill, 'x', answer->fill);
		evbuffer_add(output, fill, answer->fill);
		xfree(fill);
	}
	peer->closing = answer->after == RAW_CLOSE;
	if (peer->closing && evbuffer_get_length(output) == 0)
		raw_drop(peer);
}

static inline void
raw_on_read(struct bufferevent *bev, void *arg)
{
	struct raw_peer *peer = arg;
	struct evbuffer *input = bufferevent_get_input(bev);

	while (peer->bev != NULL) {
		struct evbuffer_ptr end = evbuffer_search(input, "\r\n\r\n", 4, NULL);
		if (end.pos < 0)
			return;
		char *data = (char *)evbuffer_pullup(input, -1);
		char head[8192];
		size_t body = 0, head_size = (size_t)end.pos + 4;
		assert(head_size < sizeof head);
		memcpy(head, data, head_size);
		head[head_size] = '\0';
		const char *length = strcasestr(head, "\r\nContent-Length: ");
		if (length != NULL)
			sscanf(length + 18, "%zu", &body);
		if (evbuffer_get_length(input) < head_size + body)
			return;
		struct slice request = { xstrndup(data, head_size + body),
			head_size + body };
		evbuffer_drain(input, request.size);
		raw_answer_request(peer, request);
		xfree((char *)(uintptr_t)request.data);
	}
}

static inline void
raw_on_write(struct bufferevent *bev, void *arg)
{
	struct raw_peer *peer = arg;

	if (peer->closing && evbuffer_get_length(bufferevent_get_output(bev)) == 0)
		raw_drop(peer);
}

static inline void
raw_on_end(struct bufferevent *bev, short what, void *arg)
{
	(void)bev;
	(void)what;
	raw_drop(arg);
}

static inline void
raw_on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *address,
	int size, void *arg)
{
	struct raw_server *server = arg;
	struct raw_peer *peer = server->peers;

	(void)listener;
	(void)address;
	(void)size;
	while (peer->bev != NULL)
		peer++;
	assert(peer < server->peers + RAW_CONNECTIONS);
	server->accepted++;
	server->open++;
	peer->server = server;
	peer->bev =
		bufferevent_socket_new(loop_base(server->loop), fd, BEV_OPT_CLOSE_ON_FREE);
	bufferevent_setcb(peer->bev, raw_on_read, raw_on_write, raw_on_end, peer);
	bufferevent_enable(peer->bev, EV_READ | EV_WRITE);
}

static inline void
raw_server_open(
	struct raw_server *server, struct loop *loop, const struct raw_answer *answers)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof address;

	memset(server, 0, sizeof *server);
	server->loop = loop;
	server->answers = answers;
	/* Clients that give up close while it writes. */
	signal(SIGPIPE, SIG_IGN);
	server->listener = evconnlistener_new_bind(loop_base(loop), raw_on_accept, server,
		LEV_OPT_CLOSE_ON_FREE | LEV_OPT_REUSEABLE, 128, (struct sockaddr *)&address,
		(int)size);
	assert(server->listener != NULL);
	getsockname(evconnlistener_get_fd(server->listener), (struct sockaddr *)&address,
		&size);
	server->port = ntohs(address.sin_port);
}

/* `to` holds 64 bytes. */
static inline const char *
raw_server_url(const struct raw_server *server, char *to, const char *path)
{
	snprintf(to, 64, "http://127.0.0.1:%u%s", (unsigned)server->port, path);
	return to;
}

static inline void
raw_server_close(struct raw_server *server)
{
	for (int i = 0; i < RAW_CONNECTIONS; i++) {
		if (server->peers[i].bev != NULL)
			raw_drop(&server->peers[i]);
	}
	evconnlistener_free(server->listener);
}

#endif
