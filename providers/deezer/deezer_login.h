/* Deezer login: the session of an account, begun or renewed once for all who wait for it.
 *
 * The seat that asks first does it; what came of it reaches the others, on whatever loop
 * they are, by mail. Shared: the list of logins under way, behind a lock of its own.
 */
#ifndef PROVIDERS_DEEZER_DEEZER_LOGIN_H
#define PROVIDERS_DEEZER_DEEZER_LOGIN_H

#include "providers/deezer/deezer_account.h"

struct deezer_logins;     /* the shared part */
struct deezer_login;      /* one under way */
struct deezer_login_wait; /* one who waits */

struct deezer_logins *deezer_logins_new(void);
/* After every seat. Accepts NULL. */
void deezer_logins_free(struct deezer_logins *logins);

/* A session that is fresh and not `stale`, which the gateway has refused (NULL: none was);
 * `ping`: it knew that one no more. By `end_ms` (clock_now_ms) at the latest. `done` fires
 * once on the seat's loop, never before this has returned: ERR_NONE with a session borrowed
 * until it returns; ERR_DENIED: the ARL is not good; ERR_BUSY, ERR_TIMEOUT, ERR_PROTOCOL,
 * ERR_UNREACHABLE. */
struct deezer_login_wait *deezer_login_get(struct deezer_seat *seat,
	struct deezer_account *account, const struct deezer_session *stale, bool ping,
	int64_t end_ms,
	void (*done)(void *arg, enum err err, struct deezer_session *session), void *arg);
/* Silence; a login under way goes on for others. */
void deezer_login_cancel(struct deezer_login_wait *wait);
/* For the end of a seat, when nobody waits there any more: those who wait elsewhere for
 * what it had begun get ERR_BUSY. */
void deezer_login_end(struct deezer_seat *seat);

#endif
