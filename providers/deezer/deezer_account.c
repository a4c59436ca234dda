#include "providers/deezer/deezer_account.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "core/blowfish.h"
#include "core/clock.h"
#include "core/json.h"
#include "core/log.h"
#include "providers/lru.h"

enum {
	/* After it was refused, an account is tried again; a secret too. */
	AGAIN_MS = 10 * 60 * 1000,
	/* After the gateway could not be asked. */
	UNREACHED_AGAIN_MS = 3 * 1000,
	MAX_SONGS = 4096, /* of all accounts */
	SONG_MARGIN_MS = 60 * 1000,
	SONG_MOST_MS = 60 * 60 * 1000,
	ARL_LEAST = 16,
	ARL_MOST = 512,
};

struct deezer_account {
	struct deezer_accounts *accounts;
	const char *arl; /* borrowed from the list */
	const char *label;
	/* Under the mutex of the accounts: */
	enum deezer_account_state state;
	enum err failure;               /* of the last login */
	int64_t again_ms;               /* not before that, when it failed */
	struct deezer_session *session; /* a reference, or NULL */
};

struct deezer_accounts {
	struct account_list list;
	struct deezer_secret *secret;
	int downloads;
	bool has_cipher; /* this machine has Blowfish */
	struct deezer_account *of;
	size_t count;
	pthread_mutex_t mutex; /* guards the states, and: */
	struct lru *songs;     /* "label song" → struct deezer_gw_song */
};

/* ---- settings ---- */

static bool
is_arl(const char *text)
{
	size_t size = strlen(text);

	for (size_t i = 0; i < size; i++) {
		char c = ascii_lower(text[i]);
		if ((c < '0' || c > '9') && (c < 'a' || c > 'z'))
			return false;
	}
	return size >= ARL_LEAST && size <= ARL_MOST;
}

bool
deezer_accounts_check_arl(const char *value, char *why, size_t why_size)
{
	struct account_list list;
	bool good = account_list_parse(&list, value, why, why_size);

	for (size_t i = 0; good && i < list.count; i++) {
		good = is_arl(list.entries[i].secret);
		if (!good)
			snprintf(why, why_size,
				"is wrong: entry %zu holds no ARL, which has letters and "
				"digits only",
				i + 1);
	}
	account_list_fini(&list);
	return good;
}

bool
deezer_accounts_check_secret(const char *value, char *why, size_t why_size)
{
	if (strlen(value) == DEEZER_SECRET_SIZE)
		return true;
	snprintf(why, why_size, "must have exactly %d characters", DEEZER_SECRET_SIZE);
	return false;
}

/* ---- life ---- */

static void
free_song(void *value)
{
	deezer_gw_song_fini(value);
	xfree(value);
}

static struct deezer_account *
find_label(struct deezer_accounts *accounts, const char *label)
{
	for (size_t i = 0; i < accounts->count; i++) {
		if (strcmp(accounts->of[i].label, label) == 0)
			return &accounts->of[i];
	}
	return NULL;
}

struct deezer_accounts *
deezer_accounts_new(const struct deezer_accounts_options *options)
{
	struct deezer_accounts *accounts = xcalloc(1, sizeof *accounts);
	char why[200];

	pthread_mutex_init(&accounts->mutex, NULL);
	accounts->songs = lru_new(MAX_SONGS, MAX_SONGS, free_song);
	accounts->downloads = options->downloads;
	if (options->secret == NULL ||
		!account_list_parse(&accounts->list, options->arl, why, sizeof why))
		return accounts;
	accounts->has_cipher = blowfish_start();
	accounts->secret = deezer_secret_new(options->secret);
	accounts->of = xcalloc(accounts->list.count + 1, sizeof *accounts->of);
	for (size_t i = 0; i < accounts->list.count; i++) {
		const struct account_entry *entry = &accounts->list.entries[i];
		if (find_label(accounts, entry->label) == NULL)
			accounts->of[accounts->count++] =
				(struct deezer_account){ .accounts = accounts,
					.arl = entry->secret,
					.label = entry->label };
	}
	return accounts;
}

void
deezer_accounts_free(struct deezer_accounts *accounts)
{
	if (accounts == NULL)
		return;
	for (size_t i = 0; i < accounts->count; i++)
		deezer_session_unref(accounts->of[i].session);
	xfree(accounts->of);
	lru_free(accounts->songs);
	deezer_secret_unref(accounts->secret);
	account_list_fini(&accounts->list);
	pthread_mutex_destroy(&accounts->mutex);
	xfree(accounts);
}

struct deezer_account *
deezer_accounts_find(
	struct deezer_accounts *accounts, const struct track_listener *listener)
{
	const struct account_entry *entry =
		account_list_find(&accounts->list, listener->user_id, listener->user_name);

