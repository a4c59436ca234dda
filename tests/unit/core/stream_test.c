#include "core/stream.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/clock.h"

struct seen {
	int connected;
	enum err err;
	int readable;
	int writable;
	struct stream *free_me; /* freed by the next callback */
};

static void
free_if_asked(struct seen *seen)
{
	stream_free(seen->free_me);
	seen->free_me = NULL;
}

static void
on_connected(void *arg, enum err err)
{
	struct seen *seen = arg;
	seen->connected++;
	seen->err = err;
	free_if_asked(seen);
}

static void
on_readable(void *arg)
{
	struct seen *seen = arg;
	seen->readable++;
	free_if_asked(seen);
}

static void
on_writable(void *arg)
{
	struct seen *seen = arg;
	seen->writable++;
	free_if_asked(seen);
}

static const struct stream_handler handler = { on_connected, on_readable, on_writable };

static int
listen_on_loopback(struct sockaddr_in *address, int backlog)
{
	socklen_t size = sizeof *address;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	*address = (struct sockaddr_in){ .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	assert_int_equal(bind(fd, (struct sockaddr *)address, sizeof *address), 0);
	assert_int_equal(listen(fd, backlog), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)address, &size), 0);
	return fd;
}

static struct stream *
connect_to(struct loop *loop, const struct sockaddr_in *address, struct seen *seen)
{
	return stream_connect(loop, (const struct sockaddr *)address, sizeof *address, 5000,
		&handler, seen);
}

