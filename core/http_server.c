#include "core/http_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/listener.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/http_connection.h"
#include "core/http_takeover.h"
#include "core/log.h"

enum {
	BACKLOG = 1024,
	FULL_LOG_MS = 10000, /* at the cap every new connection would log a line */
	REST_MS = 250,       /* of the listener, when no descriptor is free */
	SHORT_REST_MS = 1,   /* when idle connections have just given theirs */
	ROOM = 4, /* idle connections closed for it: their answers need descriptors too */
	NOT_RESTING_S = 3600 /* see on_accept_error */
};

struct http_server {
	struct loop *loop;
	struct evhttp *evhttp;
	struct evhttp_bound_socket *bound; /* NULL: not listening (any more) */
	struct event *rest;
	bool full; /* the listener rests until a connection closes */
	int64_t full_logged_ms;
	int64_t failure_logged_ms;
	struct connections connections;
	struct exchanges exchanges;
};

static struct evconnlistener *
listener_of(const struct http_server *server)
{
	return evhttp_bound_socket_get_listener(server->bound);
}

/* ---- the listener's rests ---- */

static void
on_rest_over(evutil_socket_t fd, short what, void *arg)
{
	struct http_server *server = arg;
	const struct timeval not_resting = { NOT_RESTING_S, 0 };

	(void)fd;
	(void)what;
	event_add(server->rest, &not_resting);
	if (server->bound != NULL && !server->full)
		evconnlistener_enable(listener_of(server));
}

static int
find_rest(const struct event_base *base, const struct event *event, void *arg)
{
	const struct event **found = arg;

	(void)base;
	if (event_get_callback(event) != on_rest_over)
		return 0;
	*found = event;
	return 1;
}

static void
log_accept_failure(struct http_server *server, int error)
{
	int64_t now_ms = clock_now_ms();

	if (now_ms - server->failure_logged_ms < FULL_LOG_MS &&
		server->failure_logged_ms != 0)
		return;
	server->failure_logged_ms = now_ms;
	log_warn("accept_failed", LOG_TEXT("why", strerror(error)),
		LOG_NUMBER("connections", server->connections.count));
}

/* Out of descriptors, most likely: those that have been idle for longest give theirs, else
 * they would keep everybody out until they time out. libevent hands this callback evhttp as
 * its argument and evhttp has no place for ours, so the server is found by its rest event,
 * which is always among those of its base: an hour away when it has nothing to do. */
static void
on_accept_error(struct evconnlistener *listener, void *evhttp)
{
	struct timeval rest = { 0, REST_MS * 1000 };
	const struct event *found = NULL;
	int error = errno;

	(void)evhttp;
	evconnlistener_disable(listener);
	event_base_foreach_event(evconnlistener_get_base(listener), find_rest, &found);
	assert(found != NULL);
	struct http_server *server = event_get_callback_arg(found);
	for (int i = 0; i < ROOM && connections_close_idle(&server->connections); i++)
		rest.tv_usec = SHORT_REST_MS * 1000;
	event_add(server->rest, &rest);
	log_accept_failure(server, error);
}

static void
on_room(void *arg)
{
	struct http_server *server = arg;

	if (!server->full)
		return;
	server->full = false;
	if (server->bound != NULL)
		evconnlistener_enable(listener_of(server));
}

/* The listener rests until a connection closes. */
static void
rest_until_room(struct http_server *server)
{
	int64_t now_ms = clock_now_ms();

	server->full = true;
	evconnlistener_disable(listener_of(server));
	if (now_ms - server->full_logged_ms < FULL_LOG_MS && server->full_logged_ms != 0)
		return;
	server->full_logged_ms = now_ms;
	log_warn("connections_full", LOG_NUMBER("count", server->connections.count));
}

static struct bufferevent *
on_accept(struct event_base *base, void *arg)
{
	struct http_server *server = arg;
	struct connections *connections = &server->connections;
	struct bufferevent *buffers = connections_accept(connections);

	(void)base;
	if ((int64_t)connections->count < connections->limits.connections)
		return buffers;
	if (!connections_close_idle(connections))
		rest_until_room(server);
	return buffers;
}

/* ---- life ---- */

struct http_server *
http_server_new(struct loop *loop, const struct http_limits *limits,
	struct http_server_shared *shared,
	void (*on_exchange)(void *arg, struct exchange *exchange), void *arg)
{
	struct http_server *server = xcalloc(1, sizeof *server);

	server->loop = loop;
	connections_init(&server->connections, loop, limits, shared);
	server->connections.on_room = on_room;
	server->connections.arg = server;
	exchanges_init(&server->exchanges, &server->connections, on_exchange, arg);
	server->rest = event_new(loop_base(loop), -1, 0, on_rest_over, server);
	on_rest_over(-1, 0, server);
	server->evhttp = evhttp_new(loop_base(loop));
	assert(server->evhttp != NULL);
	evhttp_set_bevcb(server->evhttp, on_accept, server);
	evhttp_set_gencb(server->evhttp, exchanges_on_request, &server->exchanges);
	evhttp_set_allowed_methods(server->evhttp,
		EVHTTP_REQ_GET | EVHTTP_REQ_POST | EVHTTP_REQ_HEAD | EVHTTP_REQ_PUT |
			EVHTTP_REQ_DELETE | EVHTTP_REQ_OPTIONS | EVHTTP_REQ_PATCH);
	evhttp_set_default_content_type(server->evhttp, NULL);
	evhttp_set_max_headers_size(server->evhttp, CONNECTION_HEAD_BYTES);
	evhttp_set_max_body_size(server->evhttp, limits->body_bytes);
	return server;
}

