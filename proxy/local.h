/* Local: Jellyfin's own answer to an intercepted request, in the client's name, as items.
 *
 * Asked uncompressed on the relay's connections with exactly the headers the client sent.
 */
#ifndef PROXY_LOCAL_H
#define PROXY_LOCAL_H

#include "proxy/intercept.h"
#include "proxy/json_slices.h"

struct local_answer {
	enum err err; /* ERR_NONE: Jellyfin answered, whatever its status */
	int status;
	const char *content_type; /* in the arena; NULL when there was none */
	struct slice body;        /* in the arena */
	/* Only when the status is 200 and the body is a list: */
	bool is_list;
	struct json_slices slices;
	json_t *items; /* the same items parsed; borrowed, lives until the exchange ends */
	int64_t total; /* TotalRecordCount as Jellyfin says it, 0 when it does not */
};

/* Asks Jellyfin for `target` (path and query, origin form, without base path). `member` is
 * the array of the answer: "Items" or "SearchHints". `done` fires once, in a later turn,
 * unless the exchange ends before. */
void local_ask(struct intercept *intercept, const char *target, const char *member,
	void (*done)(void *arg, const struct local_answer *answer), void *arg);

/* The same with another method and a body. What Jellyfin is told twice may be done twice:
 * such a request is never repeated by itself. */
struct local_request {
	const char *method; /* "POST" */
	const char *target;
	struct slice body; /* borrowed until this returned */
};
void local_send(struct intercept *intercept, const struct local_request *request,
	void (*done)(void *arg, const struct local_answer *answer), void *arg);

/* The answer handed to the client as it is (asked for again and relayed when it is too
 * large to hold: 64 MB); ends the intercept. */
void local_reply(struct intercept *intercept, const struct local_answer *answer);

/* The request's own target with other values for some query parameters: `name` is removed
 * (case ignored) and, unless the value is NULL, added anew at the end. */
struct local_change {
	const char *name;
	const char *value;
};
char *local_target(
	struct exchange *exchange, const struct local_change *changes, size_t count);
/* The same below another path; the query goes along, since it may hold the credential. */
char *local_target_at(struct exchange *exchange, const char *path,
	const struct local_change *changes, size_t count);

#endif
