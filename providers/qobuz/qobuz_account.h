/* Qobuz account: who may hear Qobuz's songs, and what stands in the way.
 *
 * An app (id and secret) asks in the name of accounts (tokens). What Qobuz refuses is
 * remembered with its reason and tried again after a while: songs that the app may no
 * longer have (410) after hours, a secret, an app id or a token after less. Nobody waits
 * for a refusal that is known. Shared between workers behind a lock of its own.
 */
#ifndef PROVIDERS_QOBUZ_QOBUZ_ACCOUNT_H
#define PROVIDERS_QOBUZ_QOBUZ_ACCOUNT_H

#include "providers/account_list.h"
#include "providers/provider.h"
#include "providers/qobuz/qobuz_error.h"

struct qobuz_accounts;

struct qobuz_credentials {
	const char *app_id;
	const char *app_secret;  /* NULL: metadata only */
	const char *tokens;      /* an account list, checked; NULL: nobody's */
	enum track_quality best; /* that is asked for */
	int downloads;           /* of an account at a time; 0: no limit */
};

/* For rows of settings: what is sent in headers is printable and has no blanks. */
bool qobuz_accounts_check_value(const char *value, char *why, size_t why_size);
bool qobuz_accounts_check_tokens(const char *value, char *why, size_t why_size);

/* What stands between an account and a song. */
enum qobuz_bar {
	QOBUZ_OPEN,       /* nothing */
	QOBUZ_NO_SECRET,  /* none is set */
	QOBUZ_NO_ACCOUNT, /* nobody pays for that listener */
	QOBUZ_BAR_APP,
	QOBUZ_BAR_GONE,
	QOBUZ_BAR_SECRET,
	QOBUZ_BAR_TOKEN,
	QOBUZ_BAR_PLAN,   /* half minutes only */
	QOBUZ_BAR_READER, /* the catalogue is for accounts only, and none is good */
	QOBUZ_BARS
};

/* Everything is copied. */
struct qobuz_accounts *qobuz_accounts_new(const struct qobuz_credentials *credentials);
/* Wipes. Accepts NULL. */
void qobuz_accounts_free(struct qobuz_accounts *accounts);

/* Whether anybody pays for anybody. */
bool qobuz_accounts_are_there(const struct qobuz_accounts *accounts);
/* Entries and the two below live as long as the accounts. */
const char *qobuz_accounts_app(const struct qobuz_accounts *accounts);
const char *qobuz_accounts_secret(const struct qobuz_accounts *accounts);
/* Who pays for that listener; NULL: nobody. */
const struct account_entry *qobuz_accounts_find(
	const struct qobuz_accounts *accounts, const struct track_listener *listener);
/* In whose name the catalogue is asked: the household's, else the first's that is not
 * refused; NULL: nobody's. */
const struct account_entry *qobuz_accounts_reader(
	struct qobuz_accounts *accounts, int64_t now_ms);

/* `account` may be NULL: QOBUZ_NO_ACCOUNT, unless something worse is. */
enum qobuz_bar qobuz_accounts_bar(struct qobuz_accounts *accounts,
	const struct account_entry *account, int64_t now_ms);
/* What comes past that bar, of what the settings allow to ask for. */
track_quality_set qobuz_accounts_qualities(
	const struct qobuz_accounts *accounts, enum qobuz_bar bar);
/* A sentence for people; "" for QOBUZ_OPEN. */
const char *qobuz_bar_text(enum qobuz_bar bar);
/* What stands between everybody and the catalogue: QOBUZ_OPEN, QOBUZ_BAR_APP or
 * QOBUZ_BAR_READER. */
enum qobuz_bar qobuz_accounts_catalogue_bar(
	struct qobuz_accounts *accounts, int64_t now_ms);

/* Something was refused: from now on that bar is down. Logged when it was up. `account` is
 * whose token was sent; may be NULL. */
void qobuz_accounts_lower(struct qobuz_accounts *accounts, enum qobuz_bar bar,
	const struct account_entry *account, int64_t now_ms);
/* A song was given to that account: every bar in its way is up. */
void qobuz_accounts_raise(
	struct qobuz_accounts *accounts, const struct account_entry *account);

struct provider_lane qobuz_accounts_lane(struct qobuz_accounts *accounts,
	const struct track_listener *listener, int64_t now_ms);
/* The lanes of provider_ops' status: one per account. New. */
json_t *qobuz_accounts_lanes_new(struct qobuz_accounts *accounts, int64_t now_ms);

#endif
