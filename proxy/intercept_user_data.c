#include "proxy/intercept_user_data.h"

#include <string.h>

#include "core/clock.h"
#include "proxy/gather.h"
#include "proxy/user_data_body.h"

/* How long a change waits for what the thing looks like. */
enum { MEDIA_DEADLINE_MS = 5000 };

/* A change on its way to the database. In the arena. */
struct keeping {
	struct intercept *intercept;
	struct external_id id;
	struct user_item_change change;
	bool wrong;       /* what Jellyfin says 400 to */
	char user_id[33]; /* whose data it is */
	struct gather_item item;
	const struct media *media; /* NULL when nobody asked */
	size_t hold;
};

/* ---- whose ---- */

/* 32 lower-case digits of an id in any spelling; "" when it is none. */
static void
plain_id(char id[33], const char *text)
{
	size_t size = 0;

	for (; *text != '\0' && size < 33; text++) {
		if (*text != '-')
			id[size++] = ascii_lower(*text);
	}
	id[size == 32 ? 32 : 0] = '\0';
}

/* The {user} of the older paths; 12.0's have none. */
static const char *
user_of_path(const struct route_match *match)
{
	bool named = match->count > 0 && slice_equal_text(match->names[0], "user");

	return named ? match->values[0] : NULL;
}

/* The user that the request names, by its path or query, else the caller. False: it names
 * somebody whose data the caller may not see. */
static bool
find_user(struct keeping *keeping)
{
	const struct intercept *intercept = keeping->intercept;
	const struct token_facts *facts = &intercept->caller->facts;
	const struct query *query = exchange_query(intercept_exchange(keeping->intercept));
	const char *named = user_of_path(&intercept->match);

	if (named == NULL)
		named = query_get(query, "userId");
	plain_id(keeping->user_id, named != NULL ? named : "");
	if (keeping->user_id[0] == '\0')
		(void)copy_text(keeping->user_id, sizeof keeping->user_id, facts->user_id);
	return facts->administrator || text_equal_ci(keeping->user_id, facts->user_id);
}

/* ---- answers ---- */

static void
reply_data(struct keeping *keeping, const struct user_item *item)
{
	struct intercept *intercept = keeping->intercept;
	struct item_context context = intercept_item_context(intercept);
	int64_t ticks =
		keeping->media != NULL ? media_facts_ticks(keeping->media, &context) : 0;
	char hex[EXTERNAL_ID_HEX];

	if (!external_id_format(hex, &keeping->id))
		intercept_reply_status(intercept, 404);
	else
		intercept_reply_json(intercept, 200, user_item_data_new(item, hex, ticks));
}

static void
reply_not_kept(struct keeping *keeping, enum err err)
{
	struct exchange *exchange = http_job_take(keeping->intercept->job);

	if (err == ERR_BUSY)
		exchange_reply_error(exchange, 503, "store_busy",
			"Too much is being written right now. Try again shortly.");
	else
		exchange_reply_error(exchange, 500, "store_failed",
			"This could not be kept: the database did not take it.");
}

static void
reply_forbidden(struct intercept *intercept)
{
	static const char text[] = "Error processing request.";

	intercept_reply_text(intercept, 403, "text/plain", text, sizeof text - 1);
}

/* ---- changing ---- */

static void
cancel_change(void *operation)
{
	user_items_cancel(operation);
}

static void
on_kept(void *arg, enum err err, const struct user_item *item)
{
	struct keeping *keeping = arg;

	http_job_release(keeping->intercept->job, keeping->hold);
	if (err == ERR_NONE)
		reply_data(keeping, item);
	else
		reply_not_kept(keeping, err);
}

static void
keep(struct keeping *keeping)
{
	struct intercept *intercept = keeping->intercept;
	struct http_job *job = intercept->job;

	keeping->hold = http_job_hold(job, cancel_change,
		user_items_change(intercept->worker->services->user_items,
			http_job_loop(job), keeping->user_id, &keeping->id,
			&keeping->change, keeping->media, on_kept, keeping));
}

