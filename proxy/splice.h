/* Splice: bytes from one socket to another inside the kernel, through a pipe.
 *
 * Worth it for bodies of 16 KB and more (measured). Pipes are two descriptors and pinned
 * kernel memory, so each worker has a bounded number of them; who gets none copies instead.
 * A pipe that still holds bytes is closed, never kept for another body. One loop.
 */
#ifndef PROXY_SPLICE_H
#define PROXY_SPLICE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/mem.h"

enum {
	SPLICE_MIN_BYTES = 16 * 1024,
	SPLICE_PIPE_BYTES = 256 * 1024, /* asked for; the kernel may grant less */
};

struct splice_pool;

struct splice_pool *splice_pool_new(unsigned pipes_max);
/* Every pipe has been given back. Accepts NULL. */
void splice_pool_free(struct splice_pool *pool);

/* One body under way. Zeroed: no pipe. */
struct splice {
	struct splice_pool *pool;
	int pipe[2];
	uint64_t held; /* bytes inside the pipe */
};

/* False: no pipe to be had, copy. */
MUST_CHECK bool splice_open(struct splice *body, struct splice_pool *pool);
/* Harmless when there is no pipe. */
void splice_close(struct splice *body);

enum splice_result {
	SPLICE_DONE,    /* everything has gone out */
	SPLICE_STARVED, /* the source has nothing now */
	SPLICE_BLOCKED, /* the sink takes nothing now */
	SPLICE_TURN,    /* enough for one turn of the loop; there is more */
	SPLICE_ENDED,   /* the source ended or broke before its time */
	SPLICE_BROKEN,  /* the sink broke */
};

/* Moves up to `left` more bytes from `source` (both non-blocking). `*taken` is what left
 * the source, `*sent` what reached the sink. */
enum splice_result splice_pump(struct splice *body, int source, int sink, uint64_t left,
	uint64_t *taken, uint64_t *sent);

#endif
