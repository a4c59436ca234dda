#include "api/health_check.h"

#include <netdb.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "core/settings.h"

static int
open_connection(const char *address, uint16_t port)
{
	const struct timeval patience = { 3, 0 };
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV };
	struct addrinfo *found;
	char service[8];
	int fd = -1;

	snprintf(service, sizeof service, "%u", (unsigned)port);
	if (getaddrinfo(address, service, &hints, &found) != 0)
		return -1;
	fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0) {
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
		setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
		if (connect(fd, found->ai_addr, found->ai_addrlen) != 0) {
			close(fd);
			fd = -1;
		}
	}
	freeaddrinfo(found);
	return fd;
}

int
health_check_run(const char *listen_at)
{
	static const char request[] = "GET /sidetrack/health/live HTTP/1.1\r\n"
				      "Host: localhost\r\nConnection: close\r\n\r\n";
	char address[256], why[128], answer[64] = "";
	uint16_t port;

	if (!settings_parse_listen(
		    listen_at, address, sizeof address, &port, why, sizeof why))
		return 1;
	/* Listening everywhere means listening on loopback too. */
	if (strcmp(address, "0.0.0.0") == 0)
		copy_text(address, sizeof address, "127.0.0.1");
	else if (strcmp(address, "::") == 0)
		copy_text(address, sizeof address, "::1");
	int fd = open_connection(address, port);
	if (fd < 0)
		return 1;
	bool healthy = send(fd, request, sizeof request - 1, MSG_NOSIGNAL) > 0 &&
		       recv(fd, answer, sizeof answer - 1, 0) > 0 &&
		       strncmp(answer, "HTTP/1.1 200", 12) == 0;
	close(fd);
	return healthy ? 0 : 1;
}
