#include "proxy/splice.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proxy/metrics.h"

enum {
	KEPT_MAX = 4, /* empty pipes kept for the next piece */
	/* All bodies of a loop together may move so many pieces in a turn, and each of them
	 * one: a body alone has no need to ask the kernel after each. */
	PIECES_PER_TURN = 8,
	SKIPS_MAX = 256, /* attempts after the kernel has refused a pipe */
	/* A pipe that the kernel has made smaller is worth less than copying. */
	PIPE_LEAST_BYTES = 64 * 1024,
	/* Below the largest segment (64 KB on loopback), so that a piece is one segment. */
	PACED_PIECE_BYTES = 60 * 1024,
};

struct splice_pool {
	struct splice_budget *budget;
	unsigned open_count; /* kept or in use */
	unsigned kept_count;
	unsigned body_count;
	unsigned skips; /* how many attempts are not worth a system call */
	int kept[KEPT_MAX][2];
};

/* ---- pipes ---- */

static bool
take_of_budget(struct splice_budget *budget)
{
	unsigned left = atomic_load(&budget->left);

	while (left > 0) {
		if (atomic_compare_exchange_weak(&budget->left, &left, left - 1))
			return true;
	}
	return false;
}

static void
close_pipe(struct splice_pool *pool, const int pipe[2])
{
	close(pipe[0]);
	close(pipe[1]);
	pool->open_count--;
	metric_add(&proxy_metric_pipes, -1);
	atomic_fetch_add(&pool->budget->left, 1);
}

/* Beyond a user's share of pages the kernel makes pipes small, unless it is root's. */
static bool
grow(const int pipe[2])
{
	return fcntl(pipe[1], F_SETPIPE_SZ, (int)SPLICE_PIPE_BYTES) >= PIPE_LEAST_BYTES ||
	       fcntl(pipe[1], F_GETPIPE_SZ) >= PIPE_LEAST_BYTES;
}

static bool
open_pipe(struct splice_pool *pool, int to[2])
{
	if (pool->budget == NULL)
		return false;
	if (pool->skips > 0) {
		pool->skips--;
		return false;
	}
	if (!take_of_budget(pool->budget))
		return false;
	if (pipe2(to, O_NONBLOCK | O_CLOEXEC) != 0) {
		atomic_fetch_add(&pool->budget->left, 1);
		pool->skips = SKIPS_MAX;
		return false;
	}
	pool->open_count++;
	metric_add(&proxy_metric_pipes, 1);
	if (grow(to))
		return true;
	close_pipe(pool, to);
	pool->skips = SKIPS_MAX;
	return false;
}

static bool
has_pipe(const struct splice *body)
{
	return body->pipe[0] >= 0;
}

static bool
take_pipe(struct splice *body)
{
	struct splice_pool *pool = body->pool;

	if (has_pipe(body))
		return true;
	if (pool->kept_count > 0) {
		const int *kept = pool->kept[--pool->kept_count];
		body->pipe[0] = kept[0];
		body->pipe[1] = kept[1];
		return true;
	}
	if (open_pipe(pool, body->pipe))
		return true;
	body->pipe[0] = -1;
	return false;
}

static void
give_pipe_back(struct splice *body)
{
	struct splice_pool *pool = body->pool;

	if (!has_pipe(body))
		return;
	if (body->held > 0 || pool->kept_count == KEPT_MAX) {
		close_pipe(pool, body->pipe);
	} else {
		pool->kept[pool->kept_count][0] = body->pipe[0];
		pool->kept[pool->kept_count++][1] = body->pipe[1];
	}
	body->pipe[0] = -1;
	body->held = 0;
}

struct splice_pool *
splice_pool_new(struct splice_budget *budget)
{
	struct splice_pool *pool = xcalloc(1, sizeof *pool);

	pool->budget = budget;
	return pool;
}

