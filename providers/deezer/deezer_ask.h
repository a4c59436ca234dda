/* Deezer ask: one question to the gateway with an account's session, which is begun or
 * renewed on the way: its token once, the whole of it once. Belongs to the seat's loop.
 */
#ifndef PROVIDERS_DEEZER_DEEZER_ASK_H
#define PROVIDERS_DEEZER_DEEZER_ASK_H

#include "providers/deezer/deezer_account.h"

struct deezer_ask;

struct deezer_question {
	struct deezer_account *account;
	const char *method; /* "song.getListData"; NULL: nothing but a session is wanted */
	const char *body;   /* JSON */
	const struct deezer_session *stale; /* has been no good; NULL: none */
	int64_t end_ms;                     /* clock_now_ms */
	bool can_wait;                      /* as in deezer_call.h */
};

struct deezer_ask_answer {
	enum err err;          /* ERR_NONE: the rest is set */
	const json_t *results; /* NULL without a method */
	struct deezer_session *session;
	const char *why; /* a sentence for the log, when err is set */
};

/* Copies. `done` fires once, never before this has returned; what it gets is borrowed until
 * it returns. ERR_DENIED: the ARL is not good, or the gateway says no; ERR_NOT_FOUND: it
 * has no such thing; ERR_BUSY, ERR_TIMEOUT, ERR_UNREACHABLE, ERR_PROTOCOL. */
struct deezer_ask *deezer_ask_start(struct deezer_seat *seat,
	const struct deezer_question *question,
	void (*done)(void *arg, const struct deezer_ask_answer *answer), void *arg);
/* Silence. */
void deezer_ask_cancel(struct deezer_ask *ask);

#endif
