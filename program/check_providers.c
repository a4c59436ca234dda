/* Check: the catalogues outside Jellyfin, and the accounts through which whole songs come:
 * each opens a song and reads its first bytes, as a listener would. */
#include <stdio.h>
#include <string.h>

#include "core/clock.h"
#include "core/json.h"
#include "core/loop.h"
#include "program/check.h"
#include "providers/provider_setup.h"

enum {
	FIRST_BYTES = 8192,
	MOST_HEADERS = 8,
	TRIES = 2, /* songs that are opened, for one may not be sold here */
};

/* What to do about a provider that is not set up. */
static const struct {
	enum provider_id id;
	const char *what;
} hints[] = {
	{ PROVIDER_QOBUZ, "it needs SIDETRACK_QOBUZ_APP_ID and, mostly, "
			  "SIDETRACK_QOBUZ_TOKEN" },
};

struct looking {
	struct check *check;
	struct catalog_worker *worker;
	enum provider_id id;
	struct media_list *songs; /* of a search */
};

/* ---- the catalogue ---- */

struct answer {
	bool done;
	enum err err;
	struct media_list *list;
};

static void
on_list(void *arg, enum err err, struct media_list *list)
{
	struct answer *answer = arg;

	answer->done = true;
	answer->err = err;
	answer->list = list != NULL ? media_list_ref(list) : NULL;
}

static bool
check_catalogue(struct looking *looking)
{
	const struct catalog_query query = {
		.ask = CATALOG_SEARCH,
		.provider = looking->id,
		.kind = MEDIA_SONG,
		.text = "light",
		.limit = 10,
	};
	const char *name = provider_name(looking->id);
	struct answer answer = { .err = ERR_TIMEOUT };
	int64_t began_ms = clock_now_ms();
	struct catalog_call *call =
		catalog_get(looking->worker, &query, CHECK_MS, on_list, &answer);

	if (!check_wait(looking->check, &answer.done, CHECK_MS))
		catalog_cancel(call);
	if (answer.err == ERR_NONE)
		check_tell(looking->check, CHECK_OK, name,
			"the catalogue answers in %lld ms",
			(long long)(clock_now_ms() - began_ms));
	else
		check_tell(looking->check, CHECK_PROBLEM, name,
			"the catalogue cannot be asked (%s): does this machine reach the "
			"internet? SIDETRACK_PROVIDERS leaves a provider out",
			err_name(answer.err));
	looking->songs = answer.list;
	return answer.err == ERR_NONE;
}

/* ---- an account ---- */

struct opening {
	bool done;
	enum err err;
	struct track_source *source;
};

static void
on_opened(void *arg, enum err err, struct track_source *take_source)
{
	struct opening *opening = arg;

	opening->done = true;
	opening->err = err;
	opening->source = take_source;
}

/* Are the first bytes music, once the source's filter has had them? */
static enum err
try_bytes(struct looking *looking, const struct track_source *source)
{
	const struct track_filter *filter = source->filter;
	const char *headers[MOST_HEADERS + 1];
	struct check_answer answer;
	size_t size, count = 0;
	enum err err;

	headers[count++] = "Range: bytes=0-8191";
	for (size_t i = 0; source->headers != NULL && source->headers[i] != NULL; i++) {
		if (count < MOST_HEADERS)
			headers[count++] = source->headers[i];
	}
	headers[count] = NULL;
	check_get(looking->check, NULL, source->urls[0], headers, &answer);
	err = answer.err;
	size = answer.body.size < FIRST_BYTES ? answer.body.size : FIRST_BYTES;
	if (err == ERR_NONE && answer.status != 200 && answer.status != 206)
		err = ERR_DENIED;
	if (err == ERR_NONE && filter != NULL) {
		size -= size % filter->block;
		if (size >= filter->block) {
			filter->apply(filter, 0, (unsigned char *)answer.body.data, size);
			err = filter->check(
				filter, (const unsigned char *)answer.body.data, size);
		}
	}
	text_fini(&answer.body);
	return err;
}

