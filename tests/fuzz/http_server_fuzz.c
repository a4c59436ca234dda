/* Foreign bytes through a whole server: heads, bodies, pipelined requests, and exchanges
 * that end in every way. The first byte chooses how exchanges answer and how the rest is
 * cut into pieces. Whatever arrives, exchanges see only requests that could be sent on, and
 * nothing is left over.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/http_head.h"
#include "core/http_server.h"
#include "core/log.h"
#include "core/loop.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ANSWERS = 6, TURNS = 64 };

struct fuzz {
	struct loop *loop;
	struct http_server_shared shared;
	struct http_server *server;
	uint16_t port;
	int answer;
	struct exchange *held;
};

static void
on_gone(void *arg)
{
	struct fuzz *fuzz = arg;

	fuzz->held = NULL;
}

static void
on_input(void *arg, const char *data, size_t size)
{
	struct fuzz *fuzz = arg;

	if (fuzz->held == NULL || size == 0)
		__builtin_trap();
	exchange_send_raw(fuzz->held, 0, NULL, 0, data, size);
	if (data[0] != '!')
		return;
	exchange_finish(fuzz->held, false);
	fuzz->held = NULL;
}

static void
check_request(const struct http_request *request)
{
	if (request->target[0] != '/' && strcmp(request->target, "*") != 0)
		__builtin_trap();
	for (size_t i = 0; i < request->header_count; i++) {
		if (!http_is_token(slice_of(request->headers[i].name)) ||
			strpbrk(request->headers[i].value, "\r\n") != NULL)
			__builtin_trap();
	}
}

static void
on_exchange(void *arg, struct exchange *exchange)
{
	static const struct exchange_owner owner = { .gone = on_gone, .input = on_input };
	struct fuzz *fuzz = arg;
	size_t size;
	const char *body = exchange_body(exchange, &size);

	if (size > 1024 || fuzz->held != NULL)
		__builtin_trap();
	check_request(exchange_request(exchange));
	exchange_query(exchange);
	switch (fuzz->answer) {
	case 0:
		exchange_reply(exchange, 200, "text/plain", body, size);
		break;
	case 1:
		exchange_begin(exchange, 200, NULL, 0, -1);
		exchange_write(exchange, body, size);
		exchange_finish(exchange, false);
		break;
	case 2:
		exchange_abort(exchange, size > 0);
		break;
	case 3:
		exchange_reply_error(exchange, 404, "not_found", "No.");
		break;
	case 4:
		fuzz->held = exchange;
		exchange_own(exchange, &owner, fuzz);
		break;
	default:
		fuzz->held = exchange;
		exchange_own(exchange, &owner, fuzz);
		exchange_tunnel(exchange);
		break;
	}
}

static struct fuzz *
start(void)
{
	static const struct http_limits limits = {
		.body_bytes = 1024,
		.buffered_bytes = 1024 * 1024,
		.header_timeout_ms = 60000,
		.idle_timeout_ms = 60000,
		.write_stall_ms = 60000,
		.connections = 16,
	};
	struct fuzz *fuzz = xcalloc(1, sizeof *fuzz);
	char why[128];

	signal(SIGPIPE, SIG_IGN);
	clock_enable_test();
	log_set_level(LOG_LEVEL_ERROR);
	fuzz->loop = loop_new("fuzz");
	loop_adopt(fuzz->loop);
	fuzz->server =
		http_server_new(fuzz->loop, &limits, &fuzz->shared, on_exchange, fuzz);
	if (!http_server_listen(fuzz->server, "127.0.0.1", &fuzz->port, why, sizeof why))
		__builtin_trap();
	return fuzz;
}

static int
dial(const struct fuzz *fuzz)
{
	const struct linger at_once = { 1, 0 }; /* no port stays in TIME_WAIT */
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons(fuzz->port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to) != 0) {
		close(fd);
		return -1;
	}
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	return fd;
}

static void
answer_held(struct fuzz *fuzz)
{
	struct exchange *exchange = fuzz->held;

	if (exchange == NULL || fuzz->answer != 4)
		return;
	fuzz->held = NULL;
	exchange_reply(exchange, 200, NULL, "late", 4);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct fuzz *fuzz;

	if (size < 2)
		return 0;
	if (fuzz == NULL)
		fuzz = start();
	fuzz->answer = data[0] % ANSWERS;
	size_t piece = data[0] / ANSWERS < 8 ? size : (size_t)data[0];
	int fd = dial(fuzz);
	if (fd < 0)
		return 0; /* out of ports for a moment, at thousands a second */
	for (size_t at = 1; at < size; at += piece) {
		size_t wanted = size - at < piece ? size - at : piece;
		if (send(fd, data + at, wanted, MSG_NOSIGNAL) < 0)
			break;
		loop_turn(fuzz->loop, 0);
		answer_held(fuzz);
	}
	if (data[0] % 16 == 15)
		shutdown(fd, SHUT_WR);
	loop_turn(fuzz->loop, 0);
	close(fd);
	for (int turn = 0; turn < TURNS && fuzz->shared.connections > 0; turn++) {
		loop_turn(fuzz->loop, 1);
		clock_advance(100); /* to the next look at a half-closed client */
	}
	if (fuzz->shared.connections != 0 || fuzz->shared.buffered_bytes != 0 ||
		http_server_exchange_count(fuzz->server) != 0)
		__builtin_trap();
	return 0;
}
