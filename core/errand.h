/* Errands: the thread that makes HTTP calls for ourselves (Jellyfin's REST, token checks).
 *
 * A request goes in from any loop, a parsed answer comes back to that loop. Parsing happens
 * on the errands thread, so that the control thread never reads a foreign document.
 */
#ifndef CORE_ERRAND_H
#define CORE_ERRAND_H

#include "core/http_client.h"
#include "core/loop.h"

struct errands;
struct errand;

/* Starts the thread. */
struct errands *errands_start(const struct http_client_options *options);
/* Cancels what runs (those `done` never fire) and joins the thread. Who uses errands has
 * stopped before: afterwards nothing may be started or cancelled. Accepts NULL. */
void errands_stop(struct errands *errands);

/* Under way: started and neither answered nor cancelled. Any thread. */
int errands_count(const struct errands *errands);

struct errand_request {
	const char *method;
	const char *url;
	const char *const *headers;
	const void *body;
	size_t body_size;
	int64_t timeout_ms;
	size_t max_body;
	/* On the errands thread, when a whole answer arrived (of any status): makes of it
	 * what `done` gets as `parsed` (xmalloc'ed or NULL). May be NULL: then `parsed` is
	 * NULL. Must be pure. `parse_arg` must outlive the errand or be NULL. */
	void *(*parse)(void *parse_arg, const struct http_answer *answer);
	void *parse_arg;
	void (*free_parsed)(void *parsed); /* NULL: xfree */
};

struct errand_result {
	enum err err;
	const char *reason; /* a sentence for logs when err is set, for ever valid */
	int status;
	/* Owned by the errand, freed after `done` has returned unless `done` takes it by
	 * setting the field to NULL. */
	void *parsed;
};

/* `from` is the calling loop; `done` fires there exactly once, unless cancelled. The
 * request is copied. At most 1024 errands are under way: beyond, done gets ERR_BUSY. */
struct errand *errand_start(struct errands *errands, struct loop *from,
	const struct errand_request *request,
	void (*done)(void *arg, struct errand_result *result), void *arg);
/* Silence. On the loop that started it, which may be freed right after. The pointer is
 * dead. */
void errand_cancel(struct errand *errand);

#endif
