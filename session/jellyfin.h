/* Jellyfin: the REST calls that sessions need, typed, each with the client's own
 * credential. Nothing here ever sends a credential that the client did not send.
 *
 * Control thread (any one loop). Calls go through errands: `done` fires exactly once, never
 * before the start returned, never after jellyfin_cancel.
 */
#ifndef SESSION_JELLYFIN_H
#define SESSION_JELLYFIN_H

#include "core/errand.h"
#include "core/url.h"
#include "session/session_look.h"
#include "tracker/identity.h"

enum jellyfin_call_kind {
	JELLYFIN_PLAYING,
	JELLYFIN_PROGRESS,
	JELLYFIN_STOPPED,
	JELLYFIN_CAPABILITIES, /* /Sessions/Capabilities/Full */
	JELLYFIN_SESSIONS,     /* GET /Sessions?deviceId= */
};

struct jellyfin;
struct jellyfin_call;

/* How calls are made; tests put their own in its place. The rules are errand.h's. */
struct jellyfin_transport {
	struct errand *(*start)(void *arg, struct loop *from,
		const struct errand_request *request,
		void (*done)(void *arg, struct errand_result *result), void *done_arg);
	void (*cancel)(struct errand *errand);
	void *arg;
};
struct jellyfin_transport jellyfin_transport_of(struct errands *errands);

/* `base` is copied. */
struct jellyfin *jellyfin_new(struct loop *loop, const struct base_url *base,
	struct jellyfin_transport transport);
/* Cancels nothing: its calls were cancelled by their owners. Accepts NULL. */
void jellyfin_free(struct jellyfin *jellyfin);

/* What an answer means for who sent the call. */
enum jellyfin_outcome {
	JELLYFIN_OK,      /* 2xx */
	JELLYFIN_REFUSED, /* 401: the token is no longer good */
	JELLYFIN_WRONG,   /* another 4xx: this body will never be taken */
	JELLYFIN_DOWN,    /* 5xx, no connection, no answer: try again later */
};
enum jellyfin_outcome jellyfin_outcome_of(enum err err, int status);

/* POSTs `body` (JSON, copied) in the name of `identity`, whose token and device fields go
 * into an Authorization header. */
struct jellyfin_call *jellyfin_post(struct jellyfin *jellyfin, enum jellyfin_call_kind kind,
	const struct identity *identity, const char *body, size_t size,
	void (*done)(void *arg, enum jellyfin_outcome outcome), void *arg);
/* Asks for the sessions of the identity's device id. `look` comes with JELLYFIN_OK only and
 * is borrowed; an answer that makes no sense is JELLYFIN_WRONG. */
struct jellyfin_call *jellyfin_look(struct jellyfin *jellyfin,
	const struct identity *identity,
	void (*done)(
		void *arg, enum jellyfin_outcome outcome, const struct session_look *look),
	void *arg);
void jellyfin_cancel(struct jellyfin_call *call);

/* "X-Forwarded-For: …", so that Jellyfin knows where a session's client is; a header
 * without meaning when `address` is none. */
void jellyfin_forwarded_for(struct text *to, const char *address);
/* http://host:8096/jf + path. */
void jellyfin_url(struct text *to, const struct base_url *base, const char *path);

#endif
