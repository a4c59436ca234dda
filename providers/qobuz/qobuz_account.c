#include "providers/qobuz/qobuz_account.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "core/clock.h"
#include "core/json.h"
#include "core/log.h"

enum { MINUTE_MS = 60 * 1000, MAX_VALUE = 1024 };

/* By enum qobuz_bar. */
static const struct {
	const char *name; /* for the log */
	const char *text;
	int64_t lasts_ms; /* 0: until the settings change */
	bool of_account;  /* and not of the app */
} bars[QOBUZ_BARS] = {
	[QOBUZ_OPEN] = { "none", "", 0, false },
	[QOBUZ_NO_SECRET] = { "no_secret",
		"SIDETRACK_QOBUZ_APP_SECRET is not set: metadata only", 0, false },
	[QOBUZ_NO_ACCOUNT] = { "no_account",
		"SIDETRACK_QOBUZ_TOKEN has no account for this user: metadata only", 0,
		false },
	[QOBUZ_BAR_APP] = { "app", "Qobuz does not know the app of SIDETRACK_QOBUZ_APP_ID",
		10 * MINUTE_MS, false },
	[QOBUZ_BAR_GONE] = { "gone",
		"Qobuz gives this app no songs any more (410): metadata only",
		6 * 60 * MINUTE_MS, false },
	[QOBUZ_BAR_SECRET] = { "secret",
		"Qobuz refuses what SIDETRACK_QOBUZ_APP_SECRET signs: it is wrong, or "
		"this machine's clock is",
		60 * MINUTE_MS, false },
	[QOBUZ_BAR_TOKEN] = { "token",
		"Qobuz refuses the token of SIDETRACK_QOBUZ_TOKEN: log in there and set "
		"the new one",
		30 * MINUTE_MS, true },
	[QOBUZ_BAR_PLAN] = { "plan",
		"the account pays for no music: half a minute of each song", 60 * MINUTE_MS,
		true },
	[QOBUZ_BAR_READER] = { "reader",
		"Qobuz shows this app's catalogue to accounts only: set "
		"SIDETRACK_QOBUZ_TOKEN",
		10 * MINUTE_MS, false },
};

/* Until when each bar is down; 0: up. */
struct barrier {
	int64_t until_ms[QOBUZ_BARS];
};

struct qobuz_accounts {
	char *app_id, *app_secret;
	track_quality_set qualities; /* that are asked for */
	int downloads;
	struct account_list list;
	pthread_mutex_t mutex; /* guards the rest */
	struct barrier app;
	struct barrier *accounts; /* in the order of the list */
};

/* ---- settings ---- */

static bool
is_value(const char *value)
{
	struct slice text = slice_of(value);

	if (text.size == 0 || text.size > MAX_VALUE)
		return false;
	for (size_t i = 0; i < text.size; i++) {
		if (text.data[i] <= ' ' || text.data[i] > '~')
			return false;
	}
	return true;
}

bool
qobuz_accounts_check_value(const char *value, char *why, size_t why_size)
{
	if (is_value(value))
		return true;
	snprintf(why, why_size, "has blanks or characters that Qobuz never gives");
	return false;
}

bool
qobuz_accounts_check_tokens(const char *value, char *why, size_t why_size)
{
	struct account_list list;
	bool good = account_list_parse(&list, value, why, why_size);

	for (size_t i = 0; good && i < list.count; i++) {
		good = is_value(list.entries[i].secret);
		if (!good)
			snprintf(why, why_size,
				"is wrong: entry %zu has blanks or characters that Qobuz "
				"never gives",
				i + 1);
	}
	account_list_fini(&list);
	return good;
}

/* ---- life ---- */

/* What Qobuz has, up to the best. */
static track_quality_set
qualities_up_to(enum track_quality best)
{
	return TRACK_ALL_FULL & (track_quality_set)(TRACK_BIT(best + 1) - 1) &
	       (track_quality_set)~TRACK_BIT(TRACK_MP3_128);
}

