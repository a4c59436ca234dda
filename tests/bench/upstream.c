/* What static files of nginx cannot be: a WebSocket that sends back each message, and an
 * answer without length that never ends. One thread per connection.
 *
 * usage: upstream PORT
 *
 * A request with an upgrade becomes an echo (unfragmented messages under 64 KB; the answer
 * to its key is not computed), every other an endless chunked body. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define HEAD_MAX    16384
#define MESSAGE_MAX 65535
#define CHUNK       16384
#define STACK_BYTES (256 * 1024)

static bool
send_all(int fd, const void *data, size_t size)
{
	const char *from = data;

	while (size > 0) {
		ssize_t sent = send(fd, from, size, MSG_NOSIGNAL);
		if (sent <= 0)
			return false;
		from += sent;
		size -= (size_t)sent;
	}
	return true;
}

static bool
receive_all(int fd, void *data, size_t size)
{
	return recv(fd, data, size, MSG_WAITALL) == (ssize_t)size;
}

/* Clients wait for the answer, so nothing follows the head. */
static bool
receive_head(int fd, char *head)
{
	size_t size = 0;

	while (size < HEAD_MAX - 1) {
		ssize_t got = recv(fd, head + size, HEAD_MAX - 1 - size, 0);
		if (got <= 0)
			return false;
		size += (size_t)got;
		head[size] = '\0';
		if (strstr(head, "\r\n\r\n") != NULL)
			return true;
	}
	return false;
}

/* One message from the client, and the same without its mask back. */
static bool
echo_message(int fd, unsigned char *frame)
{
	unsigned char head[8]; /* two bytes, perhaps two of length, four of mask */
	size_t size, head_size, out = 2;

	if (!receive_all(fd, head, 2))
		return false;
	size = head[1] & 0x7f;
	head_size = size == 126 ? 8 : 6;
	if (size == 127 || (head[0] & 0x0f) == 8 ||
		!receive_all(fd, head + 2, head_size - 2))
		return false;
	frame[0] = head[0];
	frame[1] = (unsigned char)size;
	if (size == 126) {
		size = (size_t)(head[2] << 8 | head[3]);
		memcpy(frame + 2, head + 2, 2);
		out = 4;
	}
	if (!receive_all(fd, frame + out, size))
		return false;
	for (size_t i = 0; i < size; i++)
		frame[out + i] ^= head[head_size - 4 + i % 4];
	return send_all(fd, frame, out + size);
}

static void
serve_echo(int fd)
{
	static const char answer[] =
		"HTTP/1.1 101 Switching Protocols\r\n"
		"Upgrade: websocket\r\nConnection: Upgrade\r\n"
		"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
		"\r\n";
	unsigned char *frame = malloc(4 + MESSAGE_MAX);

	if (frame == NULL || !send_all(fd, answer, sizeof answer - 1))
		goto out;
	while (echo_message(fd, frame))
		;
out:
	free(frame);
}

static void
serve_endless(int fd)
{
	static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Type: audio/mpeg\r\n"
				     "Transfer-Encoding: chunked\r\n\r\n";
	char chunk[6 + CHUNK + 2];

	memcpy(chunk, "4000\r\n", 6);
	memset(chunk + 6, 'x', CHUNK);
	memcpy(chunk + 6 + CHUNK, "\r\n", 2);
	if (!send_all(fd, answer, sizeof answer - 1))
		return;
	while (send_all(fd, chunk, sizeof chunk))
		;
}

static void *
serve(void *arg)
{
	int fd = (int)(intptr_t)arg;
	char head[HEAD_MAX];

	if (receive_head(fd, head)) {
		if (strcasestr(head, "\r\nupgrade:") != NULL)
			serve_echo(fd);
		else
			serve_endless(fd);
	}
	close(fd);
	return NULL;
}

static int
listen_on(long port)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int yes = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
	if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0 ||
		listen(fd, 4096) != 0) {
		perror("upstream");
		exit(1);
	}
	return fd;
}

int
main(int argc, char **argv)
{
	pthread_attr_t attributes;
	int listener;

	if (argc != 2) {
		fputs("usage: upstream PORT\n", stderr);
		return 1;
	}
	listener = listen_on(strtol(argv[1], NULL, 10));
	pthread_attr_init(&attributes);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attributes, STACK_BYTES);
	for (;;) {
		pthread_t thread;
		int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		if (fd >= 0 && pthread_create(&thread, &attributes, serve,
				       (void *)(intptr_t)fd) != 0)
			close(fd);
	}
}
