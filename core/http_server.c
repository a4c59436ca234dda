#include "core/http_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/address_count.h"
#include "core/http_connection.h"
#include "core/http_exchanges.h"
#include "core/http_listener.h"
#include "core/http_metrics.h"
#include "core/http_refusal.h"
#include "core/log.h"

/* Idle connections closed for a new one: their answers need descriptors too. */
enum { ROOM = 4 };

struct http_server {
	struct loop *loop;
	struct http_listener *listener; /* NULL: not listening (any more) */
	bool full;                      /* it rests until a connection closes */
	struct timer patience; /* while full: who has not spoken yet has its time */
	struct connections connections;
	struct exchanges exchanges;
};

/* ---- all connections together ---- */

/* Those that have been idle for longest give their descriptors, else they would keep
 * everybody out until they time out. */
static bool
on_starved(void *arg)
{
	struct http_server *server = arg;
	bool freed = false;

	for (int i = 0; i < ROOM && connections_make_room(&server->connections); i++)
		freed = true;
	return freed;
}

static void
on_room(void *arg)
{
	struct http_server *server = arg;

	if (!server->full)
		return;
	server->full = false;
	if (server->listener != NULL)
		http_listener_pause(server->listener, false);
}

static void
on_patience_over(void *arg)
{
	struct http_server *server = arg;

	if (server->full && !connections_make_room(&server->connections))
		timer_start(&server->patience, CONNECTION_SILENT_MS);
}

static void
rest_until_room(struct http_server *server)
{
	server->full = true;
	timer_start(&server->patience, CONNECTION_SILENT_MS);
	http_listener_pause(server->listener, true);
	log_warn_limited(
		"connections_full", LOG_NUMBER("count", server->connections.count));
}

/* ---- those of one address ---- */

/* As text; "::ffff:192.0.2.1" is how an IPv4 client looks to an IPv6 listener. */
static void
write_address(char to[INET6_ADDRSTRLEN], const struct sockaddr *address)
{
	const struct sockaddr_in6 *v6 = (const void *)address;
	const struct sockaddr_in *v4 = (const void *)address;

	if (address->sa_family != AF_INET6)
		inet_ntop(AF_INET, &v4->sin_addr, to, INET6_ADDRSTRLEN);
	else if (IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr))
		inet_ntop(AF_INET, &v6->sin6_addr.s6_addr[12], to, INET6_ADDRSTRLEN);
	else
		inet_ntop(AF_INET6, &v6->sin6_addr, to, INET6_ADDRSTRLEN);
}

static bool
is_proxy(const struct http_limits *limits, const char *address)
{
	return limits->proxy_protocol && limits->is_proxy != NULL &&
	       limits->is_proxy(limits->trust_arg, address);
}

/* The connection is not worth a struct: whoever opens too many gets an answer only if it is
 * quick to read it. */
static void
turn_away(struct http_server *server, int take_fd, const char *address)
{
	struct connections *connections = &server->connections;
	struct text *answer = &connections->text;

	metric_add(&http_metric_turned_away, 1);
	log_warn_limited("address_full", LOG_TEXT("client", address));
	text_clear(answer);
	http_refusal_write(
		answer, &http_refusal_crowd, connections_date(connections), true);
	if (send(take_fd, answer->data, answer->size, MSG_NOSIGNAL | MSG_DONTWAIT) > 0)
		shutdown(take_fd, SHUT_WR);
	close(take_fd);
}

static void
on_accepted(void *arg, int take_fd, const struct sockaddr *address)
{
	struct http_server *server = arg;
	struct connections *connections = &server->connections;
	const struct http_limits *limits = &connections->limits;
	struct address_count *origin = NULL;
	char text[INET6_ADDRSTRLEN] = "";

	write_address(text, address);
	bool proxied = is_proxy(limits, text);
	if (!proxied && !connections_admit(connections, text, address, &origin)) {
		turn_away(server, take_fd, text);
		return;
	}
	bool full = (int64_t)connections->count + 1 >= limits->connections &&
		    !connections_make_room(connections);
	connections_accept(connections, take_fd, text, origin, proxied);
	if (full)
		rest_until_room(server);
}

/* ---- life ---- */

struct http_server *
http_server_new(struct loop *loop, const struct http_limits *limits,
	struct http_server_shared *shared,
	void (*on_exchange)(void *arg, struct exchange *exchange), void *arg)
{
	struct http_server *server = xcalloc(1, sizeof *server);

	server->loop = loop;
	timer_init(&server->patience, loop, on_patience_over, server);
	connections_init(&server->connections, loop, limits, shared);
	server->connections.on_room = on_room;
	server->connections.arg = server;
	exchanges_init(&server->exchanges, &server->connections, on_exchange, arg);
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
	if ((int64_t)server->connections.count < limits->connections)
		on_room(server);
}

void
http_server_show_exchanges(struct http_server *server, bool show)
{
	server->exchanges.shows_id = show;
}

bool
http_server_listen(struct http_server *server, const char *address, uint16_t *port,
	char *why, size_t why_size)
{
	static const struct http_listener_owner owner = { on_accepted, on_starved };

	assert(server->listener == NULL);
	server->listener = http_listener_new(
		server->loop, address, port, &owner, server, why, why_size);
	return server->listener != NULL;
}

void
http_server_close_listener(struct http_server *server)
{
	server->connections.closing = true;
	http_listener_free(server->listener);
	server->listener = NULL;
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
	timer_stop(&server->patience);
	exchanges_end_all(&server->exchanges);
	connections_close_all(&server->connections);
	loop_later(server->loop, server_free, server);
}
