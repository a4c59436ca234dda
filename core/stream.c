#include "core/stream.h"

#include <errno.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include "core/clock.h"

enum {
	STREAM_MAGIC = 0x57ea0001,
	/* A dead peer is noticed after 60 + 4 * 15 s without a byte. */
	KEEPALIVE_IDLE_S = 60,
	KEEPALIVE_INTERVAL_S = 15,
	KEEPALIVE_PROBES = 4,
};

struct stream {
	unsigned magic;
	const struct stream_ops *ops;
	void *state; /* of the ops */
	struct loop *loop;
	int fd;
	bool connecting; /* until the handshake is over too */
	bool shaking;    /* the handshake has begun */
	bool want_read;
	bool want_write;
	short armed; /* which of the two events are added */
	struct event read_event;
	struct event write_event;
	struct timer deadline; /* of the connect */
	enum err refused;      /* the connect failed before it began */
	const struct stream_handler *handler;
	void *arg;
};

/* ---- plain TCP ---- */

static enum stream_result
result_of_errno(void)
{
	if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)
		return STREAM_AGAIN;
	return STREAM_BROKEN;
}

static enum stream_result
plain_read(struct stream *stream, void *to, size_t capacity, size_t *size)
{
	ssize_t count = recv(stream->fd, to, capacity, 0);

	*size = count > 0 ? (size_t)count : 0;
	if (count > 0)
		return STREAM_OK;
	return count == 0 ? STREAM_END : result_of_errno();
}

static enum stream_result
plain_write(struct stream *stream, const struct iovec *parts, int count, size_t *size)
{
	const struct msghdr message = { .msg_iov = (struct iovec *)(uintptr_t)parts,
		.msg_iovlen = (size_t)count };
	ssize_t written;

	/* One part is the rule, and cheaper without a message around it. */
	if (count == 1)
		written = send(stream->fd, parts->iov_base, parts->iov_len, MSG_NOSIGNAL);
	else
		written = sendmsg(stream->fd, &message, MSG_NOSIGNAL);

	*size = written > 0 ? (size_t)written : 0;
	return written >= 0 ? STREAM_OK : result_of_errno();
}

static short
plain_wants(const struct stream *stream, bool read, bool write)
{
	(void)stream;
	return (short)((read ? EV_READ : 0) | (write ? EV_WRITE : 0));
}

static const struct stream_ops plain_ops = {
	.read = plain_read,
	.write = plain_write,
	.wants = plain_wants,
	.can_splice = true,
	.close = NULL,
};

/* ---- events ---- */

static short
wanted_events(const struct stream *stream)
{
	if (stream->connecting && !stream->shaking)
		return EV_WRITE;
	return stream->ops->wants(stream, stream->want_read, stream->want_write);
}

static bool
has_pending(const struct stream *stream)
{
	return stream->ops->has_pending != NULL && stream->ops->has_pending(stream);
}

static void
arm(struct stream *stream)
{
	if (stream->fd < 0)
		return;
	short wanted = wanted_events(stream);
	short added = wanted & (short)~stream->armed;
	short removed = stream->armed & (short)~wanted;
	if (added & EV_READ)
		event_add(&stream->read_event, NULL);
	if (removed & EV_READ)
		event_del(&stream->read_event);
	if (added & EV_WRITE)
		event_add(&stream->write_event, NULL);
	if (removed & EV_WRITE)
		event_del(&stream->write_event);
	stream->armed = wanted;
	/* The descriptor says nothing of what was taken off it already. */
	if (!stream->connecting && stream->want_read && has_pending(stream))
		event_active(&stream->read_event, EV_READ, 0);
}

/* A read or write may have changed what its kind waits for, or left bytes behind. */
static void
settle(struct stream *stream)
{
	if (stream->ops->has_pending != NULL)
		arm(stream);
}

static void
end_connect(struct stream *stream, enum err err)
{
	timer_stop(&stream->deadline);
	stream->connecting = false;
	stream->shaking = false;
	arm(stream);
	stream->handler->connected(stream->arg, err);
}

static void
on_deadline(void *arg)
{
	struct stream *stream = CAST(arg, STREAM_MAGIC);

	end_connect(stream, stream->refused != ERR_NONE ? stream->refused : ERR_TIMEOUT);
}

static bool
is_connected(const struct stream *stream)
{
	int error = 0;
	socklen_t size = sizeof error;

	return getsockopt(stream->fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 &&
	       error == 0;
}

static void
advance_connect(struct stream *stream)
{
	enum stream_result result = STREAM_OK;

	if (!stream->shaking && !is_connected(stream))
		result = STREAM_BROKEN;
	else if (stream->ops->handshake != NULL) {
		stream->shaking = true;
		result = stream->ops->handshake(stream);
	}
	if (result == STREAM_AGAIN)
		arm(stream);
	else
		end_connect(stream, result == STREAM_OK ? ERR_NONE : ERR_UNREACHABLE);
}

static void
call(struct stream *stream, void (*callback)(void *arg))
{
	const struct loop *loop = stream->loop;
	int64_t began_us = clock_now_us();

	callback(stream->arg);
	loop_check_slow(loop, "stream", began_us);
}

/* Each of these calls the handler last: it may free the stream. */
static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct stream *stream = CAST(arg, STREAM_MAGIC);

	(void)fd;
	(void)what;
	if (stream->connecting)
		advance_connect(stream);
	else if (stream->want_read)
		call(stream, stream->handler->readable);
	else if (stream->want_write)
		call(stream, stream->handler->writable);
}

