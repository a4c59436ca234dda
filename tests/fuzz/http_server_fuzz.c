/* Foreign bytes through a whole server: evhttp's parser, the watch on its buffers, the
 * checks, and exchanges that end in every way. The first byte chooses how exchanges answer
 * and how the rest is cut into pieces. Whatever arrives, exchanges see only requests that
 * pass the checks, and nothing is left over.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/http_check.h"
#include "core/http_server.h"
#include "core/log.h"
#include "core/loop.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ANSWERS = 5, TURNS = 64 };

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
on_exchange(void *arg, struct exchange *exchange)
{
	static const struct exchange_owner owner = { .gone = on_gone };
	struct fuzz *fuzz = arg;
	size_t size;
	const char *body = exchange_body(exchange, &size);

	if (http_check(exchange_request(exchange), 1) != NULL || size > 1024 ||
		fuzz->held != NULL)
		__builtin_trap();
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
	default:
		fuzz->held = exchange;
		exchange_own(exchange, &owner, fuzz);
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

	fuzz->held = NULL;
	if (exchange != NULL)
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
	loop_turn(fuzz->loop, 0);
	close(fd);
	for (int turn = 0; turn < TURNS && fuzz->shared.connections > 0; turn++)
		loop_turn(fuzz->loop, 1);
	if (fuzz->shared.connections != 0 || fuzz->shared.buffered_bytes != 0 ||
		http_server_exchange_count(fuzz->server) != 0)
		__builtin_trap();
	return 0;
}