/* Opens the song as that account's listener; what came of it is in the lane's reason. */
static enum err
try_song(struct looking *looking, const char *label, const struct media *song)
{
	const struct provider_ops *ops;
	void *seat = catalog_seat(looking->worker, looking->id, &ops);
	const struct track_wish wish = {
		.id = song->id,
		.listener = { .user_id = label, .user_name = label },
		.qualities = TRACK_ALL_FULL,
	};
	struct opening opening = { .err = ERR_TIMEOUT };
	void *operation = ops->open_start(seat, &wish, on_opened, &opening);
	enum err err;

	if (!check_wait(looking->check, &opening.done, CHECK_MS))
		ops->open_cancel(operation);
	err = opening.err;
	if (err == ERR_NONE && opening.source->format.quality == TRACK_PREVIEW)
		err = ERR_DENIED;
	if (err == ERR_NONE)
		err = try_bytes(looking, opening.source);
	track_source_free(opening.source);
	return err;
}

/* The lane of that account as it stands now; of the list, borrowed. */
static const json_t *
find_lane(const json_t *lanes, const char *label)
{
	const json_t *lane;
	size_t i;

	json_array_foreach (lanes, i, lane) {
		const char *account = json_text(lane, "account");
		if (account != NULL && strcmp(account, label) == 0)
			return lane;
	}
	return NULL;
}

static void
check_account(struct looking *looking, const struct provider *provider, const char *label)
{
	const char *name = provider_name(looking->id);
	const char *whose = strcmp(label, "*") == 0 ? "everybody" : label;
	enum err err = ERR_NOT_FOUND;

	for (size_t i = 0; err != ERR_NONE && i < TRIES && i < looking->songs->count; i++)
		err = try_song(looking, label, &looking->songs->items[i]);
	json_t *status = provider->ops->status(provider->shared);
	const json_t *lane = find_lane(json_member(status, "lanes"), label);
	if (err == ERR_NONE)
		check_tell(looking->check, CHECK_OK, name,
			"the account of %s gives whole songs", whose);
	else
		check_tell(looking->check, CHECK_PROBLEM, name,
			"the account of %s gives no whole songs: %s (%s)", whose,
			json_text_or(lane, "reason", "it is not known why"), err_name(err));
	json_decref(status);
}

static void
check_accounts(struct looking *looking, const struct provider *provider)
{
	json_t *status = provider->ops->status(provider->shared);
	const json_t *lanes = json_member(status, "lanes");
	const json_t *lane;
	size_t i;

	if (json_array_size(lanes) == 0)
		check_tell(looking->check, CHECK_OFF, provider_name(looking->id),
			"no account: nobody gets whole songs of it");
	json_array_foreach (lanes, i, lane) {
		const char *label = json_text(lane, "account");
		if (label != NULL && label[0] != '\0')
			check_account(looking, provider, label);
	}
	json_decref(status);
}

/* ---- all of them ---- */

static void
tell_missing(struct check *check, const struct provider_list *providers)
{
	for (size_t i = 0; i < COUNT_OF(hints); i++) {
		if (provider_find(providers, hints[i].id) == NULL)
			check_tell(check, CHECK_OFF, provider_name(hints[i].id),
				"not set up: %s", hints[i].what);
	}
}

void
check_providers(struct check *check)
{
	struct provider_list providers;

	provider_setup(&providers, &check->program->providers);
	struct catalog *catalog = catalog_new(&providers);
	struct catalog_worker *worker =
		catalog_worker_new(catalog, check->loop, check->client);
	const struct provider_list *set_up = catalog_providers(catalog);
	for (size_t i = 0; i < set_up->count; i++) {
		struct looking looking = {
			.check = check, .worker = worker, .id = set_up->of[i].ops->id
		};
		if (check_catalogue(&looking))
			check_accounts(&looking, &set_up->of[i]);
		media_list_unref(looking.songs);
	}
	tell_missing(check, set_up);
	catalog_worker_free(worker);
	/* What it left to be freed in the next turn. */
	loop_turn(check->loop, 0);
	catalog_free(catalog);
}
