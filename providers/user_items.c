#include "providers/user_items.h"

#include <pthread.h>

#include "core/log.h"
#include "providers/lru.h"
#include "providers/media_snapshot.h"
#include "providers/metrics.h"
#include "providers/seen_media.h"

enum {
	LOAD_DEADLINE_MS = 1000,
	MAX_VIEWS = 1024,
	MAX_VIEWS_COST = 64 << 20,
};

#define OP_MAGIC 0x7569746du

/* A user's place among the views. */
struct entry {
	struct user_view *view;
	bool loaded; /* else changes are put into it, but it does not know everything yet */
};

struct user_items {
	struct user_items_options options;
	pthread_mutex_t views_mutex; /* guards views, erasures */
	struct lru *views;           /* user id → struct entry */
	uint64_t erasures;
	struct seen_media *seen;
};

struct user_items_op {
	unsigned magic;
	struct user_items *items;
	char user_id[33];
	bool cancelled;
	void *arg;
	/* opening */
	struct user_view *view;
	void (*opened)(void *arg, enum err err, struct user_view *view);
	/* changing */
	char item_id[EXTERNAL_ID_HEX];
	struct user_item_change change;
	struct text snapshot; /* empty: none */
	int64_t seen_ms;
	struct user_item item;
	uint64_t erasures; /* when it began */
	void (*changed)(void *arg, enum err err, const struct user_item *item);
	/* changing many */
	struct media_list *songs;
	struct user_item *states; /* by song */
	/* … or erasing */
	void (*ended)(void *arg, enum err err);
};

/* ---- views ---- */

static void
free_entry(void *value)
{
	struct entry *entry = value;

	user_view_unref(entry->view);
	xfree(entry);
}

/* With the mutex held. Takes a reference of its own. */
static void
put_view(struct user_items *items, const char *user_id, struct user_view *view, bool loaded)
{
	struct entry *entry = xcalloc(1, sizeof *entry);

	entry->view = user_view_ref(view);
	entry->loaded = loaded;
	lru_put(items->views, user_id, entry, user_view_cost(view), INT64_MAX);
}

/* A view that knows nothing yet takes the place of what was there. With the mutex held. */
static struct user_view *
begin_view(struct user_items *items, const char *user_id)
{
	struct user_view *view = user_view_new();

	put_view(items, user_id, view, false);
	return view;
}

struct user_view *
user_items_peek(struct user_items *items, const char *user_id)
{
	struct user_view *view = NULL;

	pthread_mutex_lock(&items->views_mutex);
	const struct entry *entry = lru_get(items->views, user_id, 0);
	if (entry != NULL && entry->loaded)
		view = user_view_ref(entry->view);
	pthread_mutex_unlock(&items->views_mutex);
	return view;
}

/* ---- operations ---- */

static struct user_items_op *
op_new(struct user_items *items, const char *user_id, void *arg)
{
	struct user_items_op *op = xcalloc(1, sizeof *op);

	op->magic = OP_MAGIC;
	op->items = items;
	(void)copy_text(op->user_id, sizeof op->user_id, user_id);
	op->arg = arg;
	return op;
}

static void
op_free(void *arg)
{
	struct user_items_op *op = CAST(arg, OP_MAGIC);

	user_view_unref(op->view);
	text_fini(&op->snapshot);
	media_list_unref(op->songs);
	xfree(op->states);
	op->magic = 0;
	xfree(op);
}

void
user_items_cancel(struct user_items_op *op)
{
	op->cancelled = true;
}

/* ---- opening ---- */

static void
load_row(void *arg, const struct user_items_row *row)
{
	user_view_put(arg, row->item_id, &row->item);
}

static bool
run_load(sqlite3 *database, void *arg)
{
	struct user_items_op *op = arg;

	return user_items_store_load(
		database, op->user_id, USER_VIEW_MOST, load_row, op->view);
}

/* What changed while it was read is in the view as well, unless the view has lost its
 * place: then it is good for this once. */
static void
on_loaded(void *arg, enum err err)
{
	struct user_items_op *op = CAST(arg, OP_MAGIC);
	struct user_items *items = op->items;

	if (err == ERR_NONE) {
		pthread_mutex_lock(&items->views_mutex);
		const struct entry *entry = lru_get(items->views, op->user_id, 0);
		if (entry != NULL && entry->view == op->view)
			put_view(items, op->user_id, op->view, true);
		pthread_mutex_unlock(&items->views_mutex);
	} else {
		metric_add(&user_items_metric_not_read, 1);
		log_warn_limited("user_items_not_read", LOG_TEXT("reason", err_name(err)));
	}
	if (!op->cancelled)
		op->opened(op->arg, err, err == ERR_NONE ? op->view : NULL);
}

