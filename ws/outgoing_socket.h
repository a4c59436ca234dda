/* The insides of ws/outgoing, shared by its two sides; nobody else includes this.
 *
 * outgoing.c is the loop's side, outgoing_service.c the sockets thread's. A socket is
 * counted: the loop's side holds one reference until CLOSED was delivered or outgoing_close
 * called, the sockets thread one until libwebsockets has let the connection go, and every
 * message under way one. Fields are marked with the thread that may touch them.
 */
#ifndef WS_OUTGOING_SOCKET_H
#define WS_OUTGOING_SOCKET_H

#include <libwebsockets.h>
#include <pthread.h>
#include <stdatomic.h>

#include "core/text.h"
#include "ws/outgoing.h"

#define OUTGOING_SOCKET_MAGIC 0x6f757473u

struct outgoing {
	struct loop *loop;
	struct lws_context *context;
	struct lws_vhost *vhosts[2]; /* sockets thread; plain and TLS, made when needed */
	char *ca_file;
	bool unverified;
	pthread_t thread;
	struct mailbox mailbox; /* to the sockets thread */
	atomic_bool stopping;
	int64_t stop_by_ms;                /* sockets thread */
	lws_sorted_usec_list_t stop_timer; /* sockets thread */
	struct outgoing_socket *open;      /* loop: those not yet closed for their owner */
	struct outgoing_socket *active;    /* sockets thread: those libwebsockets holds */
	size_t active_count;               /* sockets thread */
	size_t most;                       /* of them, at one time */
};

/* A text on its way out, with the room that lws_write wants before it. */
struct outgoing_text {
	struct message message;
	struct outgoing_text *next;
	struct outgoing_socket *socket;
	size_t size;
	unsigned char bytes[];
};

struct outgoing_socket {
	unsigned magic;
	atomic_int references;
	struct outgoing *outgoing;
	struct message open_message, close_message;
	/* written once before the sockets thread hears of it */
	char *address, *host, *path, *authorization;
	char *forwarded_for; /* NULL: none */
	int port;
	bool tls;
	const struct outgoing_reader *reader;
	size_t max_text;
	/* loop */
	void (*event)(void *arg, enum outgoing_event event, const char *text, size_t size);
	void *arg;
	bool silent;
	struct outgoing_socket *previous_open, *next_open;
	/* sockets thread */
	struct lws *wsi;
	bool closing, established, ended;
	struct outgoing_text *first, *last;
	struct text incoming;
	struct outgoing_socket *previous_active, *next_active;
	/* both */
	atomic_int queued; /* texts not yet written or dropped */
	atomic_int unread; /* events not yet delivered */
};

struct outgoing_socket *outgoing_socket_ref(struct outgoing_socket *socket);
void outgoing_socket_unref(struct outgoing_socket *socket);
/* Loop: it is no longer its owner's. */
void outgoing_socket_unlink(struct outgoing_socket *socket);
/* Sockets thread: tells the loop. */
void outgoing_socket_deliver(struct outgoing_socket *socket, enum outgoing_event event,
	const char *text, size_t size);
/* Sockets thread: reads a whole message for a socket with a reader, and tells the loop. */
void outgoing_socket_read(struct outgoing_socket *socket, const char *text, size_t size);

/* The sockets thread. */
void outgoing_service_start(struct outgoing *outgoing);
/* On the loop; joins. */
void outgoing_service_stop(struct outgoing *outgoing);
/* Handlers of messages to it; embedded in a socket or a text. */
void outgoing_service_open(struct message *message);
void outgoing_service_close(struct message *message);
void outgoing_service_send(struct message *message);

#endif
