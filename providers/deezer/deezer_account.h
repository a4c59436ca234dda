/* Deezer account: the accounts by which full tracks come, and who may use which.
 *
 *   untried ── its session has begun ──> good <── ── ── ── ──> unreached
 *      └────── its ARL is not good ────> refused ── 10 min ──> is tried again
 *
 * Unreached, it is left alone for 3 s; then whoever wants a song tries again.
 *
 * Shared between workers, behind one lock: each account's state, its session, and what is
 * known of songs (their tokens, until those expire). Any thread. Sessions are begun and
 * renewed by deezer_login.
 */
#ifndef PROVIDERS_DEEZER_DEEZER_ACCOUNT_H
#define PROVIDERS_DEEZER_DEEZER_ACCOUNT_H

#include "providers/account_list.h"
#include "providers/deezer/deezer_session.h"
#include "providers/deezer/deezer_stripe.h"
#include "providers/provider.h"

enum deezer_account_state {
	DEEZER_ACCOUNT_UNTRIED,
	DEEZER_ACCOUNT_GOOD,
	DEEZER_ACCOUNT_REFUSED,
	DEEZER_ACCOUNT_UNREACHED,
};

struct deezer_accounts;
struct deezer_account; /* lives as long as the accounts */

struct deezer_accounts_options {
	const char *arl; /* as account_list reads it; NULL: there are no accounts */
	const char *secret;
	int downloads; /* per account at a time; 0: no limit */
};

/* The settings have been checked. Main thread. */
struct deezer_accounts *deezer_accounts_new(const struct deezer_accounts_options *options);
/* After every seat. Accepts NULL. */
void deezer_accounts_free(struct deezer_accounts *accounts);
/* For rows of settings. */
bool deezer_accounts_check_arl(const char *value, char *why, size_t why_size);
bool deezer_accounts_check_secret(const char *value, char *why, size_t why_size);

/* Whose account pays for that listener; NULL: nobody's. */
struct deezer_account *deezer_accounts_find(
	struct deezer_accounts *accounts, const struct track_listener *listener);
struct provider_lane deezer_accounts_lane(
	struct deezer_accounts *accounts, const struct track_listener *listener);
/* [{"account", "full", "reason", "qualities", "nextTry"}], one per account. New. */
json_t *deezer_accounts_status_new(struct deezer_accounts *accounts);
/* Is there any use in trying for a full track with it now? */
bool deezer_account_is_full(struct deezer_account *account);
const char *deezer_account_label(const struct deezer_account *account);
/* Borrowed for ever. */
struct deezer_secret *deezer_account_secret(const struct deezer_account *account);

/* What is known of a song: a copy; false when it has to be asked for. */
MUST_CHECK bool deezer_account_get_song(
	struct deezer_account *account, const char *key, struct deezer_gw_song *song);
/* Until its token expires. Copies. */
void deezer_account_put_song(
	struct deezer_account *account, const char *key, const struct deezer_gw_song *song);

/* ---- its session, for deezer_login ---- */

/* Is it known without asking? True with ERR_NONE and a new reference of the session, unless
 * that is `stale` (which has been no good; NULL: none); true with why the last login failed
 * while that is too short ago: ERR_DENIED: the ARL is refused. */
MUST_CHECK bool deezer_account_look(struct deezer_account *account,
	const struct deezer_session *stale, enum err *err, struct deezer_session **session);
/* What a login has found; references the session. `why` is for the log, which gets a line
 * when the state changes. */
void deezer_account_tell(struct deezer_account *account, enum err err,
	struct deezer_session *session, const char *why);
/* The session that was last good, a new reference; NULL: none. */
struct deezer_session *deezer_account_last(struct deezer_account *account);
/* Secret. Borrowed for ever. */
const char *deezer_account_arl(const struct deezer_account *account);

#endif
