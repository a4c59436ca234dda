/* A real server with a relay worker on loopback, and both of its neighbours played by the
 * test over raw sockets in the same thread: a test reads as a conversation of three.
 */
#ifndef TESTS_UNIT_PROXY_HARNESS_H
#define TESTS_UNIT_PROXY_HARNESS_H

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/clock.h"
#include "core/http_server.h"
#include "core/log.h"
#include "core/loop.h"
#include "proxy/fetch.h"
#include "proxy/metrics.h"
#include "proxy/relay.h"

enum {
	TURNS = 3000,
	PATIENCE_MS = 10000,
	SILENCE_MS = 60000,
	CONNECT_MS = 5000,
	STALL_MS = 30000,
	HARNESS_WAITING = 64,
};

/* When to give up: however slow the machine, and however short its turns. */
static inline int64_t
wait_end_ms(void)
{
	return clock_now_ms() + PATIENCE_MS;
}

/* One end of a connection, played by the test. */
struct peer {
	int fd;
	struct text data; /* everything heard, always terminated */
	bool ended;
	bool reset;
};

struct harness {
	struct loop *loop;
	struct http_server_shared shared;
	struct http_server *server;
	struct relay_worker *worker;
	uint16_t port;
	struct sockaddr_in jellyfin; /* port 0: nobody knows where it is */
	int listener;                /* Jellyfin's */
	/* What to do with an exchange; NULL: relay it, watched. */
	void (*on_exchange)(struct harness *harness, struct exchange *exchange);
	int answered, done, complete, status;
	struct exchange_summary last;
	struct splice_budget pipes;
	struct upstream_cap *cap;
	void *extra;
};

/* ---- peers ---- */

static inline struct peer *
peer_new(int take_fd)
{
	struct peer *peer = xcalloc(1, sizeof *peer);

	assert_true(take_fd >= 0);
	fcntl(take_fd, F_SETFL, O_NONBLOCK);
	peer->fd = take_fd;
	text_init(&peer->data);
	text_add(&peer->data, "");
	return peer;
}

static inline void
peer_free(struct peer *peer)
{
	if (peer->fd >= 0)
		close(peer->fd);
	text_fini(&peer->data);
	xfree(peer);
}

static inline struct peer *
dial_with(struct harness *harness, int receive_bytes)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons(harness->port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (receive_bytes > 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_bytes, sizeof receive_bytes);
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
	return peer_new(fd);
}

static inline struct peer *
dial(struct harness *harness)
{
	return dial_with(harness, 0);
}

/* The kernel takes little in front of this client. */
static inline struct peer *
dial_slowly(struct harness *harness)
{
	return dial_with(harness, 65536);
}

/* The next connection that Jellyfin gets. */
static inline struct peer *
answer_call(struct harness *harness)
{
	for (int64_t end_ms = wait_end_ms(); clock_now_ms() < end_ms;) {
		int fd = accept(harness->listener, NULL, NULL);
		if (fd >= 0)
			return peer_new(fd);
		loop_turn(harness->loop, 1);
	}
	fail_msg("Jellyfin was not called");
	return NULL;
}

static inline void
expect_no_call(struct harness *harness)
{
	for (int turn = 0; turn < 20; turn++)
		loop_turn(harness->loop, 1);
	assert_int_equal(accept(harness->listener, NULL, NULL), -1);
}

static inline void
say_bytes(struct harness *harness, struct peer *peer, const void *data, size_t size)
{
	const char *at = data;

	for (int64_t end_ms = wait_end_ms(); size > 0 && clock_now_ms() < end_ms;) {
		ssize_t sent = send(peer->fd, at, size, MSG_NOSIGNAL);
		if (sent > 0) {
			at += sent;
			size -= (size_t)sent;
		}
		loop_turn(harness->loop, 0);
	}
	assert_int_equal(size, 0);
}

static inline void
say(struct harness *harness, struct peer *peer, const char *text)
{
	say_bytes(harness, peer, text, strlen(text));
}

static inline void
hear(struct peer *peer)
{
	ssize_t got;

	do {
		char *to = text_reserve(&peer->data, 65536);
		got = recv(peer->fd, to, 65536, 0);
		if (got > 0)
			peer->data.size += (size_t)got;
		if (got == 0)
			peer->ended = true;
		if (got < 0 && errno != EAGAIN)
			peer->ended = peer->reset = true;
	} while (got > 0);
	peer->data.data[peer->data.size] = '\0';
}

static inline void
forget(struct peer *peer)
{
	text_clear(&peer->data);
}

/* Turns the loop until the peer has heard `text`. */
static inline void
expect(struct harness *harness, struct peer *peer, const char *text)
{
	for (int64_t end_ms = wait_end_ms(); clock_now_ms() < end_ms;) {
		hear(peer);
		if (strstr(peer->data.data, text) != NULL)
			return;
		loop_turn(harness->loop, 1);
	}
	fail_msg("no \"%s\" in \"%s\"", text, peer->data.data);
}

static inline void
expect_size(struct harness *harness, struct peer *peer, size_t size)
{
	for (int64_t end_ms = wait_end_ms();
		peer->data.size < size && clock_now_ms() < end_ms;) {
		hear(peer);
		loop_turn(harness->loop, 0);
	}
	assert_int_equal(peer->data.size, size);
}