struct user_items_op *
user_items_open(struct user_items *items, struct loop *loop, const char *user_id,
	void (*done)(void *arg, enum err err, struct user_view *view), void *arg)
{
	struct user_items_op *op = op_new(items, user_id, arg);

	op->opened = done;
	pthread_mutex_lock(&items->views_mutex);
	const struct entry *entry = lru_get(items->views, op->user_id, 0);
	op->view =
		entry != NULL ? user_view_ref(entry->view) : begin_view(items, op->user_id);
	pthread_mutex_unlock(&items->views_mutex);
	store_read(items->options.store, loop, LOAD_DEADLINE_MS, run_load, on_loaded, op,
		op_free);
	return op;
}

/* ---- what was seen ---- */

/* A snapshot on its way to the database. */
struct renewal {
	char item_id[EXTERNAL_ID_HEX];
	int64_t seen_ms;
	struct text json;
};

static void
free_renewal(void *arg)
{
	struct renewal *renewal = arg;

	text_fini(&renewal->json);
	xfree(renewal);
}

static bool
run_renewal(sqlite3 *database, void *arg)
{
	const struct renewal *renewal = arg;

	return user_items_store_keep_media(database, renewal->item_id, renewal->seen_ms,
		(struct slice){ renewal->json.data, renewal->json.size });
}

/* Nobody waits for it: the snapshot that there is will do. */
static void
renew(struct user_items *items, const char *item_id, int64_t seen_ms, struct slice json)
{
	struct renewal *renewal = xcalloc(1, sizeof *renewal);

	(void)copy_text(renewal->item_id, sizeof renewal->item_id, item_id);
	renewal->seen_ms = seen_ms;
	text_add_slice(&renewal->json, json);
	store_write(items->options.store, NULL, run_renewal, NULL, renewal, free_renewal);
}

/* Has that user done anything with it, as far as is known without asking? */
static bool
is_kept(struct user_items *items, const char *user_id, const struct external_id *id)
{
	struct user_view *view = user_items_peek(items, user_id);
	struct user_item item;
	bool kept = view != NULL && user_view_get(view, id, &item);

	user_view_unref(view);
	return kept;
}

void
user_items_see(struct user_items *items, const char *user_id, const struct media *media)
{
	struct text text = { 0 };
	char hex[EXTERNAL_ID_HEX];

	if (!external_id_format(hex, &media->id) || !media_snapshot_write(&text, media))
		return;
	struct slice json = { text.data, text.size };
	bool kept = is_kept(items, user_id, &media->id);
	if (seen_media_put(items->seen, hex, media->seen_ms, json, kept))
		renew(items, hex, media->seen_ms, json);
	text_fini(&text);
}

static void
take_snapshot(struct user_items_op *op, const struct media *media)
{
	if (media != NULL && media_snapshot_write(&op->snapshot, media))
		op->seen_ms = media->seen_ms;
	else if (!seen_media_get(op->items->seen, op->item_id, &op->snapshot, &op->seen_ms))
		text_clear(&op->snapshot);
}

/* ---- changing ---- */

static bool
run_change(sqlite3 *database, void *arg)
{
	struct user_items_op *op = arg;
	struct slice snapshot = { op->snapshot.data, op->snapshot.size };

	if (!user_items_store_change(
		    database, op->user_id, op->item_id, &op->change, &op->item))
		return false;
	return snapshot.size == 0 ||
	       user_items_store_keep_media(database, op->item_id, op->seen_ms, snapshot);
}

static uint64_t
count_erasures(struct user_items *items)
{
	pthread_mutex_lock(&items->views_mutex);
	uint64_t erasures = items->erasures;
	pthread_mutex_unlock(&items->views_mutex);
	return erasures;
}

/* A change from before an erasure may not speak of what came after. */
static void
tell_view(struct user_items_op *op, const char *item_id, const struct user_item *item)
{
	struct user_items *items = op->items;

	pthread_mutex_lock(&items->views_mutex);
	const struct entry *entry = lru_get(items->views, op->user_id, 0);
	if (entry != NULL && op->erasures == items->erasures)
		user_view_put(entry->view, item_id, item);
	else if (entry != NULL)
		user_view_unref(begin_view(items, op->user_id));
	pthread_mutex_unlock(&items->views_mutex);
}

/* The database has it: everybody may know. */
static void
tell(struct user_items_op *op, const char *item_id, const struct user_item *item)
{
	const struct user_items_options *options = &op->items->options;

	metric_add(&user_items_metric_changes, 1);
	tell_view(op, item_id, item);
	if (options->changed != NULL)
		options->changed(options->arg, op->user_id, item_id, item);
}

static void
tell_failure(const struct user_items_op *op, enum err err)
{
	metric_add(&user_items_metric_not_kept, 1);
	log_warn_limited("user_item_not_kept", LOG_TEXT("user", op->user_id),
		LOG_TEXT("reason", err_name(err)));
}

