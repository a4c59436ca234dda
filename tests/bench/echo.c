/* Counts the messages that go through a WebSocket and come back, as fast as they can.
 *
 * usage: echo PORT SECONDS CONNECTIONS BYTES <upgrade-request
 *
 * Each connection has one text message of BYTES under way. Prints how many came back. */
#include "tests/bench/client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#define MESSAGE_MAX 60000

struct connection {
	int fd;
	size_t left; /* of the message that comes back, its head counted */
};

struct echo {
	struct connection connections[CLIENT_CONNECTIONS_MAX];
	struct client_request request;
	unsigned char message[8 + MESSAGE_MAX];
	size_t message_size, answer_size; /* with frame heads; a client's has a mask */
	int epoll;
	long count;
};

/* A masked text frame with a 16-bit length; the mask is zero, so the payload stays. */
static void
make_message(struct echo *echo, size_t size)
{
	unsigned char head[8] = { 0x81, 0x80 | 126, (unsigned char)(size >> 8),
		(unsigned char)size };

	memcpy(echo->message, head, sizeof head);
	memset(echo->message + sizeof head, 'm', size);
	echo->message_size = sizeof head + size;
	echo->answer_size = 4 + size;
}

static void
upgrade(struct echo *echo, int fd)
{
	char answer[4096];
	size_t size = 0;

	client_send(fd, echo->request.bytes, echo->request.size);
	do {
		ssize_t got = recv(fd, answer + size, sizeof answer - 1 - size, 0);
		if (got <= 0)
			client_die("no answer to the upgrade");
		size += (size_t)got;
		answer[size] = '\0';
	} while (strstr(answer, "\r\n\r\n") == NULL);
	if (strncmp(answer, "HTTP/1.1 101 ", 13) != 0)
		client_die("answer to the upgrade: %.40s", answer);
}

static void
send_message(struct echo *echo, struct connection *connection)
{
	connection->left = echo->answer_size;
	client_send(connection->fd, echo->message, echo->message_size);
}

static void
on_readable(struct echo *echo, struct connection *connection)
{
	char rest[4 + MESSAGE_MAX];
	ssize_t size = recv(connection->fd, rest, connection->left, 0);

	if (size <= 0)
		client_die("a tunnel ended");
	connection->left -= (size_t)size;
	if (connection->left > 0)
		return;
	echo->count++;
	send_message(echo, connection);
}

static void
connect_all(struct echo *echo, long port, long count)
{
	for (long i = 0; i < count; i++) {
		struct connection *connection = &echo->connections[i];
		struct epoll_event event = { .events = EPOLLIN, .data.ptr = connection };
		connection->fd = client_connect(port);
		upgrade(echo, connection->fd);
		epoll_ctl(echo->epoll, EPOLL_CTL_ADD, connection->fd, &event);
	}
	for (long i = 0; i < count; i++)
		send_message(echo, &echo->connections[i]);
}

int
main(int argc, char **argv)
{
	struct echo *echo = calloc(1, sizeof *echo);
	struct epoll_event events[64];
	int64_t end;

	if (argc != 5 || echo == NULL)
		client_die("usage: echo PORT SECONDS CONNECTIONS BYTES <upgrade-request");
	make_message(echo, (size_t)client_number(argv[4], MESSAGE_MAX));
	client_read_request(&echo->request);
	echo->epoll = epoll_create1(EPOLL_CLOEXEC);
	connect_all(echo, client_number(argv[1], 65535),
		client_number(argv[3], CLIENT_CONNECTIONS_MAX));
	end = client_now_ns() + client_number(argv[2], 3600) * INT64_C(1000000000);
	while (client_now_ns() < end) {
		int count = epoll_wait(echo->epoll, events, 64, 1000);
		for (int i = 0; i < count; i++)
			on_readable(echo, events[i].data.ptr);
	}
	printf("%ld\n", echo->count);
	free(echo);
	return 0;
}