void
http_server_on_done(struct http_server *server,
	void (*on_done)(void *arg, const struct exchange_summary *summary), void *arg)
{
	server->exchanges.on_done = on_done;
	server->exchanges.on_done_arg = arg;
}

void
http_server_set_limits(struct http_server *server, const struct http_limits *limits)
{
	connections_set_limits(&server->connections, limits);
	evhttp_set_max_body_size(server->evhttp, limits->body_bytes);
	if ((int64_t)server->connections.count < limits->connections)
		on_room(server);
}

void
http_server_show_exchanges(struct http_server *server, bool show)
{
	server->exchanges.shows_id = show;
}

/* "127.0.0.1", "::", "[::1]" */
static bool
parse_address(
	const char *address, uint16_t port, struct sockaddr_storage *to, socklen_t *size)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)to;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)to;
	char plain[INET6_ADDRSTRLEN + 2];
	size_t length = strlen(address);

	*to = (struct sockaddr_storage){ 0 };
	if (length >= sizeof plain)
		return false;
	if (length > 2 && address[0] == '[' && address[length - 1] == ']')
		snprintf(plain, sizeof plain, "%.*s", (int)(length - 2), address + 1);
	else
		snprintf(plain, sizeof plain, "%s", address);
	if (inet_pton(AF_INET, plain, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(port);
		*size = sizeof *v4;
		return true;
	}
	v6->sin6_family = AF_INET6;
	v6->sin6_port = htons(port);
	*size = sizeof *v6;
	return inet_pton(AF_INET6, plain, &v6->sin6_addr) == 1;
}

static uint16_t
bound_port(int fd)
{
	struct sockaddr_storage address;
	socklen_t size = sizeof address;

	if (getsockname(fd, (struct sockaddr *)&address, &size) != 0)
		return 0;
	if (address.ss_family == AF_INET6)
		return ntohs(((struct sockaddr_in6 *)&address)->sin6_port);
	return ntohs(((struct sockaddr_in *)&address)->sin_port);
}

bool
http_server_port_is_free(const char *address, uint16_t port, char *why, size_t why_size)
{
	struct sockaddr_storage to;
	socklen_t size;
	int one = 1;

	if (port == 0 || !parse_address(address, port, &to, &size))
		return true;
	int fd = socket(to.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return true;
	bool taken = setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) == 0 &&
		     bind(fd, (struct sockaddr *)&to, size) != 0 && errno == EADDRINUSE;
	close(fd);
	if (taken)
		snprintf(why, why_size, "cannot listen on %s port %u: %s", address,
			(unsigned)port, strerror(EADDRINUSE));
	return !taken;
}

bool
http_server_listen(struct http_server *server, const char *address, uint16_t *port,
	char *why, size_t why_size)
{
	const unsigned flags = LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC |
			       LEV_OPT_REUSEABLE | LEV_OPT_REUSEABLE_PORT;
	struct sockaddr_storage to;
	socklen_t size;
	int one = 1;

	assert(server->bound == NULL);
	if (!parse_address(address, *port, &to, &size)) {
		snprintf(why, why_size, "%s is not a numeric address", address);
		return false;
	}
	struct evconnlistener *listener = evconnlistener_new_bind(loop_base(server->loop),
		NULL, NULL, flags, BACKLOG, (struct sockaddr *)&to, (int)size);
	if (listener == NULL) {
		snprintf(why, why_size, "cannot listen on %s port %u: %s", address,
			(unsigned)*port, strerror(errno));
		return false;
	}
	int fd = evconnlistener_get_fd(listener);
	/* Accepted sockets inherit it. */
	if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) != 0)
		log_debug("nodelay_failed", LOG_NUMBER("error", errno));
	server->bound = evhttp_bind_listener(server->evhttp, listener);
	assert(server->bound != NULL);
	evconnlistener_set_error_cb(listener, on_accept_error);
	*port = bound_port(fd);
	return true;
}

void
http_server_close_listener(struct http_server *server)
{
	server->connections.closing = true;
	if (server->bound != NULL)
		evhttp_del_accept_socket(server->evhttp, server->bound);
	server->bound = NULL;
	while (connections_close_idle(&server->connections))
		continue;
}

size_t
http_server_exchange_count(const struct http_server *server)
{
	return server->exchanges.count;
}

/* Last in the queue of laters: behind those of connections and exchanges. */
static void
server_free(void *arg)
{
	struct http_server *server = arg;

	exchanges_fini(&server->exchanges);
	connections_fini(&server->connections);
	xfree(server);
}

void
http_server_free(struct http_server *server)
{
	if (server == NULL)
		return;
	http_server_close_listener(server);
	/* evhttp_free would free taken-over connections under their exchanges. */
	exchanges_end_all(&server->exchanges);
	evhttp_free(server->evhttp);
	event_free(server->rest);
	timer_stop(&server->connections.deadline);
	timer_stop(&server->connections.trim);
	loop_later(server->loop, server_free, server);
}
