/* Deezer session: what an account is known by at the gateway, for a while; and how it is
 * begun: ping with the ARL, then the user's data.
 *
 * A session is immutable and shared by everything that runs with it. All of it is secret.
 */
#ifndef PROVIDERS_DEEZER_DEEZER_SESSION_H
#define PROVIDERS_DEEZER_DEEZER_SESSION_H

#include "providers/deezer/deezer_gw.h"
#include "providers/deezer/deezer_parts.h"

struct deezer_session;

struct deezer_session *deezer_session_ref(struct deezer_session *session);
/* Wiped with its last reference. Accepts NULL. */
void deezer_session_unref(struct deezer_session *session);
const struct deezer_gw_user *deezer_session_user(const struct deezer_session *session);
const char *deezer_session_sid(const struct deezer_session *session);
/* Is it good for another minute? */
bool deezer_session_is_fresh(const struct deezer_session *session, int64_t wall_ms);
/* Has it lasted for so long that its plan may have changed (10 min)? */
bool deezer_session_is_old(const struct deezer_session *session);
/* The qualities that its plan has. */
track_quality_set deezer_session_qualities(const struct deezer_session *session);

/* Begins a session, or renews one. On the seat's loop. */
struct deezer_session_start;

/* `sid` is that of a session whose token alone is over; NULL: ping first, as is done when
 * the gateway knows it no more. `done` takes the session: ERR_DENIED when the ARL is not
 * good; else why nothing is known. */
struct deezer_session_start *deezer_session_start(struct deezer_seat *seat, const char *arl,
	const char *sid, int64_t end_ms,
	void (*done)(void *arg, enum err err, struct deezer_session *take_session,
		const char *why),
	void *arg);
/* Silence. */
void deezer_session_cancel(struct deezer_session_start *start);

#endif