/* What was done with it before, as far as the caller's view tells; then what it looks like
 * is kept already. */
static bool
is_known(const struct keeping *keeping, struct user_item *item)
{
	const struct intercept *intercept = keeping->intercept;

	*item = (struct user_item){ 0 };
	return intercept->user != NULL &&
	       text_equal_ci(keeping->user_id, intercept->caller->facts.user_id) &&
	       user_view_get(intercept->user, &keeping->id, item);
}

static void
on_media(void *arg)
{
	struct keeping *keeping = arg;
	struct user_item item;

	if (keeping->item.err == ERR_NONE && keeping->item.list->count > 0)
		keeping->media = &keeping->item.list->items[0];
	else if (!is_known(keeping, &item) &&
		 gather_first_or_reply(keeping->intercept, &keeping->item) == NULL)
		return;
	keep(keeping);
}

/* What is taken away needs no picture. */
static bool
only_takes(const struct user_item_change *change)
{
	return (change->verb == USER_ITEM_FAVOURITE && !change->on) ||
	       change->verb == USER_ITEM_MARK_UNPLAYED || change->verb == USER_ITEM_UNRATE;
}

static void
ask_media(struct keeping *keeping)
{
	keeping->item.query = (struct catalog_query){
		.ask = CATALOG_ITEM, .provider = keeping->id.provider, .id = keeping->id
	};
	gather_start(keeping->intercept, &keeping->item, 1, MEDIA_DEADLINE_MS, on_media,
		keeping);
}

/* ---- marking all songs of an album or a playlist ---- */

/* Jellyfin marks what is in a folder, and answers with the folder's own data. */
static void
on_all_kept(void *arg, enum err err)
{
	struct keeping *keeping = arg;
	struct user_item item;

	http_job_release(keeping->intercept->job, keeping->hold);
	if (err != ERR_NONE) {
		reply_not_kept(keeping, err);
		return;
	}
	(void)is_known(keeping, &item);
	reply_data(keeping, &item);
}

static void
on_songs(void *arg)
{
	struct keeping *keeping = arg;
	struct intercept *intercept = keeping->intercept;
	struct http_job *job = intercept->job;

	if (keeping->item.err != ERR_NONE) {
		intercept_reply_err(intercept, keeping->item.err);
		return;
	}
	keeping->hold = http_job_hold(job, cancel_change,
		user_items_change_all(intercept->worker->services->user_items,
			http_job_loop(job), keeping->user_id, keeping->item.list,
			&keeping->change, on_all_kept, keeping));
}

/* Of an artist the songs that are heard most: nobody knows all of them. */
static void
ask_songs(struct keeping *keeping)
{
	struct catalog_query *query = &keeping->item.query;

	*query = (struct catalog_query){ .ask = CATALOG_ARTIST_TOP,
		.provider = keeping->id.provider,
		.id = keeping->id };
	if (keeping->id.kind == MEDIA_ALBUM)
		query->ask = CATALOG_ALBUM_TRACKS;
	else if (keeping->id.kind == MEDIA_PLAYLIST)
		query->ask = CATALOG_PLAYLIST_TRACKS;
	gather_start(keeping->intercept, &keeping->item, 1, MEDIA_DEADLINE_MS, on_songs,
		keeping);
}

static bool
marks_songs(const struct keeping *keeping)
{
	return keeping->id.kind != MEDIA_SONG &&
	       (keeping->change.verb == USER_ITEM_MARK_PLAYED ||
		       keeping->change.verb == USER_ITEM_MARK_UNPLAYED);
}

static void
change_allowed(struct intercept *intercept)
{
	struct keeping *keeping = intercept->state;

	if (keeping->wrong) {
		intercept_reply_status(intercept, 400);
	} else if (!find_user(keeping)) {
		reply_forbidden(intercept);
	} else if (marks_songs(keeping)) {
		ask_songs(keeping);
	} else if (only_takes(&keeping->change)) {
		keep(keeping);
	} else {
		ask_media(keeping);
	}
}