static void
on_changed(void *arg, enum err err)
{
	static const struct user_item nothing;
	struct user_items_op *op = CAST(arg, OP_MAGIC);

	if (err == ERR_NONE)
		tell(op, op->item_id, &op->item);
	else
		tell_failure(op, err);
	if (!op->cancelled && op->changed != NULL)
		op->changed(op->arg, err, err == ERR_NONE ? &op->item : &nothing);
}

struct user_items_op *
user_items_change(struct user_items *items, struct loop *loop, const char *user_id,
	const struct external_id *id, const struct user_item_change *change,
	const struct media *media,
	void (*done)(void *arg, enum err err, const struct user_item *item), void *arg)
{
	struct user_items_op *op = op_new(items, user_id, arg);

	op->changed = done;
	op->change = *change;
	if (!external_id_format(op->item_id, id))
		op->item_id[0] = '\0'; /* which the store refuses */
	take_snapshot(op, media);
	op->erasures = count_erasures(items);
	store_write(items->options.store, loop, run_change, on_changed, op, op_free);
	return op;
}

/* ---- changing many ---- */

static bool
change_song(sqlite3 *database, struct user_items_op *op, size_t i)
{
	const struct media *song = &op->songs->items[i];
	struct text snapshot = { 0 };
	char hex[EXTERNAL_ID_HEX];

	if (!external_id_format(hex, &song->id) ||
		!user_items_store_change(
			database, op->user_id, hex, &op->change, &op->states[i]))
		return false;
	bool good = !media_snapshot_write(&snapshot, song) ||
		    user_items_store_keep_media(database, hex, song->seen_ms,
			    (struct slice){ snapshot.data, snapshot.size });
	text_fini(&snapshot);
	return good;
}

static bool
run_change_all(sqlite3 *database, void *arg)
{
	struct user_items_op *op = arg;
	bool good = true;

	for (size_t i = 0; good && i < op->songs->count; i++)
		good = change_song(database, op, i);
	return good;
}

static void
on_all_changed(void *arg, enum err err)
{
	struct user_items_op *op = CAST(arg, OP_MAGIC);
	char hex[EXTERNAL_ID_HEX];

	for (size_t i = 0; err == ERR_NONE && i < op->songs->count; i++) {
		if (external_id_format(hex, &op->songs->items[i].id))
			tell(op, hex, &op->states[i]);
	}
	if (err != ERR_NONE)
		tell_failure(op, err);
	if (!op->cancelled)
		op->ended(op->arg, err);
}

struct user_items_op *
user_items_change_all(struct user_items *items, struct loop *loop, const char *user_id,
	struct media_list *songs, const struct user_item_change *change,
	void (*done)(void *arg, enum err err), void *arg)
{
	struct user_items_op *op = op_new(items, user_id, arg);

	op->ended = done;
	op->change = *change;
	op->songs = media_list_ref(songs);
	op->states = xcalloc(songs->count + 1, sizeof *op->states);
	op->erasures = count_erasures(items);
	store_write(
		items->options.store, loop, run_change_all, on_all_changed, op, op_free);
	return op;
}

/* ---- erasing ---- */

static bool
run_erase(sqlite3 *database, void *arg)
{
	const struct user_items_op *op = arg;

	return user_items_store_erase(database, op->user_id);
}

static void
on_erased(void *arg, enum err err)
{
	struct user_items_op *op = CAST(arg, OP_MAGIC);
	struct user_items *items = op->items;

	if (err == ERR_NONE) {
		pthread_mutex_lock(&items->views_mutex);
		items->erasures++;
		user_view_unref(begin_view(items, op->user_id));
		pthread_mutex_unlock(&items->views_mutex);
		log_info("user_items_erased", LOG_TEXT("user", op->user_id));
	}
	if (!op->cancelled)
		op->ended(op->arg, err);
}

struct user_items_op *
user_items_erase(struct user_items *items, struct loop *loop, const char *user_id,
	void (*done)(void *arg, enum err err), void *arg)
{
	struct user_items_op *op = op_new(items, user_id, arg);

	op->ended = done;
	store_write(items->options.store, loop, run_erase, on_erased, op, op_free);
	return op;
}

/* ---- life ---- */

struct user_items *
user_items_new(const struct user_items_options *options)
{
	struct user_items *items = xcalloc(1, sizeof *items);

	items->options = *options;
	pthread_mutex_init(&items->views_mutex, NULL);
	items->views = lru_new(MAX_VIEWS, MAX_VIEWS_COST, free_entry);
	items->seen = seen_media_new();
	return items;
}

struct store *
user_items_database(const struct user_items *items)
{
	return items->options.store;
}

void
user_items_free(struct user_items *items)
{
	if (items == NULL)
		return;
	lru_free(items->views);
	seen_media_free(items->seen);
	pthread_mutex_destroy(&items->views_mutex);
	xfree(items);
}