static inline void
expect_end(struct harness *harness, struct peer *peer)
{
	for (int64_t end_ms = wait_end_ms(); !peer->ended && clock_now_ms() < end_ms;) {
		hear(peer);
		loop_turn(harness->loop, 1);
	}
	assert_true(peer->ended);
}

static inline void
expect_count(struct harness *harness, const int *count, int wanted)
{
	for (int64_t end_ms = wait_end_ms(); *count < wanted && clock_now_ms() < end_ms;)
		loop_turn(harness->loop, 1);
	assert_int_equal(*count, wanted);
}

static inline void
turn_often(struct harness *harness)
{
	for (int turn = 0; turn < 60; turn++)
		loop_turn(harness->loop, 1);
}

static inline void
hang_up(struct peer *peer)
{
	close(peer->fd);
	peer->fd = -1;
}

/* With RST. */
static inline void
slam(struct peer *peer)
{
	const struct linger now = { .l_onoff = 1, .l_linger = 0 };

	setsockopt(peer->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
	hang_up(peer);
}

/* ---- the middle ---- */

static inline void
harness_on_answered(void *arg, int status)
{
	struct harness *harness = arg;

	harness->answered++;
	harness->status = status;
}

static inline void
harness_on_done(void *arg, int status, bool complete)
{
	struct harness *harness = arg;

	harness->done++;
	harness->complete += complete;
	harness->status = status;
}

static inline void
harness_on_exchange(void *arg, struct exchange *exchange)
{
	struct harness *harness = arg;
	const struct relay_watch watch = { harness_on_answered, harness_on_done, harness };

	if (harness->on_exchange != NULL)
		harness->on_exchange(harness, exchange);
	else
		relay_start(harness->worker, exchange, &watch);
}

static inline void
harness_on_summary(void *arg, const struct exchange_summary *summary)
{
	struct harness *harness = arg;

	harness->last = *summary;
}

static inline bool
harness_address(void *arg, struct sockaddr_storage *address)
{
	struct harness *harness = arg;

	memset(address, 0, sizeof *address);
	memcpy(address, &harness->jellyfin, sizeof harness->jellyfin);
	return harness->jellyfin.sin_port != 0;
}

static inline void
harness_listen(struct harness *harness)
{
	socklen_t size = sizeof harness->jellyfin;

	harness->jellyfin = (struct sockaddr_in){ .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	harness->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	assert_int_equal(bind(harness->listener, (struct sockaddr *)&harness->jellyfin,
				 sizeof harness->jellyfin),
		0);
	assert_int_equal(listen(harness->listener, 16), 0);
	getsockname(harness->listener, (struct sockaddr *)&harness->jellyfin, &size);
}

/* `connections`: the cap on those to Jellyfin; `pipes` 0: everything is copied. */
static inline struct harness *
harness_new(size_t connections, unsigned pipes)
{
	static const struct http_limits limits = {
		.body_bytes = 32 * 1024 * 1024,
		.buffered_bytes = 64 * 1024 * 1024,
		.header_timeout_ms = 15000,
		.idle_timeout_ms = 3600000,
		.write_stall_ms = STALL_MS,
		.connections = 64,
	};
	struct harness *harness = xcalloc(1, sizeof *harness);
	char why[128];

	signal(SIGPIPE, SIG_IGN);
	clock_enable_test();
	log_set_level(LOG_LEVEL_ERROR);
	harness->loop = loop_new("test");
	loop_adopt(harness->loop);
	harness_listen(harness);
	atomic_init(&harness->pipes.left, pipes);
	harness->cap = upstream_cap_new(connections, HARNESS_WAITING);
	const struct relay_options options = {
		.target = { .base = "/jf", .authority = "media.example" },
		.address = harness_address,
		.address_arg = harness,
		.upstream_idle = 4,
		.upstream_cap = harness->cap,
		.upstream_connect_ms = CONNECT_MS,
		.upstream_silence_ms = SILENCE_MS,
		.pipes = &harness->pipes,
	};
	harness->worker = relay_worker_new(harness->loop, &options);
	harness->server = http_server_new(
		harness->loop, &limits, &harness->shared, harness_on_exchange, harness);
	http_server_on_done(harness->server, harness_on_summary, harness);
	assert_true(http_server_listen(
		harness->server, "127.0.0.1", &harness->port, why, sizeof why));
	return harness;
}

static inline void
harness_free(struct harness *harness)
{
	http_server_free(harness->server);
	relay_worker_free(harness->worker);
	loop_turn(harness->loop, 0);
	assert_int_equal(metric_read(&proxy_metric_upstream_connections, METRIC_GAUGE), 0);
	assert_int_equal(metric_read(&proxy_metric_upstream_idle, METRIC_GAUGE), 0);
	assert_int_equal(metric_read(&proxy_metric_tunnels, METRIC_GAUGE), 0);
	loop_free(harness->loop);
	upstream_cap_free(harness->cap);
	close(harness->listener);
	xfree(harness);
}

#endif
