/* What the clients of the benchmark share. All of it ends the program when it cannot. */
#ifndef TESTS_BENCH_CLIENT_H
#define TESTS_BENCH_CLIENT_H

#include <stddef.h>
#include <stdint.h>

#define CLIENT_REQUEST_MAX     16384
#define CLIENT_CONNECTIONS_MAX 1024

struct client_request {
	char bytes[CLIENT_REQUEST_MAX];
	size_t size;
};

_Noreturn void client_die(const char *format, ...) __attribute__((format(printf, 1, 2)));
int64_t client_now_ns(void); /* monotonic */
/* Between 1 and `most`. */
long client_number(const char *text, long most);
/* A blocking connection to this port of the loopback, without Nagle. */
int client_connect(long port);
/* Everything on standard input. */
void client_read_request(struct client_request *request);
void client_send(int fd, const void *bytes, size_t size);

#endif
