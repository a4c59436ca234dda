/* Intercept: what the handlers of intercepted requests share: who may, how we answer.
 *
 * An intercept is a job (core/http_job) with its worker, its route's parameters and its
 * confirmed caller. It lives in the exchange's arena and ends with one of the
 * intercept_reply functions, intercept_relay, or the client leaving.
 */
#ifndef PROXY_INTERCEPT_H
#define PROXY_INTERCEPT_H

#include "core/http_job.h"
#include "core/route.h"
#include "providers/media_item.h"
#include "proxy/front.h"
#include "session/caller.h"

struct intercept {
	struct http_job *job;
	struct front_worker *worker;
	struct route_match match;
	const struct caller *caller;  /* set before `allowed` and `refused` are called */
	const struct play_pass *pass; /* the request's, when it has a good one; or NULL */
	/* What the caller has done with external things; once `allowed` is called, NULL
	 * when that could not be read. Lives as long as the job. */
	struct user_view *user;
	char server_id[33]; /* Jellyfin's */
	void (*allowed)(struct intercept *intercept);
	void (*refused)(struct intercept *intercept);
	void *state;    /* the handler's own, in the arena */
	size_t opening; /* the hold of the question for `user` */
};

/* Owns the exchange. `match` may be NULL. */
struct intercept *intercept_start(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match);
struct arena *intercept_arena(struct intercept *intercept);
struct exchange *intercept_exchange(struct intercept *intercept);

/* Confirms the caller; `allowed` when they may have external content, with what they have
 * done with it so far; else `refused`; NULL answers as Jellyfin would: 401 without a good
 * token, 404 for what the policy hides. */
void intercept_guard(struct intercept *intercept,
	void (*allowed)(struct intercept *intercept),
	void (*refused)(struct intercept *intercept));
/* The same without asking what they have done, for who shows no items: bytes wait for no
 * database. */
void intercept_guard_only(struct intercept *intercept,
	void (*allowed)(struct intercept *intercept),
	void (*refused)(struct intercept *intercept));
void intercept_refuse(struct intercept *intercept);
/* Finds out who calls, whatever comes of it: `known` is called with intercept->caller set,
 * at once when the token was confirmed lately, else when Jellyfin has answered. */
void intercept_identify(
	struct intercept *intercept, void (*known)(struct intercept *intercept));

/* ---- ends ---- */

/* Jellyfin answers the request as if we were not here. */
void intercept_relay(struct intercept *intercept);
/* JSON with CORS as Jellyfin does it, in camelCase when the client asked for that profile.
 * Takes `take_json`. */
void intercept_reply_json(struct intercept *intercept, int status, json_t *take_json);
/* A body that is made already; `content_type` NULL for Jellyfin's JSON. */
void intercept_reply_text(struct intercept *intercept, int status, const char *content_type,
	const char *body, size_t size);
/* Adds to an answer's headers what Jellyfin lets browsers of other origins do; returns how
 * many there are then, one more at most. */
size_t intercept_add_cors(
	const struct exchange *exchange, struct http_header *headers, size_t count);
/* No body. */
void intercept_reply_status(struct intercept *intercept, int status);
/* {"Items": …, "TotalRecordCount": …, "StartIndex": …}. Takes `take_items`. */
void intercept_reply_items(
	struct intercept *intercept, json_t *take_items, int64_t total, int64_t start);
/* The same of things, all of them; none, and `err` a provider's failure to tell: that. */
void intercept_reply_media(struct intercept *intercept, const struct media *const *media,
	size_t count, enum err err);
/* Could its provider not be asked? One that has nothing by an id has not failed. */
bool intercept_is_failure(enum err err);
/* What a provider's failure means to a client: 404, 502, 503 or 504. */
void intercept_reply_err(struct intercept *intercept, enum err err);

/* ---- small decisions ---- */

/* Does the Accept header ask for profile="CamelCase"? */
bool intercept_wants_camel_case(const struct exchange *exchange);
/* Adds it as text, in camelCase when the client asked for that profile. Takes `take_json`.
 */
void intercept_add_json(struct text *to, struct intercept *intercept, json_t *take_json);
/* A list of items as text: what stands before the first of them and behind the last. */
void intercept_open_list(struct text *to, struct intercept *intercept);
void intercept_close_list(
	struct text *to, struct intercept *intercept, int64_t total, int64_t start);
struct item_context intercept_item_context(const struct intercept *intercept);
/* Is it known that the song has lyrics? They are looked for when nobody knows: the next
 * time it is. */
bool intercept_has_lyrics(
	const struct intercept *intercept, const struct external_id *song);
/* For whom songs are opened: the caller, else whom a pass is for. Borrowed. */
struct track_listener intercept_listener(const struct intercept *intercept);
/* What they may get of a provider's songs; 0: nothing, or it is not set up. */
track_quality_set intercept_offered(
	const struct intercept *intercept, enum provider_id provider);
/* The parameter `name` of the route as an external id; false for Jellyfin's own. */
MUST_CHECK bool intercept_external_id(
	struct external_id *id, const struct route_match *match, const char *name);
/* The page a client asked for: StartIndex and Limit of the query, at most 500; limit -1
 * when unset. */
struct intercept_page {
	int64_t start;
	int64_t limit;
};
struct intercept_page intercept_page(struct exchange *exchange);
#endif
