/* Sockets for session modules: the test plays the peer. One loop. */
#ifndef TESTS_FAKE_SOCKETS_H
#define TESTS_FAKE_SOCKETS_H

#include <string.h>

#include "session/injected.h"

struct fake_sockets {
	struct fake_socket *sockets; /* open for their owner */
	size_t opened, closed, sent;
	struct text last_sent;
	char authorization[1024];
	char path[64];
};

struct fake_socket {
	struct fake_socket *next;
	struct fake_sockets *sockets;
	const struct outgoing_reader *reader;
	void (*event)(void *arg, enum outgoing_event event, const char *text, size_t size);
	void *arg;
};

static inline struct outgoing_socket *
fake_socket_open(void *arg, const struct outgoing_request *request,
	void (*event)(void *arg, enum outgoing_event event, const char *text, size_t size),
	void *event_arg)
{
	struct fake_sockets *sockets = arg;
	struct fake_socket *socket = xcalloc(1, sizeof *socket);

	socket->sockets = sockets;
	socket->reader = request->reader;
	socket->event = event;
	socket->arg = event_arg;
	socket->next = sockets->sockets;
	sockets->sockets = socket;
	sockets->opened++;
	copy_text(sockets->authorization, sizeof sockets->authorization,
		request->authorization);
	copy_text(sockets->path, sizeof sockets->path, request->path);
	return (struct outgoing_socket *)(void *)socket;
}

static inline bool
fake_socket_send(struct outgoing_socket *outgoing, const char *text, size_t size)
{
	struct fake_socket *socket = (struct fake_socket *)(void *)outgoing;

	socket->sockets->sent++;
	text_clear(&socket->sockets->last_sent);
	text_add_bytes(&socket->sockets->last_sent, text, size);
	return true;
}

static inline void
fake_socket_drop(struct fake_socket *socket)
{
	struct fake_socket **link = &socket->sockets->sockets;

	while (*link != socket)
		link = &(*link)->next;
	*link = socket->next;
	xfree(socket);
}

static inline void
fake_socket_close(struct outgoing_socket *outgoing)
{
	struct fake_socket *socket = (struct fake_socket *)(void *)outgoing;

	socket->sockets->closed++;
	fake_socket_drop(socket);
}

static inline void
fake_socket_event(struct fake_socket *socket, enum outgoing_event event, const char *text)
{
	void (*call)(void *arg, enum outgoing_event event, const char *text, size_t size) =
		socket->event;
	void *arg = socket->arg;

	if (event == OUTGOING_CLOSED)
		fake_socket_drop(socket);
	call(arg, event, text, strlen(text));
}

/* A message to a socket with a reader. */
static inline void
fake_socket_read(struct fake_socket *socket, const char *text)
{
	const struct outgoing_reader *reader = socket->reader;
	void *read = reader->read(text, strlen(text));

	if (read == NULL)
		return;
	reader->event(socket->arg, read);
	reader->free_read(read);
}

static inline struct injected_sockets
fake_sockets_of(struct fake_sockets *sockets)
{
	return (struct injected_sockets){ fake_socket_open, fake_socket_send,
		fake_socket_close, sockets };
}

#endif