void
splice_pool_free(struct splice_pool *pool)
{
	if (pool == NULL)
		return;
	while (pool->kept_count > 0)
		close_pipe(pool, pool->kept[--pool->kept_count]);
	assert(pool->open_count == 0 && pool->body_count == 0);
	xfree(pool);
}

/* ---- bodies ---- */

/* BBR spreads what it is given over time, by a timer for every segment that has to wait: on
 * fast links that costs more than the bytes. Given one segment at a time it rarely waits.
 */
static bool
is_paced(int sink)
{
	char name[16] = "";
	socklen_t size = sizeof name;

	return getsockopt(sink, IPPROTO_TCP, TCP_CONGESTION, name, &size) == 0 &&
	       strncmp(name, "bbr", 3) == 0;
}

bool
splice_open(struct splice *body, struct splice_pool *pool, int sink, uint64_t left)
{
	assert(body->pool == NULL);
	*body = (struct splice){ .pool = pool, .pipe = { -1, -1 } };
	if (!take_pipe(body)) {
		body->pool = NULL;
		return false;
	}
	pool->body_count++;
	bool paced = left > SPLICE_PIPE_BYTES && is_paced(sink);
	body->piece = paced ? PACED_PIECE_BYTES : SPLICE_PIPE_BYTES;
	return true;
}

void
splice_close(struct splice *body)
{
	if (body->pool == NULL)
		return;
	give_pipe_back(body);
	body->pool->body_count--;
	body->pool = NULL;
}

static ssize_t
move(int from, int to, size_t size)
{
	return splice(from, NULL, to, NULL, size, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
}

static bool
is_temporary(void)
{
	return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

/* Source to pipe. SPLICE_TURN: something is in the pipe. */
static enum splice_result
fill(struct splice *body, int source, uint64_t left, uint64_t *taken)
{
	size_t wanted = left < body->piece ? (size_t)left : body->piece;
	ssize_t count = move(source, body->pipe[1], wanted);

	if (count < 0 && is_temporary())
		return SPLICE_STARVED;
	if (count <= 0)
		return SPLICE_ENDED;
	body->held = (uint64_t)count;
	*taken += (uint64_t)count;
	return SPLICE_TURN;
}

/* Pipe to sink. SPLICE_TURN: the pipe is empty. */
static enum splice_result
drain(struct splice *body, int sink, uint64_t *sent)
{
	while (body->held > 0) {
		ssize_t count = move(body->pipe[0], sink, (size_t)body->held);
		if (count < 0 && is_temporary())
			return SPLICE_BLOCKED;
		if (count <= 0)
			return SPLICE_BROKEN;
		body->held -= (uint64_t)count;
		*sent += (uint64_t)count;
	}
	return SPLICE_TURN;
}

/* SPLICE_TURN: a piece has gone out. */
static enum splice_result
pump_piece(struct splice *body, int source, int sink, uint64_t left, uint64_t *taken,
	uint64_t *sent)
{
	enum splice_result result = SPLICE_TURN;

	if (body->held == 0)
		result = fill(body, source, left, taken);
	return result == SPLICE_TURN ? drain(body, sink, sent) : result;
}

enum splice_result
splice_pump(struct splice *body, int source, int sink, uint64_t left, uint64_t *taken,
	uint64_t *sent)
{
	unsigned bodies = body->pool->body_count;
	unsigned pieces = bodies < PIECES_PER_TURN ? PIECES_PER_TURN / bodies : 1;
	enum splice_result result = SPLICE_TURN;

	*taken = 0;
	*sent = 0;
	if (!take_pipe(body))
		return SPLICE_NO_PIPE;
	for (; result == SPLICE_TURN && pieces > 0; pieces--) {
		uint64_t before = *taken;
		result = pump_piece(body, source, sink, left - before, taken, sent);
		if (result == SPLICE_TURN && *taken == left)
			result = SPLICE_DONE;
		/* A small piece: nothing more waits behind it. */
		if (*taken - before < body->piece / 2)
			break;
	}
	if (body->held == 0)
		give_pipe_back(body);
	return result;
}