	return entry != NULL ? find_label(accounts, entry->label) : NULL;
}

const char *
deezer_account_label(const struct deezer_account *account)
{
	return account->label;
}

const char *
deezer_account_arl(const struct deezer_account *account)
{
	return account->arl;
}

struct deezer_secret *
deezer_account_secret(const struct deezer_account *account)
{
	return account->accounts->secret;
}

/* ---- what an account is good for ---- */

static bool
secret_is_wrong(const struct deezer_accounts *accounts, int64_t now_ms)
{
	return deezer_secret_state(accounts->secret) == DEEZER_SECRET_WRONG &&
	       now_ms < deezer_secret_wrong_ms(accounts->secret) + AGAIN_MS;
}

static bool
is_refused(const struct deezer_account *account, int64_t now_ms)
{
	return account->state == DEEZER_ACCOUNT_REFUSED && now_ms < account->again_ms;
}

static bool
is_full_locked(const struct deezer_account *account, int64_t now_ms)
{
	return account->accounts->has_cipher && !is_refused(account, now_ms) &&
	       !secret_is_wrong(account->accounts, now_ms);
}

/* Everything, until its plan is known. */
static track_quality_set
qualities_locked(const struct deezer_account *account)
{
	if (account->session != NULL)
		return deezer_session_qualities(account->session);
	return TRACK_BIT(TRACK_FLAC) | TRACK_BIT(TRACK_MP3_320) | TRACK_BIT(TRACK_MP3_128);
}

bool
deezer_account_is_full(struct deezer_account *account)
{
	pthread_mutex_lock(&account->accounts->mutex);
	bool full = is_full_locked(account, clock_now_ms());
	pthread_mutex_unlock(&account->accounts->mutex);
	return full;
}

struct provider_lane
deezer_accounts_lane(
	struct deezer_accounts *accounts, const struct track_listener *listener)
{
	struct provider_lane lane = { .qualities = TRACK_BIT(TRACK_PREVIEW) };
	struct deezer_account *account = deezer_accounts_find(accounts, listener);

	if (account == NULL)
		return lane;
	pthread_mutex_lock(&accounts->mutex);
	if (is_full_locked(account, clock_now_ms())) {
		lane.qualities |= qualities_locked(account);
		lane.downloads = accounts->downloads;
		copy_text(lane.account, sizeof lane.account, account->label);
	}
	pthread_mutex_unlock(&accounts->mutex);
	return lane;
}

/* ---- status ---- */

static const char *
reason_locked(const struct deezer_account *account)
{
	const struct deezer_accounts *accounts = account->accounts;

	if (!accounts->has_cipher)
		return "this machine's policy forbids Blowfish";
	if (account->state == DEEZER_ACCOUNT_REFUSED)
		return "the ARL is not or no longer good";
	if (deezer_secret_state(accounts->secret) == DEEZER_SECRET_WRONG)
		return "SIDETRACK_DEEZER_SECRET is wrong";
	if (account->state == DEEZER_ACCOUNT_UNREACHED)
		return "Deezer could not be asked";
	if (account->state == DEEZER_ACCOUNT_UNTRIED)
		return "not used yet";
	return deezer_session_is_fresh(account->session, clock_wall_ms())
		       ? "its session is good"
		       : "its session will be renewed";
}

static json_t *
lane_json_new(const struct deezer_account *account, int64_t now_ms)
{
	json_t *lane = json_object(), *qualities = json_array();
	int64_t again_ms = 0;
	char iso[CLOCK_ISO_SIZE];
	bool full = is_full_locked(account, now_ms);

	json_put_text(lane, "account", account->label);
	json_put_bool(lane, "full", full);
	json_put_text(lane, "reason", reason_locked(account));
	for (int quality = TRACK_FLAC; full && quality >= TRACK_MP3_128; quality--) {
		if ((qualities_locked(account) & TRACK_BIT(quality)) != 0)
			json_array_append_new(qualities,
				json_string(
					track_quality_name((enum track_quality)quality)));
	}
	json_put_new(lane, "qualities", qualities);
	if (is_refused(account, now_ms))
		again_ms = account->again_ms;
	else if (secret_is_wrong(account->accounts, now_ms))
		again_ms = deezer_secret_wrong_ms(account->accounts->secret) + AGAIN_MS;
	if (again_ms > 0) {
		clock_format_iso(iso, clock_wall_ms() + again_ms - now_ms);
		json_put_text(lane, "nextTry", iso);
	}
	return lane;
}

json_t *
deezer_accounts_status_new(struct deezer_accounts *accounts)
{
	json_t *lanes = json_array();
	int64_t now_ms = clock_now_ms();

	pthread_mutex_lock(&accounts->mutex);
	for (size_t i = 0; i < accounts->count; i++)
		json_array_append_new(lanes, lane_json_new(&accounts->of[i], now_ms));
	pthread_mutex_unlock(&accounts->mutex);
	return lanes;
}