/* ---- reading ---- */

static void
cancel_open(void *operation)
{
	user_items_cancel(operation);
}

static void
on_opened(void *arg, enum err err, struct user_view *view)
{
	struct keeping *keeping = arg;
	struct user_item item = { 0 };

	http_job_release(keeping->intercept->job, keeping->hold);
	if (err != ERR_NONE) {
		exchange_reply_error(http_job_take(keeping->intercept->job), 500,
			"store_failed", "The database could not be read.");
		return;
	}
	(void)user_view_get(view, &keeping->id, &item);
	reply_data(keeping, &item);
}

static void
read_allowed(struct intercept *intercept)
{
	struct keeping *keeping = intercept->state;

	if (!find_user(keeping)) {
		reply_forbidden(intercept);
		return;
	}
	keeping->hold = http_job_hold(intercept->job, cancel_open,
		user_items_open(intercept->worker->services->user_items,
			http_job_loop(intercept->job), keeping->user_id, on_opened,
			keeping));
}

/* ---- routes ---- */

/* NULL: Jellyfin's own, or nothing is kept. */
static struct keeping *
keeping_new(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match)
{
	struct external_id id;

	if (worker->services->user_items == NULL ||
		!intercept_external_id(&id, match, "id"))
		return NULL;
	struct keeping *keeping = arena_alloc(exchange_arena(exchange), sizeof *keeping);
	*keeping = (struct keeping){ .id = id };
	keeping->change.now_ms = clock_wall_ms();
	keeping->intercept = intercept_start(worker, exchange, match);
	keeping->intercept->state = keeping;
	return keeping;
}

static bool
is_post(const struct keeping *keeping)
{
	return exchange_request(intercept_exchange(keeping->intercept))->method ==
	       HTTP_POST;
}

bool
intercept_user_favourite(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match)
{
	struct keeping *keeping = keeping_new(worker, exchange, match);

	if (keeping == NULL)
		return false;
	keeping->change.verb = USER_ITEM_FAVOURITE;
	keeping->change.on = is_post(keeping);
	intercept_guard(keeping->intercept, change_allowed, NULL);
	return true;
}

bool
intercept_user_played(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match)
{
	struct keeping *keeping = keeping_new(worker, exchange, match);
	const char *date = query_get(exchange_query(exchange), "datePlayed");

	if (keeping == NULL)
		return false;
	struct user_item_change *change = &keeping->change;
	change->verb = is_post(keeping) ? USER_ITEM_MARK_PLAYED : USER_ITEM_MARK_UNPLAYED;
	keeping->wrong = is_post(keeping) && date != NULL && date[0] != '\0' &&
			 !user_data_read_date(&change->date_ms, date);
	intercept_guard(keeping->intercept, change_allowed, NULL);
	return true;
}

bool
intercept_user_rating(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match)
{
	struct keeping *keeping = keeping_new(worker, exchange, match);
	const char *likes = query_get(exchange_query(exchange), "likes");

	if (keeping == NULL)
		return false;
	keeping->change.verb = USER_ITEM_UNRATE;
	if (is_post(keeping) && likes != NULL && likes[0] != '\0') {
		keeping->change.verb = USER_ITEM_RATE;
		keeping->change.on = text_equal_ci(likes, "true");
	}
	intercept_guard(keeping->intercept, change_allowed, NULL);
	return true;
}

bool
intercept_user_data(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match)
{
	struct keeping *keeping = keeping_new(worker, exchange, match);
	size_t size;

	if (keeping == NULL)
		return false;
	if (!is_post(keeping)) {
		intercept_guard(keeping->intercept, read_allowed, NULL);
		return true;
	}
	const char *body = exchange_body(exchange, &size);
	keeping->change.verb = USER_ITEM_SET;
	keeping->wrong = !user_data_read_body(&keeping->change.set, body, size);
	intercept_guard(keeping->intercept, change_allowed, NULL);
	return true;
}
