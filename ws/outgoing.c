#include "ws/outgoing.h"

#include <string.h>
#include <sys/resource.h>

#include "ws/outgoing_socket.h"

enum {
	MAX_QUEUED = 16,
	DESCRIPTOR_SHARE = 4, /* every fourth descriptor may be ours */
	DEFAULT_MOST = 1024,
	DEFAULT_MAX_TEXT = 1024 * 1024,
};

static size_t
most_sockets(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur == RLIM_INFINITY)
		return DEFAULT_MOST;
	return (size_t)files.rlim_cur / DESCRIPTOR_SHARE;
}

struct outgoing *
outgoing_start(struct loop *loop)
{
	struct outgoing *outgoing = xcalloc(1, sizeof *outgoing);

	outgoing->loop = loop;
	outgoing->most = most_sockets();
	outgoing_service_start(outgoing);
	return outgoing;
}

void
outgoing_set_trust(struct outgoing *outgoing, const char *ca_file, bool unverified)
{
	assert(outgoing->open == NULL);
	xfree(outgoing->ca_file);
	outgoing->ca_file = xstrdup_or_null(ca_file);
	outgoing->unverified = unverified;
}

void
outgoing_stop(struct outgoing *outgoing)
{
	if (outgoing == NULL)
		return;
	outgoing_service_stop(outgoing);
	/* Deliveries that are still in the loop's mailbox find their sockets silent. */
	while (outgoing->open != NULL) {
		struct outgoing_socket *socket = outgoing->open;
		socket->silent = true;
		outgoing_socket_unlink(socket);
		outgoing_socket_unref(socket);
	}
	xfree(outgoing->ca_file);
	xfree(outgoing);
}

struct outgoing_socket *
outgoing_open(struct outgoing *outgoing, const struct outgoing_request *request,
	void (*event)(void *arg, enum outgoing_event event, const char *text, size_t size),
	void *arg)
{
	struct outgoing_socket *socket = xcalloc(1, sizeof *socket);

	assert(loop_is_mine(outgoing->loop));
	socket->magic = OUTGOING_SOCKET_MAGIC;
	/* The loop's, the sockets thread's, and the opening message's. */
	atomic_init(&socket->references, 3);
	socket->outgoing = outgoing;
	socket->address = xstrdup(request->address);
	socket->host = xstrdup(request->host);
	socket->path = xstrdup(request->path);
	socket->authorization = xstrdup(request->authorization);
	if (request->forwarded_for != NULL && request->forwarded_for[0] != '\0')
		socket->forwarded_for = xstrdup(request->forwarded_for);
	socket->port = request->port;
	socket->tls = request->tls;
	socket->reader = request->reader;
	socket->max_text = request->max_text > 0 ? request->max_text : DEFAULT_MAX_TEXT;
	socket->event = event;
	socket->arg = arg;
	socket->next_open = outgoing->open;
	if (outgoing->open != NULL)
		outgoing->open->previous_open = socket;
	outgoing->open = socket;
	mailbox_post(&outgoing->mailbox, &socket->open_message, outgoing_service_open);
	return socket;
}

bool
outgoing_send(struct outgoing_socket *socket, const char *text, size_t size)
{
	assert(loop_is_mine(socket->outgoing->loop) && !socket->silent);
	if (atomic_fetch_add(&socket->queued, 1) >= MAX_QUEUED) {
		atomic_fetch_sub(&socket->queued, 1);
		return false;
	}
	struct outgoing_text *sending = xcalloc(1, sizeof *sending + LWS_PRE + size);
	sending->socket = outgoing_socket_ref(socket);
	sending->size = size;
	memcpy(sending->bytes + LWS_PRE, text, size);
	mailbox_post(&socket->outgoing->mailbox, &sending->message, outgoing_service_send);
	return true;
}

void
outgoing_close(struct outgoing_socket *socket)
{
	if (socket == NULL)
		return;
	assert(loop_is_mine(socket->outgoing->loop) && !socket->silent);
	socket->silent = true;
	outgoing_socket_unlink(socket);
	mailbox_post(
		&socket->outgoing->mailbox, &socket->close_message, outgoing_service_close);
}
