#include "ws/outgoing_socket.h"

#include <string.h>

/* An event on its way to the loop. */
struct delivery {
	struct message message;
	struct outgoing_socket *socket;
	enum outgoing_event event;
	void *read; /* by the socket's reader, instead of a text */
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

static void
tell(struct outgoing_socket *socket, struct delivery *delivery)
{
	if (delivery->read != NULL) {
		socket->reader->event(socket->arg, delivery->read);
		return;
	}
	if (delivery->event == OUTGOING_CLOSED) {
		socket->silent = true;
		outgoing_socket_unlink(socket);
		/* The loop's; the delivery still holds one. */
		outgoing_socket_unref(socket);
	}
	socket->event(socket->arg, delivery->event, delivery->text, delivery->size);
}

/* On the loop. The outgoing may be gone when the socket is silent. */
static void
run_delivery(struct message *message)
{
	struct delivery *delivery = CONTAINER_OF(message, struct delivery, message);
	struct outgoing_socket *socket = CAST(delivery->socket, OUTGOING_SOCKET_MAGIC);

	atomic_fetch_sub(&socket->unread, 1);
	if (!socket->silent)
		tell(socket, delivery);
	if (delivery->read != NULL)
		socket->reader->free_read(delivery->read);
	outgoing_socket_unref(socket);
	xfree(delivery);
}

static void
post(struct outgoing_socket *socket, struct delivery *take_delivery)
{
	take_delivery->socket = outgoing_socket_ref(socket);
	atomic_fetch_add(&socket->unread, 1);
	loop_post(socket->outgoing->loop, &take_delivery->message, run_delivery);
}

void
outgoing_socket_deliver(struct outgoing_socket *socket, enum outgoing_event event,
	const char *text, size_t size)
{
	struct delivery *delivery = xcalloc(1, sizeof *delivery + size + 1);

	delivery->event = event;
	delivery->size = size;
	if (size > 0)
		memcpy(delivery->text, text, size);
	post(socket, delivery);
}

void
outgoing_socket_read(struct outgoing_socket *socket, const char *text, size_t size)
{
	void *read = socket->reader->read(text, size);

	if (read == NULL)
		return;
	struct delivery *delivery = xcalloc(1, sizeof *delivery + 1);
	delivery->event = OUTGOING_TEXT;
	delivery->read = read;
	post(socket, delivery);
}
