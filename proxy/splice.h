/* Splice: bytes from one socket to another inside the kernel, through a pipe.
 *
 * Worth it for bodies of 16 KB and more (measured). A body holds a pipe only while bytes
 * lie in it, so many bodies share one, and only clients that do not keep up have one each.
 * Pipes are two descriptors and kernel memory: all workers share a budget of them, and who
 * gets none copies instead. A pipe that still holds bytes is closed, never kept for another
 * body. A pool belongs to one loop; the budget to any thread.
 */
#ifndef PROXY_SPLICE_H
#define PROXY_SPLICE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/mem.h"

enum {
	SPLICE_MIN_BYTES = 16 * 1024,
	SPLICE_PIPE_BYTES = 256 * 1024, /* asked for; the kernel may grant less */
};

/* How many pipes may still be opened. */
struct splice_budget {
	_Atomic unsigned left;
};

struct splice_pool;

/* `budget` is borrowed; NULL or empty: there are no pipes. */
struct splice_pool *splice_pool_new(struct splice_budget *budget);
/* Every body has been closed. Accepts NULL. */
void splice_pool_free(struct splice_pool *pool);

/* One body under way. Zeroed: none. */
struct splice {
	struct splice_pool *pool;
	int pipe[2];   /* -1: none now */
	uint64_t held; /* bytes inside the pipe */
	size_t piece;  /* what is moved at one time */
};

/* Begins to move a body of `left` bytes into `sink`. False: no pipe to be had, copy. */
MUST_CHECK bool splice_open(
	struct splice *body, struct splice_pool *pool, int sink, uint64_t left);
/* Harmless when nothing is open. */
void splice_close(struct splice *body);

enum splice_result {
	SPLICE_DONE,    /* everything has gone out */
	SPLICE_STARVED, /* the source has nothing now */
	SPLICE_BLOCKED, /* the sink takes nothing now */
	SPLICE_TURN,    /* enough for one turn of the loop; there may be more */
	SPLICE_ENDED,   /* the source ended or broke before its time */
	SPLICE_BROKEN,  /* the sink broke */
	SPLICE_NO_PIPE, /* nothing is held, and the rest has to be copied */
};

/* Moves some of the `left` more bytes from `source` (both non-blocking). `*taken` is
 * what left the source, `*sent` what reached the sink. */
enum splice_result splice_pump(struct splice *body, int source, int sink, uint64_t left,
	uint64_t *taken, uint64_t *sent);

#endif