/* A stream on one end, the other end's descriptor. */
static struct stream *
make_pair(struct loop *loop, struct seen *seen, int *other)
{
	int fds[2];

	assert_int_equal(
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
	*other = fds[1];
	return stream_from_fd(loop, fds[0], &handler, seen);
}

static void
a_connect_is_told_once_and_not_at_once(void **state)
{
	struct loop *loop = loop_new("test");
	struct sockaddr_in address;
	struct seen seen = { 0 };
	int listener = listen_on_loopback(&address, 5);

	(void)state;
	struct stream *stream = connect_to(loop, &address, &seen);
	assert_int_equal(seen.connected, 0);
	for (int i = 0; i < 100 && seen.connected == 0; i++)
		loop_turn(loop, 20);
	loop_turn(loop, 1);
	assert_int_equal(seen.connected, 1);
	assert_int_equal(seen.err, ERR_NONE);
	assert_true(stream_splice_fd(stream) >= 0);
	stream_free(stream);
	close(listener);
	loop_free(loop);
}

static void
a_refused_connect_is_unreachable(void **state)
{
	struct loop *loop = loop_new("test");
	struct sockaddr_in address;
	struct seen seen = { 0 };

	(void)state;
	close(listen_on_loopback(&address, 1));
	struct stream *stream = connect_to(loop, &address, &seen);
	seen.free_me = stream;
	assert_int_equal(seen.connected, 0);
	for (int i = 0; i < 100 && seen.connected == 0; i++)
		loop_turn(loop, 20);
	assert_int_equal(seen.err, ERR_UNREACHABLE);
	loop_free(loop);
}

static void
an_impossible_address_fails_in_a_later_turn(void **state)
{
	struct loop *loop = loop_new("test");
	struct sockaddr_in address = { .sin_family = AF_UNSPEC };
	struct seen seen = { 0 };

	(void)state;
	seen.free_me = connect_to(loop, &address, &seen);
	assert_int_equal(seen.connected, 0);
	loop_turn(loop, 1);
	assert_int_equal(seen.connected, 1);
	assert_int_equal(seen.err, ERR_UNREACHABLE);
	loop_free(loop);
}

static void
a_connect_that_hangs_ends_at_its_deadline(void **state)
{
	struct loop *loop = loop_new("test");
	struct sockaddr_in address;
	struct seen seen = { 0 };
	int fillers[4];
	int listener = listen_on_loopback(&address, 0);

	(void)state;
	/* A full accept queue drops further SYNs. */
	for (size_t i = 0; i < COUNT_OF(fillers); i++) {
		fillers[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		(void)!connect(fillers[i], (struct sockaddr *)&address, sizeof address);
	}
	struct stream *stream = connect_to(loop, &address, &seen);
	loop_turn(loop, 10);
	assert_int_equal(seen.connected, 0);
	clock_advance(4000);
	loop_turn(loop, 1);
	assert_int_equal(seen.connected, 0);
	clock_advance(1100);
	loop_turn(loop, 1);
	assert_int_equal(seen.connected, 1);
	assert_int_equal(seen.err, ERR_TIMEOUT);
	stream_free(stream);
	for (size_t i = 0; i < COUNT_OF(fillers); i++)
		close(fillers[i]);
	close(listener);
	loop_free(loop);
}

static void
only_what_is_wanted_is_told(void **state)
{
	struct loop *loop = loop_new("test");
	struct seen seen = { 0 };
	int other;
	struct stream *stream = make_pair(loop, &seen, &other);
	char buffer[8];
	size_t size;

	(void)state;
	assert_true(stream_is_quiet(stream));
	assert_int_equal(write(other, "hi", 2), 2);
	loop_turn(loop, 1);
	assert_int_equal(seen.readable + seen.writable, 0);
	assert_false(stream_is_quiet(stream));
	stream_want(stream, true, false);
	loop_turn(loop, 20);
	assert_int_equal(seen.readable, 1);
	assert_int_equal(seen.writable, 0);
	assert_int_equal(stream_read(stream, buffer, sizeof buffer, &size), STREAM_OK);
	assert_int_equal(size, 2);
	assert_int_equal(stream_read(stream, buffer, sizeof buffer, &size), STREAM_AGAIN);
	stream_want(stream, false, true);
	loop_turn(loop, 20);
	assert_int_equal(seen.writable, 1);
	close(other);
	assert_false(stream_is_quiet(stream));
	assert_int_equal(stream_read(stream, buffer, sizeof buffer, &size), STREAM_END);
	stream_free(stream);
	loop_free(loop);
}

static void
writes_stop_when_the_peer_does_not_read(void **state)
{
	struct loop *loop = loop_new("test");
	struct seen seen = { 0 };
	int other;
	struct stream *stream = make_pair(loop, &seen, &other);
	static char data[65536];
	const struct iovec parts[2] = { { data, sizeof data }, { data, sizeof data } };
	enum stream_result result = STREAM_OK;
	size_t size;

	(void)state;
	for (int i = 0; i < 1000 && result == STREAM_OK; i++)
		result = stream_write(stream, parts, 2, &size);
	assert_int_equal(result, STREAM_AGAIN);
	assert_int_equal(size, 0);
	close(other);
	assert_int_equal(stream_write(stream, parts, 2, &size), STREAM_BROKEN);
	stream_free(stream);
	loop_free(loop);
}

static void
a_callback_may_free_its_stream(void **state)
{
	struct loop *loop = loop_new("test");
	struct seen seen = { 0 };
	int other;
	struct stream *stream = make_pair(loop, &seen, &other);

	(void)state;
	assert_int_equal(write(other, "hi", 2), 2);
	stream_want(stream, true, true);
	seen.free_me = stream;
	loop_turn(loop, 20);
	loop_turn(loop, 1);
	assert_int_equal(seen.readable + seen.writable, 1);
	close(other);
	loop_free(loop);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_connect_is_told_once_and_not_at_once),
		cmocka_unit_test(a_refused_connect_is_unreachable),
		cmocka_unit_test(an_impossible_address_fails_in_a_later_turn),
		cmocka_unit_test(a_connect_that_hangs_ends_at_its_deadline),
		cmocka_unit_test(only_what_is_wanted_is_told),
		cmocka_unit_test(writes_stop_when_the_peer_does_not_read),
		cmocka_unit_test(a_callback_may_free_its_stream),
	};
	clock_enable_test();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
