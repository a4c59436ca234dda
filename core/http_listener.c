#include "core/http_listener.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/http_server.h"
#include "core/log.h"
#include "core/loop.h"

enum {
	LISTENER_MAGIC = 0x115712ea,
	BACKLOG = 1024,
	ACCEPTS_PER_TURN = 64, /* then those that are connected have their turn */
	REST_MS = 250,         /* when no descriptor is free */
	SHORT_REST_MS = 1,     /* when some have just become free */
};

struct http_listener {
	unsigned magic;
	int fd; /* -1: freed */
	struct loop *loop;
	const struct http_listener_owner *owner;
	void *arg;
	struct event readable;
	struct timer rest;
	bool paused;
};

/* ---- accepting ---- */

static void
watch(struct http_listener *listener)
{
	if (listener->fd < 0)
		return;
	if (listener->paused || timer_is_started(&listener->rest))
		event_del(&listener->readable);
	else
		event_add(&listener->readable, NULL);
}

static void
on_rest_over(void *arg)
{
	watch(CAST(arg, LISTENER_MAGIC));
}

/* Others concern only the client that was about to connect. */
static bool
is_starved(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

static void
rest(struct http_listener *listener, int error)
{
	bool freed = listener->owner->starved(listener->arg);

	timer_start(&listener->rest, freed ? SHORT_REST_MS : REST_MS);
	watch(listener);
	log_warn_limited("accept_failed", LOG_TEXT("why", strerror(error)));
}

static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct http_listener *listener = CAST(arg, LISTENER_MAGIC);

	(void)fd;
	(void)what;
	for (int i = 0; i < ACCEPTS_PER_TURN && listener->fd >= 0 && !listener->paused;
		i++) {
		struct sockaddr_storage address;
		socklen_t size = sizeof address;
		int client = accept4(listener->fd, (struct sockaddr *)&address, &size,
			SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (client >= 0) {
			listener->owner->accepted(
				listener->arg, client, (struct sockaddr *)&address);
		} else if (errno == EAGAIN) {
			return;
		} else if (is_starved(errno)) {
			/* Said before the kernel looks whether somebody waits: after a
			 * success the next turn tells. */
			if (i == 0)
				rest(listener, errno);
			return;
		}
	}
}

void
http_listener_pause(struct http_listener *listener, bool pause)
{
	if (listener->paused == pause)
		return;
	listener->paused = pause;
	watch(listener);
}

/* ---- the socket ---- */

/* "127.0.0.1", "::", "[::1]" */
static bool
parse_address(
	const char *address, uint16_t port, struct sockaddr_storage *to, socklen_t *size)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)to;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)to;
	char plain[INET6_ADDRSTRLEN + 2];
	size_t length = strlen(address);

	*to = (struct sockaddr_storage){ 0 };
	if (length >= sizeof plain)
		return false;
	if (length > 2 && address[0] == '[' && address[length - 1] == ']')
		snprintf(plain, sizeof plain, "%.*s", (int)(length - 2), address + 1);
	else
		snprintf(plain, sizeof plain, "%s", address);
	if (inet_pton(AF_INET, plain, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(port);
		*size = sizeof *v4;
		return true;
	}
	v6->sin6_family = AF_INET6;
	v6->sin6_port = htons(port);
	*size = sizeof *v6;
	return inet_pton(AF_INET6, plain, &v6->sin6_addr) == 1;
}

static uint16_t
bound_port(int fd)
{
	struct sockaddr_storage address;
	socklen_t size = sizeof address;

	if (getsockname(fd, (struct sockaddr *)&address, &size) != 0)
		return 0;
	if (address.ss_family == AF_INET6)
		return ntohs(((struct sockaddr_in6 *)&address)->sin6_port);
	return ntohs(((struct sockaddr_in *)&address)->sin_port);
}

bool
http_server_port_is_free(const char *address, uint16_t port, char *why, size_t why_size)
{
	struct sockaddr_storage to;
	socklen_t size;
	int one = 1;

	if (port == 0 || !parse_address(address, port, &to, &size))
		return true;
	int fd = socket(to.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return true;
	bool taken = setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) == 0 &&
		     bind(fd, (struct sockaddr *)&to, size) != 0 && errno == EADDRINUSE;
	close(fd);
	if (taken)
		snprintf(why, why_size, "cannot listen on %s port %u: %s", address,
			(unsigned)port, strerror(EADDRINUSE));
	return !taken;
}

static bool
is_loopback(const struct sockaddr_storage *address)
{
	if (address->ss_family == AF_INET6)
		return IN6_IS_ADDR_LOOPBACK(
			&((const struct sockaddr_in6 *)address)->sin6_addr);
	uint32_t v4 = ntohl(((const struct sockaddr_in *)address)->sin_addr.s_addr);
	return v4 >> 24 == IN_LOOPBACKNET;
}

/* Towards a front proxy on this host there is no path to be gentle with. Where the system
 * runs BBR, its timer for every segment would be most of the CPU time of a long answer.
 * Accepted sockets inherit the choice. */
static void
stop_pacing(int fd)
{
	static const char unpaced[] = "reno"; /* every kernel has it and lets anybody */

	(void)setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, unpaced, sizeof unpaced - 1);
}

/* -1: errno says why. */
static int
open_socket(const struct sockaddr_storage *address, socklen_t size)
{
	int one = 1;
	int fd = socket(address->ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	if (is_loopback(address))
		stop_pacing(fd);
	/* Accepted sockets inherit TCP_NODELAY. */
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) == 0 &&
		setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one) == 0 &&
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) == 0 &&
		bind(fd, (const struct sockaddr *)address, size) == 0 &&
		listen(fd, BACKLOG) == 0)
		return fd;
	int error = errno;
	close(fd);
	errno = error;
	return -1;
}

/* ---- life ---- */

struct http_listener *
http_listener_new(struct loop *loop, const char *address, uint16_t *port,
	const struct http_listener_owner *owner, void *arg, char *why, size_t why_size)
{
	struct sockaddr_storage to;
	socklen_t size;

	if (!parse_address(address, *port, &to, &size)) {
		snprintf(why, why_size, "%s is not a numeric address", address);
		return NULL;
	}
	int fd = open_socket(&to, size);
	if (fd < 0) {
		snprintf(why, why_size, "cannot listen on %s port %u: %s", address,
			(unsigned)*port, strerror(errno));
		return NULL;
	}
	struct http_listener *listener = xcalloc(1, sizeof *listener);
	listener->magic = LISTENER_MAGIC;
	listener->fd = fd;
	listener->loop = loop;
	listener->owner = owner;
	listener->arg = arg;
	timer_init(&listener->rest, loop, on_rest_over, listener);
	event_assign(&listener->readable, loop_base(loop), fd, EV_READ | EV_PERSIST,
		on_readable, listener);
	watch(listener);
	*port = bound_port(fd);
	return listener;
}

static void
free_memory(void *arg)
{
	struct http_listener *listener = CAST(arg, LISTENER_MAGIC);

	listener->magic = 0;
	xfree(listener);
}

void
http_listener_free(struct http_listener *listener)
{
	if (listener == NULL)
		return;
	timer_stop(&listener->rest);
	event_del(&listener->readable);
	close(listener->fd);
	listener->fd = -1;
	loop_later(listener->loop, free_memory, listener);
}