struct qobuz_accounts *
qobuz_accounts_new(const struct qobuz_credentials *credentials)
{
	struct qobuz_accounts *accounts = xcalloc(1, sizeof *accounts);
	char why[200];

	accounts->app_id = xstrdup(credentials->app_id);
	accounts->app_secret = xstrdup_or_null(credentials->app_secret);
	accounts->qualities = qualities_up_to(credentials->best);
	accounts->downloads = credentials->downloads;
	/* Checked with the settings: else nobody has an account. */
	if (!account_list_parse(&accounts->list, credentials->tokens, why, sizeof why))
		log_warn("qobuz_tokens_unreadable", LOG_TEXT("why", why));
	accounts->accounts = xcalloc(accounts->list.count + 1, sizeof *accounts->accounts);
	pthread_mutex_init(&accounts->mutex, NULL);
	return accounts;
}

void
qobuz_accounts_free(struct qobuz_accounts *accounts)
{
	if (accounts == NULL)
		return;
	pthread_mutex_destroy(&accounts->mutex);
	xfree(accounts->accounts);
	account_list_fini(&accounts->list);
	account_wipe(accounts->app_secret);
	xfree(accounts->app_id);
	xfree(accounts);
}

bool
qobuz_accounts_are_there(const struct qobuz_accounts *accounts)
{
	return accounts->list.count > 0;
}

const char *
qobuz_accounts_app(const struct qobuz_accounts *accounts)
{
	return accounts->app_id;
}

const char *
qobuz_accounts_secret(const struct qobuz_accounts *accounts)
{
	return accounts->app_secret;
}

/* ---- bars ---- */

const char *
qobuz_bar_text(enum qobuz_bar bar)
{
	return bars[bar].text;
}

track_quality_set
qobuz_accounts_qualities(const struct qobuz_accounts *accounts, enum qobuz_bar bar)
{
	if (bar == QOBUZ_BAR_PLAN)
		return TRACK_BIT(TRACK_PREVIEW);
	return bar == QOBUZ_OPEN ? accounts->qualities : 0;
}

static struct barrier *
barrier_of(struct qobuz_accounts *accounts, const struct account_entry *account)
{
	return &accounts->accounts[account - accounts->list.entries];
}

/* Until when, and what, for the first bar that is down. */
static enum qobuz_bar
bar_locked(struct qobuz_accounts *accounts, const struct account_entry *account,
	int64_t now_ms, int64_t *until_ms)
{
	*until_ms = 0;
	if (accounts->app_secret == NULL)
		return QOBUZ_NO_SECRET;
	for (enum qobuz_bar bar = QOBUZ_BAR_APP; bar < QOBUZ_BARS; bar++) {
		const struct barrier *barrier = &accounts->app;
		if (bars[bar].of_account && account == NULL)
			continue;
		if (bars[bar].of_account)
			barrier = barrier_of(accounts, account);
		if (now_ms < barrier->until_ms[bar]) {
			*until_ms = barrier->until_ms[bar];
			return bar;
		}
	}
	return account != NULL ? QOBUZ_OPEN : QOBUZ_NO_ACCOUNT;
}

enum qobuz_bar
qobuz_accounts_bar(struct qobuz_accounts *accounts, const struct account_entry *account,
	int64_t now_ms)
{
	int64_t until_ms;

	pthread_mutex_lock(&accounts->mutex);
	enum qobuz_bar bar = bar_locked(accounts, account, now_ms, &until_ms);
	pthread_mutex_unlock(&accounts->mutex);
	return bar;
}

enum qobuz_bar
qobuz_accounts_catalogue_bar(struct qobuz_accounts *accounts, int64_t now_ms)
{
	enum qobuz_bar bar = QOBUZ_OPEN;

	pthread_mutex_lock(&accounts->mutex);
	if (now_ms < accounts->app.until_ms[QOBUZ_BAR_APP])
		bar = QOBUZ_BAR_APP;
	else if (now_ms < accounts->app.until_ms[QOBUZ_BAR_READER])
		bar = QOBUZ_BAR_READER;
	pthread_mutex_unlock(&accounts->mutex);
	return bar;
}

