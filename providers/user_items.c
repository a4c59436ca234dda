#include "providers/user_items.h"

#include <pthread.h>

#include "core/clock.h"
#include "core/log.h"
#include "providers/lru.h"
#include "providers/media_snapshot.h"
#include "providers/metrics.h"

enum {
	LOAD_DEADLINE_MS = 1000,
	MAX_VIEWS = 1024,
	MAX_VIEWS_COST = 64 << 20,
	MAX_SEEN = 4096,
	MAX_SEEN_COST = 8 << 20,
	RENEW_MS = 24 * 3600 * 1000,
};

#define OP_MAGIC 0x7569746du

/* A user's place among the views. */
struct entry {
	struct user_view *view;
	bool loaded; /* else changes are put into it, but it does not know everything yet */
};

/* What a thing looked like. */
struct seen {
	int64_t seen_ms;    /* by its provider's answer */
	int64_t renewed_ms; /* clock_now_ms at which it was kept anew */
	size_t size;
	char json[];
};

struct user_items {
	struct user_items_options options;
	pthread_mutex_t views_mutex; /* guards views, erasures */
	struct lru *views;           /* user id → struct entry */
	uint64_t erasures;
	pthread_mutex_t seen_mutex; /* guards seen */
	struct lru *seen;           /* item id → struct seen */
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
	/* erasing */
	void (*erased)(void *arg, enum err err);
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

/* With the mutex held. Returns whether it is time to keep it anew. */
static bool
remember(struct user_items *items, const char *item_id, int64_t seen_ms, struct slice json,
	bool kept)
{
	int64_t now_ms = clock_now_ms(), renewed_ms = INT64_MIN / 2;
	const struct seen *before = lru_get(items->seen, item_id, 0);
	struct seen *seen = xmalloc(sizeof *seen + json.size);

	if (before != NULL)
		renewed_ms = before->renewed_ms;
	bool due = kept && now_ms - renewed_ms >= RENEW_MS;
	seen->seen_ms = seen_ms;
	seen->renewed_ms = due ? now_ms : renewed_ms;
	seen->size = json.size;
	memcpy(seen->json, json.data, json.size);
	lru_put(items->seen, item_id, seen, sizeof *seen + seen->size, INT64_MAX);
	return due;
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
	pthread_mutex_lock(&items->seen_mutex);
	bool due = remember(items, hex, media->seen_ms, json, kept);
	pthread_mutex_unlock(&items->seen_mutex);
	if (due)
		renew(items, hex, media->seen_ms, json);
	text_fini(&text);
}

static void
take_snapshot(struct user_items_op *op, const struct media *media)
{
	struct user_items *items = op->items;

	if (media != NULL && media_snapshot_write(&op->snapshot, media)) {
		op->seen_ms = media->seen_ms;
		return;
	}
	pthread_mutex_lock(&items->seen_mutex);
	const struct seen *seen = lru_get(items->seen, op->item_id, 0);
	if (seen != NULL) {
		text_add_bytes(&op->snapshot, seen->json, seen->size);
		op->seen_ms = seen->seen_ms;
	}
	pthread_mutex_unlock(&items->seen_mutex);
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

/* A change from before an erasure may not speak of what came after. */
static void
tell_view(struct user_items_op *op)
{
	struct user_items *items = op->items;

	pthread_mutex_lock(&items->views_mutex);
	const struct entry *entry = lru_get(items->views, op->user_id, 0);
	if (entry != NULL && op->erasures == items->erasures)
		user_view_put(entry->view, op->item_id, &op->item);
	else if (entry != NULL)
		user_view_unref(begin_view(items, op->user_id));
	pthread_mutex_unlock(&items->views_mutex);
}

static void
on_changed(void *arg, enum err err)
{
	static const struct user_item nothing;
	struct user_items_op *op = CAST(arg, OP_MAGIC);
	const struct user_items_options *options = &op->items->options;

	if (err == ERR_NONE) {
		metric_add(&user_items_metric_changes, 1);
		tell_view(op);
		if (options->changed != NULL)
			options->changed(options->arg, op->user_id, op->item_id, &op->item);
	} else {
		metric_add(&user_items_metric_not_kept, 1);
		log_warn_limited("user_item_not_kept", LOG_TEXT("item", op->item_id),
			LOG_TEXT("reason", err_name(err)));
	}
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
	pthread_mutex_lock(&items->views_mutex);
	op->erasures = items->erasures;
	pthread_mutex_unlock(&items->views_mutex);
	store_write(items->options.store, loop, run_change, on_changed, op, op_free);
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
		op->erased(op->arg, err);
}

struct user_items_op *
user_items_erase(struct user_items *items, struct loop *loop, const char *user_id,
	void (*done)(void *arg, enum err err), void *arg)
{
	struct user_items_op *op = op_new(items, user_id, arg);

	op->erased = done;
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
	pthread_mutex_init(&items->seen_mutex, NULL);
	items->views = lru_new(MAX_VIEWS, MAX_VIEWS_COST, free_entry);
	items->seen = lru_new(MAX_SEEN, MAX_SEEN_COST, xfree);
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
	lru_free(items->seen);
	pthread_mutex_destroy(&items->views_mutex);
	pthread_mutex_destroy(&items->seen_mutex);
	xfree(items);
}