static void
on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct stream *stream = CAST(arg, STREAM_MAGIC);

	(void)fd;
	(void)what;
	if (stream->connecting)
		advance_connect(stream);
	else if (stream->want_write)
		call(stream, stream->handler->writable);
	else if (stream->want_read)
		call(stream, stream->handler->readable);
}

/* ---- life ---- */

static void
set_option(int fd, int level, int option, int value)
{
	/* An option that a socket does not know (a test's socket pair) is no failure. */
	(void)setsockopt(fd, level, option, &value, sizeof value);
}

static struct stream *
stream_new(struct loop *loop, int take_fd, const struct stream_handler *handler, void *arg)
{
	struct stream *stream = xcalloc(1, sizeof *stream);

	stream->magic = STREAM_MAGIC;
	stream->ops = &plain_ops;
	stream->loop = loop;
	stream->fd = take_fd;
	stream->handler = handler;
	stream->arg = arg;
	timer_init(&stream->deadline, loop, on_deadline, stream);
	if (take_fd < 0)
		return stream;
	set_option(take_fd, IPPROTO_TCP, TCP_NODELAY, 1);
	set_option(take_fd, SOL_SOCKET, SO_KEEPALIVE, 1);
	set_option(take_fd, IPPROTO_TCP, TCP_KEEPIDLE, KEEPALIVE_IDLE_S);
	set_option(take_fd, IPPROTO_TCP, TCP_KEEPINTVL, KEEPALIVE_INTERVAL_S);
	set_option(take_fd, IPPROTO_TCP, TCP_KEEPCNT, KEEPALIVE_PROBES);
	event_assign(&stream->read_event, loop_base(loop), take_fd, EV_READ | EV_PERSIST,
		on_readable, stream);
	event_assign(&stream->write_event, loop_base(loop), take_fd, EV_WRITE | EV_PERSIST,
		on_writable, stream);
	return stream;
}

struct stream *
stream_connect(struct loop *loop, const struct sockaddr *address, socklen_t address_size,
	int64_t timeout_ms, const struct stream_handler *handler, void *arg)
{
	int fd = socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct stream *stream = stream_new(loop, fd, handler, arg);

	stream->connecting = true;
	if (fd < 0 || (connect(fd, address, address_size) != 0 && errno != EINPROGRESS)) {
		/* Told in the next turn: never before this returned. */
		stream->refused = ERR_UNREACHABLE;
		timer_start(&stream->deadline, 0);
		return stream;
	}
	timer_start(&stream->deadline, timeout_ms);
	arm(stream);
	return stream;
}

struct stream *
stream_from_fd(
	struct loop *loop, int take_fd, const struct stream_handler *handler, void *arg)
{
	assert(take_fd >= 0);
	return stream_new(loop, take_fd, handler, arg);
}

static void
free_memory(void *arg)
{
	xfree(arg);
}

void
stream_free(struct stream *stream)
{
	if (stream == NULL)
		return;
	assert(stream->magic == STREAM_MAGIC);
	timer_stop(&stream->deadline);
	if (stream->ops->close != NULL)
		stream->ops->close(stream);
	if (stream->fd >= 0) {
		event_del(&stream->read_event);
		event_del(&stream->write_event);
		close(stream->fd);
	}
	stream->magic = 0;
	/* Its own callback may be on the call stack. */
	loop_later(stream->loop, free_memory, stream);
}

void
stream_set_handler(struct stream *stream, const struct stream_handler *handler, void *arg)
{
	stream->handler = handler;
	stream->arg = arg;
}

void
stream_want(struct stream *stream, bool read, bool write)
{
	stream->want_read = read;
	stream->want_write = write;
	if (!stream->connecting)
		arm(stream);
}

enum stream_result
stream_read(struct stream *stream, void *to, size_t capacity, size_t *size)
{
	enum stream_result result = stream->ops->read(stream, to, capacity, size);

	settle(stream);
	return result;
}

enum stream_result
stream_write(struct stream *stream, const struct iovec *parts, int count, size_t *size)
{
	enum stream_result result = stream->ops->write(stream, parts, count, size);

	settle(stream);
	return result;
}

bool
stream_is_quiet(const struct stream *stream)
{
	char byte;
	ssize_t count;

	if (has_pending(stream))
		return false;
	count = recv(stream->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
	return count < 0 && result_of_errno() == STREAM_AGAIN;
}

int
stream_splice_fd(const struct stream *stream)
{
	return stream->ops->can_splice ? stream->fd : -1;
}

void
stream_become(struct stream *stream, const struct stream_ops *ops, void *take_state)
{
	assert(stream->connecting && !stream->shaking && stream->state == NULL);
	stream->ops = ops;
	stream->state = take_state;
}

void *
stream_state(const struct stream *stream)
{
	return stream->state;
}

int
stream_fd(const struct stream *stream)
{
	return stream->fd;
}
