/* Stream: a connection to somebody else, as bytes in and out without blocking.
 *
 * What differs between plain TCP and TLS is behind struct stream_ops, so users (the
 * upstream pool, tunnels) never ask which it is: they read and write until AGAIN and say
 * what they wait for. Only plain streams have a descriptor for splice(2). Belongs to one
 * loop; the handler is called on it, never from within a call to the stream. A callback may
 * free its stream.
 */
#ifndef CORE_STREAM_H
#define CORE_STREAM_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "core/error.h"
#include "core/loop.h"

struct stream;

enum stream_result {
	STREAM_OK,
	STREAM_AGAIN,  /* nothing now: wait for the handler */
	STREAM_END,    /* the peer said that it has finished sending (reads only) */
	STREAM_BROKEN, /* the connection is gone */
};

struct stream_handler {
	/* The connect, a handshake included, is over: ERR_NONE, ERR_UNREACHABLE or
	 * ERR_TIMEOUT. Once. */
	void (*connected)(void *arg, enum err err);
	/* What was asked for with stream_want is likely to succeed. */
	void (*readable)(void *arg);
	void (*writable)(void *arg);
};

/* Connects; fails only through `connected`. Nothing is wanted at first. */
struct stream *stream_connect(struct loop *loop, const struct sockaddr *address,
	socklen_t address_size, int64_t timeout_ms, const struct stream_handler *handler,
	void *arg);
/* Takes over a connected, non-blocking socket. */
struct stream *stream_from_fd(
	struct loop *loop, int take_fd, const struct stream_handler *handler, void *arg);
/* Closes at once, whatever is under way; silence after. Accepts NULL. */
void stream_free(struct stream *stream);

/* Somebody else is responsible from now on. The handler is borrowed for the stream's life.
 */
void stream_set_handler(
	struct stream *stream, const struct stream_handler *handler, void *arg);
/* Which callbacks may come from now on; they come again as long as the state lasts. */
void stream_want(struct stream *stream, bool read, bool write);

/* Reads at most `capacity` bytes; `*size` > 0 with STREAM_OK, else 0. */
enum stream_result stream_read(
	struct stream *stream, void *to, size_t capacity, size_t *size);
/* Writes what fits; `*size` > 0 with STREAM_OK, else 0. After STREAM_AGAIN the next write
 * begins with the same bytes: TLS may have sealed them already. */
enum stream_result stream_write(
	struct stream *stream, const struct iovec *parts, int count, size_t *size);
/* Nothing has arrived and the peer is still there, as far as can be known now. */
bool stream_is_quiet(const struct stream *stream);
/* A descriptor whose bytes are those of the stream, for splice(2); -1 when there is none.
 */
int stream_splice_fd(const struct stream *stream);

/* What kinds of streams implement. */
struct stream_ops {
	/* Goes on with what comes after the connect, until it is not STREAM_AGAIN. May be
	 * NULL. */
	enum stream_result (*handshake)(struct stream *stream);
	enum stream_result (*read)(
		struct stream *stream, void *to, size_t capacity, size_t *size);
	enum stream_result (*write)(
		struct stream *stream, const struct iovec *parts, int count, size_t *size);
	/* EV_READ, EV_WRITE: what the descriptor must become so that the wanted directions
	 * can go on (a TLS read may have to wait for writing). Asked again after every
	 * read, write and step of the handshake. */
	short (*wants)(const struct stream *stream, bool read, bool write);
	/* Can be read without the descriptor becoming readable. May be NULL. */
	bool (*has_pending)(const struct stream *stream);
	bool can_splice;
	/* Says farewell, as far as the socket takes it, and frees what the kind keeps. The
	 * descriptor is still open. May be NULL. */
	void (*close)(struct stream *stream);
};

/* Makes what stream_connect has just returned a stream of another kind. */
void stream_become(struct stream *stream, const struct stream_ops *ops, void *take_state);
/* What was given to stream_become, for the ops. */
void *stream_state(const struct stream *stream);
int stream_fd(const struct stream *stream);

#endif
