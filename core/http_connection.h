/* Connection: a client's socket from accept to close, below the exchanges that pass over
 * it. Internal to core/http_*.
 *
 *        first byte        empty line         request complete
 *   IDLE ----------> HEAD ------------> BODY ------------------> ANSWER <-> STALL, HALF
 *     ^                                                            |
 *     +------------------------- answer complete ------------------+
 *   any of them -- refused, last answer --> CLOSING -- all read or LINGER_MS --> closed
 *
 * All connections of a phase may stay in it equally long, so each phase is a queue in order
 * of deadlines, and one timer serves them all.
 *
 * What arrives is read into the worker's scratch buffer and parsed there; only a rest that
 * cannot be used yet is copied to the connection. What is sent goes out at once; only what
 * the socket does not take is queued. So an idle connection is this struct and nothing
 * more, and the event for reading stays registered from request to request. A new
 * connection is read at once, and watched from when it has said nothing, or its first
 * answer has taken a moment: many clients ask once and go.
 *
 * Half-closed clients: the end of what a client sends (FIN) may be shutdown() by one that
 * waits for its answer, or close() by one that has left; TCP does not tell. Nobody leaves
 * an answer out for it here: what is under way goes on, and to learn whether somebody still
 * listens, a client that nothing has been sent to gets an interim answer, 100 Continue,
 * after PROBE_MS: who has left answers that with RST. So has every byte of an answer. A
 * client that resets its connection, or sends its end amid a request or a tunnel, has left.
 *
 * One set of connections per worker, on its thread.
 */
#ifndef CORE_HTTP_CONNECTION_H
#define CORE_HTTP_CONNECTION_H

#include <arpa/inet.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>
#include <sys/uio.h>

#include "core/http_request_body.h"
#include "core/http_server.h"
#include "core/loop.h"

enum { CONNECTION_MAGIC = 0x434f4e4e };

enum {
	/* Read at once: with evbuffer's own head on it a block is 64 KB. */
	CONNECTION_READ_BYTES = 64 * 1024 - 64,
	CONNECTION_AHEAD_BYTES = 16 * 1024, /* of later requests: above this none is read */
	CONNECTION_LOW_BYTES = 16 * 1024,   /* queued for a client: below, ask for more */
	CONNECTION_HIGH_BYTES = 64 * 1024,  /* above this, ask to stop */
	CONNECTION_SILENT_MS = 1000,        /* for a new client to begin to speak */
};

enum connection_phase {
	CONNECTION_IDLE, /* waits for a request: idle_timeout_ms */
	CONNECTION_HEAD, /* its head, or a proxy's: header_timeout_ms from the first byte */
	CONNECTION_BODY, /* its body arrives: idle_timeout_ms since the last byte */
	CONNECTION_ANSWER,  /* an exchange is under way: no deadline */
	CONNECTION_STALL,   /* bytes wait for the client: write_stall_ms since the last */
	CONNECTION_HALF,    /* like ANSWER, but the client has sent its end: PROBE_MS */
	CONNECTION_CLOSING, /* the last answer goes out; what arrives is thrown away */
	CONNECTION_PHASES,
};

struct address_count;

struct connection {
	unsigned magic;
	int fd; /* -1: closed, and freed when the turn is over */
	struct connections *set;
	enum connection_phase phase;
	int64_t since_ms; /* what the phase's deadline counts from */
	TAILQ_ENTRY(connection) place;
	TAILQ_ENTRY(connection) fresh_place; /* while `fresh` */
	struct exchange *exchange;           /* BODY, ANSWER, STALL, HALF */
	struct text input;                   /* what has arrived and cannot be used yet */
	struct http_request_scan scan;       /* HEAD: of the input */
	struct evbuffer *output;             /* NULL: nothing is queued */
	struct event readable;
	struct event writable;
	struct address_count *origin; /* NULL: not counted */
	bool reading;                 /* `readable` is registered */
	bool proxied;                 /* a proxy is still to say whose bytes these are */
	bool fresh;                   /* it is to be, soon: in set->fresh */
	bool silent;                  /* the client has not begun to speak yet */
	bool heard_end;               /* the client has sent its last */
	bool said_end;                /* CLOSING: and so have we */
	bool more;                    /* bytes have arrived behind the request under way */
	bool consuming;               /* its input is being used, further up the stack */
	bool called;                  /* the intake resumes later in this turn */
	char address[INET6_ADDRSTRLEN];
};

