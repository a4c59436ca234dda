#include "proxy/relay_socket.h"

#include "proxy/metrics.h"

enum { SOCKET_MAGIC = 0x50c4e701 };

struct relay_socket {
	unsigned magic;
	struct relay_socket_list *list;
	struct tunnel_owner owner;
	void *arg;
	struct tunnel *tunnel; /* NULL until Jellyfin agreed */
	TAILQ_ENTRY(relay_socket) place;
};

struct relay_socket *
relay_socket_new(
	struct relay_socket_list *list, const struct tunnel_owner *owner, void *arg)
{
	struct relay_socket *socket = xcalloc(1, sizeof *socket);

	socket->magic = SOCKET_MAGIC;
	socket->list = list;
	socket->arg = arg;
	if (owner != NULL)
		socket->owner = *owner;
	TAILQ_INSERT_TAIL(list, socket, place);
	return socket;
}

static void
on_client_message(void *arg, const char *text, size_t size)
{
	struct relay_socket *socket = CAST(arg, SOCKET_MAGIC);

	socket->owner.client_message(socket->arg, text, size);
}

/* In a turn in which nothing of the socket is on the stack. */
static void
on_closed(void *arg)
{
	struct relay_socket *socket = CAST(arg, SOCKET_MAGIC);
	struct tunnel_owner owner = socket->owner;
	void *owner_arg = socket->arg;

	if (socket->tunnel != NULL)
		metric_add(&proxy_metric_tunnels, -1);
	TAILQ_REMOVE(socket->list, socket, place);
	socket->magic = 0;
	xfree(socket);
	if (owner.closed != NULL)
		owner.closed(owner_arg);
}

void
relay_socket_refuse(struct relay_socket *take_socket)
{
	on_closed(take_socket);
}

void
relay_socket_open(struct relay_socket *take_socket, struct exchange *take_exchange,
	struct stream *take_stream, const char *early, size_t early_size)
{
	const struct tunnel_owner owner = {
		.client_message = take_socket->owner.client_message != NULL
					  ? on_client_message
					  : NULL,
		.closed = on_closed,
	};

	metric_add(&proxy_metric_tunnels, 1);
	take_socket->tunnel = tunnel_start(
		take_exchange, take_stream, early, early_size, &owner, take_socket);
	if (take_socket->owner.opened != NULL)
		take_socket->owner.opened(take_socket->arg, take_socket->tunnel);
}

void
relay_socket_close_all(struct relay_socket_list *list, uint16_t code, const char *reason)
{
	struct relay_socket *socket;

	TAILQ_FOREACH (socket, list, place) {
		if (socket->tunnel != NULL)
			tunnel_close(socket->tunnel, code, reason);
	}
}

void
relay_socket_end_all(struct relay_socket_list *list)
{
	struct relay_socket *socket;

	TAILQ_FOREACH (socket, list, place) {
		if (socket->tunnel != NULL)
			tunnel_end(socket->tunnel);
	}
}