void
qobuz_accounts_lower(struct qobuz_accounts *accounts, enum qobuz_bar bar,
	const struct account_entry *account, int64_t now_ms)
{
	if (bars[bar].lasts_ms == 0 || (bars[bar].of_account && account == NULL))
		return;
	pthread_mutex_lock(&accounts->mutex);
	struct barrier *barrier =
		bars[bar].of_account ? barrier_of(accounts, account) : &accounts->app;
	bool was_up = now_ms >= barrier->until_ms[bar];
	/* Calls that were under way when it went down add nothing. */
	if (was_up)
		barrier->until_ms[bar] = now_ms + bars[bar].lasts_ms;
	pthread_mutex_unlock(&accounts->mutex);
	if (was_up)
		log_warn("qobuz_refused", LOG_TEXT("what", bars[bar].name),
			LOG_TEXT("account", bars[bar].of_account ? account->label : "all"),
			LOG_TEXT("why", bars[bar].text),
			LOG_NUMBER("again_s", bars[bar].lasts_ms / 1000));
}

void
qobuz_accounts_raise(struct qobuz_accounts *accounts, const struct account_entry *account)
{
	pthread_mutex_lock(&accounts->mutex);
	accounts->app = (struct barrier){ { 0 } };
	*barrier_of(accounts, account) = (struct barrier){ { 0 } };
	pthread_mutex_unlock(&accounts->mutex);
}

/* ---- who ---- */

const struct account_entry *
qobuz_accounts_find(
	const struct qobuz_accounts *accounts, const struct track_listener *listener)
{
	return account_list_find(&accounts->list, listener->user_id, listener->user_name);
}

const struct account_entry *
qobuz_accounts_reader(struct qobuz_accounts *accounts, int64_t now_ms)
{
	const struct account_entry *reader = account_list_find(&accounts->list, "", "");

	pthread_mutex_lock(&accounts->mutex);
	if (reader != NULL &&
		now_ms < barrier_of(accounts, reader)->until_ms[QOBUZ_BAR_TOKEN])
		reader = NULL;
	for (size_t i = 0; i < accounts->list.count && reader == NULL; i++) {
		if (now_ms >= accounts->accounts[i].until_ms[QOBUZ_BAR_TOKEN])
			reader = &accounts->list.entries[i];
	}
	pthread_mutex_unlock(&accounts->mutex);
	return reader;
}

/* ---- lanes ---- */

struct provider_lane
qobuz_accounts_lane(struct qobuz_accounts *accounts, const struct track_listener *listener,
	int64_t now_ms)
{
	const struct account_entry *account = qobuz_accounts_find(accounts, listener);
	enum qobuz_bar bar = qobuz_accounts_bar(accounts, account, now_ms);
	struct provider_lane lane = { .qualities =
					      qobuz_accounts_qualities(accounts, bar) };

	if (lane.qualities != 0) {
		copy_text(lane.account, sizeof lane.account, account->label);
		lane.downloads = accounts->downloads;
	}
	return lane;
}

static json_t *
lane_new(struct qobuz_accounts *accounts, const struct account_entry *account,
	int64_t now_ms)
{
	json_t *lane = json_object(), *qualities = json_array();
	char iso[CLOCK_ISO_SIZE];
	int64_t until_ms;

	pthread_mutex_lock(&accounts->mutex);
	enum qobuz_bar bar = bar_locked(accounts, account, now_ms, &until_ms);
	pthread_mutex_unlock(&accounts->mutex);
	json_put_text(lane, "account", account->label);
	json_put_bool(lane, "full", bar == QOBUZ_OPEN);
	json_put_text(lane, "reason", qobuz_bar_text(bar));
	for (int quality = TRACK_QUALITIES - 1; quality >= 0; quality--) {
		if ((qobuz_accounts_qualities(accounts, bar) & TRACK_BIT(quality)) != 0)
			json_array_append_new(qualities,
				json_string(
					track_quality_name((enum track_quality)quality)));
	}
	json_put_new(lane, "qualities", qualities);
	if (until_ms > 0) {
		clock_format_iso(iso, clock_wall_ms() + until_ms - now_ms);
		json_put_text(lane, "nextTry", iso);
	}
	return lane;
}

json_t *
qobuz_accounts_lanes_new(struct qobuz_accounts *accounts, int64_t now_ms)
{
	json_t *lanes = json_array();

	for (size_t i = 0; i < accounts->list.count; i++)
		json_array_append_new(
			lanes, lane_new(accounts, &accounts->list.entries[i], now_ms));
	return lanes;
}