/* ---- the session ---- */

bool
deezer_account_look(struct deezer_account *account, const struct deezer_session *stale,
	enum err *err, struct deezer_session **session)
{
	bool known = false;

	*err = ERR_NONE;
	*session = NULL;
	pthread_mutex_lock(&account->accounts->mutex);
	if (account->failure != ERR_NONE && clock_now_ms() < account->again_ms) {
		*err = account->failure;
		known = true;
	} else if (account->state == DEEZER_ACCOUNT_GOOD && account->session != stale &&
		   deezer_session_is_fresh(account->session, clock_wall_ms())) {
		*session = deezer_session_ref(account->session);
		known = true;
	}
	pthread_mutex_unlock(&account->accounts->mutex);
	return known;
}

struct deezer_session *
deezer_account_last(struct deezer_account *account)
{
	pthread_mutex_lock(&account->accounts->mutex);
	struct deezer_session *session = account->session;
	if (session != NULL)
		deezer_session_ref(session);
	pthread_mutex_unlock(&account->accounts->mutex);
	return session;
}

static enum deezer_account_state
state_of(enum err err)
{
	if (err == ERR_NONE)
		return DEEZER_ACCOUNT_GOOD;
	return err == ERR_DENIED ? DEEZER_ACCOUNT_REFUSED : DEEZER_ACCOUNT_UNREACHED;
}

static void
log_state(const struct deezer_account *account, enum deezer_account_state state,
	const char *why)
{
	if (state == DEEZER_ACCOUNT_GOOD)
		log_info("deezer_account_accepted", LOG_TEXT("account", account->label));
	else if (state == DEEZER_ACCOUNT_REFUSED)
		log_warn("deezer_account_refused", LOG_TEXT("account", account->label),
			LOG_TEXT("why", why));
	else
		log_warn("deezer_account_unreached", LOG_TEXT("account", account->label),
			LOG_TEXT("why", why));
}

void
deezer_account_tell(struct deezer_account *account, enum err err,
	struct deezer_session *session, const char *why)
{
	enum deezer_account_state after = state_of(err);
	struct deezer_session *replaced = NULL;

	pthread_mutex_lock(&account->accounts->mutex);
	bool changed = account->state != after;
	account->state = after;
	account->failure = err;
	account->again_ms =
		clock_now_ms() +
		(after == DEEZER_ACCOUNT_REFUSED ? AGAIN_MS : UNREACHED_AGAIN_MS);
	/* An account that cannot be asked keeps its session: its plan, and what it may be
	 * renewed with. */
	if (after != DEEZER_ACCOUNT_UNREACHED) {
		replaced = account->session;
		account->session = session != NULL ? deezer_session_ref(session) : NULL;
	}
	pthread_mutex_unlock(&account->accounts->mutex);
	deezer_session_unref(replaced);
	if (changed)
		log_state(account, after, why);
}

/* ---- songs ---- */

static void
song_key(struct text *key, const struct deezer_account *account, const char *song)
{
	text_init(key);
	text_addf(key, "%s %s", song, account->label);
}

bool
deezer_account_get_song(
	struct deezer_account *account, const char *key, struct deezer_gw_song *song)
{
	struct text name;

	song_key(&name, account, key);
	pthread_mutex_lock(&account->accounts->mutex);
	const struct deezer_gw_song *found =
		lru_get(account->accounts->songs, name.data, clock_now_ms());
	if (found != NULL)
		deezer_gw_song_copy(song, found);
	pthread_mutex_unlock(&account->accounts->mutex);
	text_fini(&name);
	return found != NULL;
}

static int64_t
song_life_ms(const struct deezer_gw_file *file)
{
	int64_t left_ms = file->token_expires_wall_ms - clock_wall_ms() - SONG_MARGIN_MS;

	if (file->token_expires_wall_ms == 0 || left_ms > SONG_MOST_MS)
		return SONG_MOST_MS;
	return left_ms;
}

void
deezer_account_put_song(
	struct deezer_account *account, const char *key, const struct deezer_gw_song *song)
{
	int64_t life_ms = song_life_ms(&song->own);
	struct deezer_gw_song *kept;
	struct text name;

	if (song->has_fallback && song_life_ms(&song->fallback) < life_ms)
		life_ms = song_life_ms(&song->fallback);
	if (life_ms <= 0)
		return;
	kept = xcalloc(1, sizeof *kept);
	deezer_gw_song_copy(kept, song);
	song_key(&name, account, key);
	pthread_mutex_lock(&account->accounts->mutex);
	lru_put(account->accounts->songs, name.data, kept, 1, clock_now_ms() + life_ms);
	pthread_mutex_unlock(&account->accounts->mutex);
	text_fini(&name);
}
