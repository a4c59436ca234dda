#include "proxy/splice.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum {
	ROUNDS_PER_TURN = 4,
	KEPT_MAX = 64, /* empty pipes kept for the next body */
};

struct splice_pool {
	unsigned pipes_max;
	unsigned pipe_count; /* open ones, kept or in use */
	unsigned kept_count;
	int kept[KEPT_MAX][2];
};

struct splice_pool *
splice_pool_new(unsigned pipes_max)
{
	struct splice_pool *pool = xcalloc(1, sizeof *pool);

	pool->pipes_max = pipes_max;
	return pool;
}

static void
close_pipe(struct splice_pool *pool, const int pipe[2])
{
	close(pipe[0]);
	close(pipe[1]);
	pool->pipe_count--;
}

void
splice_pool_free(struct splice_pool *pool)
{
	if (pool == NULL)
		return;
	while (pool->kept_count > 0)
		close_pipe(pool, pool->kept[--pool->kept_count]);
	assert(pool->pipe_count == 0);
	xfree(pool);
}

bool
splice_open(struct splice *body, struct splice_pool *pool)
{
	assert(body->pool == NULL);
	if (pool->kept_count > 0) {
		const int *kept = pool->kept[--pool->kept_count];
		body->pipe[0] = kept[0];
		body->pipe[1] = kept[1];
	} else {
		if (pool->pipe_count >= pool->pipes_max ||
			pipe2(body->pipe, O_NONBLOCK | O_CLOEXEC) != 0)
			return false;
		/* Refused beyond the user's budget of pinned pages: then it stays small. */
		(void)fcntl(body->pipe[1], F_SETPIPE_SZ, (int)SPLICE_PIPE_BYTES);
		pool->pipe_count++;
	}
	body->pool = pool;
	body->held = 0;
	return true;
}

void
splice_close(struct splice *body)
{
	struct splice_pool *pool = body->pool;

	if (pool == NULL)
		return;
	body->pool = NULL;
	if (body->held > 0 || pool->kept_count == KEPT_MAX) {
		close_pipe(pool, body->pipe);
		return;
	}
	pool->kept[pool->kept_count][0] = body->pipe[0];
	pool->kept[pool->kept_count++][1] = body->pipe[1];
}

static ssize_t
move(int from, int to, size_t size, unsigned flags)
{
	return splice(
		from, NULL, to, NULL, size, SPLICE_F_MOVE | SPLICE_F_NONBLOCK | flags);
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
	size_t wanted = left < SPLICE_PIPE_BYTES ? (size_t)left : SPLICE_PIPE_BYTES;
	ssize_t count = move(source, body->pipe[1], wanted, 0);

	if (count < 0 && is_temporary())
		return SPLICE_STARVED;
	if (count <= 0)
		return SPLICE_ENDED;
	body->held += (uint64_t)count;
	*taken += (uint64_t)count;
	return SPLICE_TURN;
}

/* Pipe to sink. SPLICE_TURN: the pipe is empty. */
static enum splice_result
drain(struct splice *body, int sink, bool more, uint64_t *sent)
{
	while (body->held > 0) {
		ssize_t count = move(
			body->pipe[0], sink, (size_t)body->held, more ? SPLICE_F_MORE : 0);
		if (count < 0 && is_temporary())
			return SPLICE_BLOCKED;
		if (count <= 0)
			return SPLICE_BROKEN;
		body->held -= (uint64_t)count;
		*sent += (uint64_t)count;
	}
	return SPLICE_TURN;
}

enum splice_result
splice_pump(struct splice *body, int source, int sink, uint64_t left, uint64_t *taken,
	uint64_t *sent)
{
	*taken = 0;
	*sent = 0;
	for (int round = 0; round < ROUNDS_PER_TURN; round++) {
		enum splice_result result = SPLICE_TURN;
		if (body->held == 0 && *taken < left)
			result = fill(body, source, left - *taken, taken);
		if (result != SPLICE_TURN)
			return result;
		/* Corking is for when more is certain to follow at once. */
		bool more = *taken < left && body->held >= SPLICE_PIPE_BYTES / 2;
		result = drain(body, sink, more, sent);
		if (result != SPLICE_TURN)
			return result;
		if (*taken == left)
			return SPLICE_DONE;
	}
	return SPLICE_TURN;
}
