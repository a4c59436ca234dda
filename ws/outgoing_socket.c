#include "ws/outgoing_socket.h"

#include <string.h>

/* An event on its way to the loop. */
struct delivery {
	struct message message;
	struct outgoing_socket *socket;
	enum outgoing_event event;
	size_t size;
	char text[];
};

void
outgoing_socket_unref(struct outgoing_socket *socket)
{
	if (atomic_fetch_sub(&socket->references, 1) != 1)
		return;
	assert(socket->first == NULL);
	text_fini(&socket->incoming);
	xfree(socket->address);
	xfree(socket->host);
	xfree(socket->path);
	if (socket->authorization != NULL)
		explicit_bzero(socket->authorization, strlen(socket->authorization));
	xfree(socket->authorization);
	xfree(socket->forwarded_for);
	socket->magic = 0;
	xfree(socket);
}

struct outgoing_socket *
outgoing_socket_ref(struct outgoing_socket *socket)
{
	atomic_fetch_add(&socket->references, 1);
	return socket;
}

void
outgoing_socket_unlink(struct outgoing_socket *socket)
{
	if (socket->previous_open != NULL)
		socket->previous_open->next_open = socket->next_open;
	else
		socket->outgoing->open = socket->next_open;
	if (socket->next_open != NULL)
		socket->next_open->previous_open = socket->previous_open;
	socket->previous_open = socket->next_open = NULL;
}

/* On the loop. The outgoing may be gone when the socket is silent. */
static void
run_delivery(struct message *message)
{
	struct delivery *delivery = CONTAINER_OF(message, struct delivery, message);
	struct outgoing_socket *socket = CAST(delivery->socket, OUTGOING_SOCKET_MAGIC);

	atomic_fetch_sub(&socket->unread, 1);
	if (!socket->silent) {
		if (delivery->event == OUTGOING_CLOSED) {
			socket->silent = true;
			outgoing_socket_unlink(socket);
			outgoing_socket_unref(
				socket); /* the loop's; the delivery still holds one */
		}
		socket->event(socket->arg, delivery->event, delivery->text, delivery->size);
	}
	outgoing_socket_unref(socket);
	xfree(delivery);
}

void
outgoing_socket_deliver(struct outgoing_socket *socket, enum outgoing_event event,
	const char *text, size_t size)
{
	struct delivery *delivery = xcalloc(1, sizeof *delivery + size + 1);

	delivery->socket = outgoing_socket_ref(socket);
	delivery->event = event;
	delivery->size = size;
	if (size > 0)
		memcpy(delivery->text, text, size);
	atomic_fetch_add(&socket->unread, 1);
	loop_post(socket->outgoing->loop, &delivery->message, run_delivery);
}
