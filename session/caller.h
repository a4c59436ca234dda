/* Caller: who sent this request, confirmed by Jellyfin, for a job that waits for the
 * answer.
 *
 * Reads the identity in every form clients use, fills what the request lacks from what the
 * token's device said before, and asks session/token. Worker thread.
 */
#ifndef SESSION_CALLER_H
#define SESSION_CALLER_H

#include "core/http_job.h"
#include "session/settings.h"
#include "session/token.h"
#include "tracker/tracker.h"

struct caller {
	enum err err; /* ERR_NONE: confirmed; ERR_DENIED: no or a bad token; else see
			 token.h */
	bool fresh;   /* confirmed as caller_confirm does: rights can rest on it */
	struct identity identity;
	struct token_facts facts; /* only when confirmed */
};

/* `done` fires once, in a later turn, unless the job ends before. The caller lives in the
 * job's arena. */
void caller_confirm(struct http_job *job, struct token_cache *tokens,
	void (*done)(void *arg, const struct caller *caller), void *arg);

/* Without waiting: identity, filled up from the token cache. `facts` only when the token
 * was confirmed lately; returns whether it was. Without `fresh` a guess, no right. */
bool caller_peek(
	struct caller *caller, struct exchange *exchange, struct token_cache *tokens);

/* May this caller have music that Jellyfin does not know? Needs a confirmed token, a policy
 * that lets its user play music, and the administrator's consent (session/settings). Pure.
 */
bool caller_may_listen(
	const struct caller *caller, const struct session_settings *settings);

/* The session this caller's playback belongs to. */
struct play_session_key caller_session_key(const struct caller *caller);

#endif