TAILQ_HEAD(connection_queue, connection);

struct exchanges;

struct connections {
	struct loop *loop;
	struct http_limits limits;
	struct http_server_shared *shared;
	struct http_body_bounds bounds;
	struct exchanges *exchanges;
	struct address_counts *origins;
	struct connection_queue queues[CONNECTION_PHASES];
	struct timer deadline;
	struct connection_queue fresh;
	struct timer watch;
	struct timer trim;
	size_t count;
	bool closing; /* no more requests after those under way */
	char *scratch;
	struct text text; /* heads that are being written */
	char date[32];
	int64_t date_s;
	/* There is room for one more connection, or an idle one that can make it. */
	void (*on_room)(void *arg);
	void *arg;
};

void connections_init(struct connections *set, struct loop *loop,
	const struct http_limits *limits, struct http_server_shared *shared);
/* Deadlines that are under way move with them. */
void connections_set_limits(struct connections *set, const struct http_limits *limits);
/* Closes what is left; no exchange is under way. */
void connections_close_all(struct connections *set);
/* Later than the turn in which the last one was closed. */
void connections_fini(struct connections *set);
/* May one more come from this address, as text and as it is? Then it is counted, if it is
 * limited at all: `*origin`, NULL else, is for the connection. */
MUST_CHECK bool connections_admit(struct connections *set, const char *address,
	const struct sockaddr *socket, struct address_count **origin);
/* A client has connected; `address` is its own as text. `proxied`: a header of the PROXY
 * protocol comes first. */
void connections_accept(struct connections *set, int take_fd, const char *address,
	struct address_count *take_origin, bool proxied);
/* Closes the one that has been idle for longest; false when none is idle. One whose
 * request has arrived is not, even if it has not been read. */
bool connections_close_idle(struct connections *set);
/* The same for somebody new. Who has come within CONNECTION_SILENT_MS and has not said
 * anything yet stays: it may not have had the time, and would take it for a refusal. */
bool connections_make_room(struct connections *set);
/* The Date header, made once a second. */
const char *connections_date(struct connections *set);
/* Much memory has been freed: the system gets it back, soon. */
void connections_trim(struct connections *set);

void connection_enter(struct connection *connection, enum connection_phase phase);
/* Progress in its phase. */
void connection_touch(struct connection *connection);
/* What the client sends is heard from now on, or left to the kernel. */
void connection_read(struct connection *connection, bool read);
/* recv() into `to`: 0 when there is nothing now; -1 at the end (then heard_end is set), or
 * when the connection has broken. */
ssize_t connection_receive(struct connection *connection, char *to, size_t size);
/* Sends or queues. A broken connection reports itself later, when the queue is written. */
void connection_send(struct connection *connection, struct iovec *parts, int count);
/* "100 Continue", which is no answer yet. */
void connection_send_continue(struct connection *connection);
/* Bytes queued. */
size_t connection_queued(const struct connection *connection);
/* Has the client reset the connection? */
bool connection_is_broken(const struct connection *connection);
/* Nothing more is to be sent behind what is queued. Closing now could send RST for what the
 * client is still sending, and the RST would overtake the answer: so its input is read
 * until it ends, for a while. */
void connection_linger(struct connection *connection);
/* At once. The struct stays until the turn is over. */
void connection_close(struct connection *connection);

#endif
