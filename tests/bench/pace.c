/* Asks an HTTP server at a constant rate and says how long each answer took.
 *
 * usage: pace PORT RATE SECONDS CONNECTIONS <request
 *
 * The loop is open: requests are due at fixed moments whatever becomes of those before, and
 * a latency counts from when its request was due, so that waiting for a free connection, or
 * for this program to wake up, is part of it ("coordinated omission" is not possible).
 * Prints one latency in microseconds per line, in the order of the answers. Answers must be
 * 200 and have a Content-Length. */
#include "tests/bench/client.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/timerfd.h>

#define SECOND_NS INT64_C(1000000000)
#define START_NS  (SECOND_NS / 100)
#define DRAIN_NS  (2 * SECOND_NS) /* how long answers may come after the last request */
#define HEAD_MAX  16384

struct connection {
	int fd;
	bool busy;
	int64_t due_ns;      /* of the request under way */
	char head[HEAD_MAX]; /* of its answer, until it is complete */
	size_t head_size;
	int64_t body_left; /* -1 while the head is read */
};

struct pace {
	struct connection connections[CLIENT_CONNECTIONS_MAX];
	long connection_count;
	struct client_request request;
	int epoll, timer;
	int64_t start_ns, interval_ns;
	int64_t total, sent, answered;
};

static void
connect_all(struct pace *pace, long port)
{
	for (long i = 0; i < pace->connection_count; i++) {
		struct connection *connection = &pace->connections[i];
		struct epoll_event event = { .events = EPOLLIN, .data.ptr = connection };
		connection->fd = client_connect(port);
		epoll_ctl(pace->epoll, EPOLL_CTL_ADD, connection->fd, &event);
	}
}

static void
send_request(struct pace *pace, struct connection *connection)
{
	connection->due_ns = pace->start_ns + pace->sent * pace->interval_ns;
	connection->busy = true;
	connection->head_size = 0;
	connection->body_left = -1;
	pace->sent++;
	client_send(connection->fd, pace->request.bytes, pace->request.size);
}

/* What is due goes out on the connections that are free; the rest waits for one. */
static void
send_due(struct pace *pace)
{
	int64_t due = (client_now_ns() - pace->start_ns) / pace->interval_ns + 1;

	if (due > pace->total)
		due = pace->total;
	for (long i = 0; i < pace->connection_count && pace->sent < due; i++) {
		if (!pace->connections[i].busy)
			send_request(pace, &pace->connections[i]);
	}
}

static void
set_timer(struct pace *pace)
{
	int64_t due = pace->start_ns + pace->sent * pace->interval_ns;
	struct itimerspec at = { .it_value = { due / SECOND_NS, due % SECOND_NS } };

	timerfd_settime(pace->timer, TFD_TIMER_ABSTIME, &at, NULL);
}

static void
read_head(struct connection *connection)
{
	char *end, *length;

	connection->head[connection->head_size] = '\0';
	end = strstr(connection->head, "\r\n\r\n");
	if (end == NULL)
		return;
	if (strncmp(connection->head, "HTTP/1.1 200 ", 13) != 0)
		client_die("answer: %.40s", connection->head);
	length = strcasestr(connection->head, "\r\ncontent-length:");
	if (length == NULL || length > end)
		client_die("an answer without length");
	connection->body_left = strtoll(length + 17, NULL, 10) -
				(connection->head + connection->head_size - end - 4);
}

static void
on_readable(struct pace *pace, struct connection *connection)
{
	char rest[65536];
	ssize_t size;

	if (connection->body_left < 0)
		size = recv(connection->fd, connection->head + connection->head_size,
			HEAD_MAX - 1 - connection->head_size, 0);
	else
		size = recv(connection->fd, rest, sizeof rest, 0);
	if (size <= 0 || !connection->busy)
		client_die("the connection ended");
	if (connection->body_left >= 0) {
		connection->body_left -= size;
	} else {
		connection->head_size += (size_t)size;
		read_head(connection);
	}
	if (connection->body_left != 0)
		return;
	connection->busy = false;
	pace->answered++;
	printf("%.1f\n", (double)(client_now_ns() - connection->due_ns) / 1000);
}

static void
run(struct pace *pace)
{
	int64_t end = pace->start_ns + pace->total * pace->interval_ns + DRAIN_NS;
	struct epoll_event events[64];

	while (pace->answered < pace->total) {
		if (client_now_ns() > end)
			client_die("%lld requests are without an answer",
				(long long)(pace->total - pace->answered));
		set_timer(pace);
		int count = epoll_wait(pace->epoll, events, 64, 100);
		for (int i = 0; i < count; i++) {
			if (events[i].data.ptr != NULL)
				on_readable(pace, events[i].data.ptr);
		}
		send_due(pace);
	}
}

int
main(int argc, char **argv)
{
	struct pace *pace = calloc(1, sizeof *pace);
	struct epoll_event event = { .events = EPOLLIN };

	if (argc != 5 || pace == NULL)
		client_die("usage: pace PORT RATE SECONDS CONNECTIONS <request");
	pace->interval_ns = SECOND_NS / client_number(argv[2], 1000000);
	pace->total = client_number(argv[3], 3600) * SECOND_NS / pace->interval_ns;
	pace->connection_count = client_number(argv[4], CLIENT_CONNECTIONS_MAX);
	client_read_request(&pace->request);
	prctl(PR_SET_TIMERSLACK, 1);
	pace->epoll = epoll_create1(EPOLL_CLOEXEC);
	pace->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	epoll_ctl(pace->epoll, EPOLL_CTL_ADD, pace->timer, &event);
	connect_all(pace, client_number(argv[1], 65535));
	pace->start_ns = client_now_ns() + START_NS;
	run(pace);
	free(pace);
	return 0;
}
