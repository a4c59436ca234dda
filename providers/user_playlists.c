#include "providers/user_playlists.h"

#include <pthread.h>
#include <string.h>

#include "core/crypto.h"
#include "core/log.h"
#include "providers/media_snapshot.h"
#include "providers/metrics.h"
#include "providers/user_playlist_rows.h"

enum {
	BUCKETS = 1024,
	READ_DEADLINE_MS = 5000,
	LOAD_DEADLINE_MS = 10 * 1000,
};

/* A playlist with an external part. */
struct known {
	struct known *next;
	char playlist[PLAYLIST_ID_HEX];
	struct user_playlist_facts facts;
};

struct user_playlists {
	struct store *store;
	struct playlist_turns *turns;
	pthread_mutex_t mutex; /* guards what follows */
	struct known *buckets[BUCKETS];
	size_t count;
};

struct user_playlists *
user_playlists_new(struct store *store)
{
	struct user_playlists *playlists = xcalloc(1, sizeof *playlists);

	playlists->store = store;
	playlists->turns = playlist_turns_new();
	pthread_mutex_init(&playlists->mutex, NULL);
	return playlists;
}

void
user_playlists_free(struct user_playlists *playlists)
{
	if (playlists == NULL)
		return;
	for (size_t i = 0; i < BUCKETS; i++) {
		while (playlists->buckets[i] != NULL) {
			struct known *known = playlists->buckets[i];
			playlists->buckets[i] = known->next;
			xfree(known);
		}
	}
	playlist_turns_free(playlists->turns);
	pthread_mutex_destroy(&playlists->mutex);
	xfree(playlists);
}

struct playlist_turns *
user_playlists_turns(struct user_playlists *playlists)
{
	return playlists->turns;
}

/* ---- what is known ---- */

/* The place that points at it, or at the end of its bucket. The mutex is held. */
static struct known **
find_known(struct user_playlists *playlists, const char *playlist)
{
	struct known **place = &playlists->buckets[text_hash(0, playlist) % BUCKETS];

	while (*place != NULL && strcmp((*place)->playlist, playlist) != 0)
		place = &(*place)->next;
	return place;
}

bool
user_playlists_facts(struct user_playlists *playlists, const char *playlist,
	struct user_playlist_facts *facts)
{
	pthread_mutex_lock(&playlists->mutex);
	const struct known *known = *find_known(playlists, playlist);
	if (known != NULL && facts != NULL)
		*facts = known->facts;
	pthread_mutex_unlock(&playlists->mutex);
	return known != NULL;
}

bool
user_playlists_any(struct user_playlists *playlists)
{
	pthread_mutex_lock(&playlists->mutex);
	bool any = playlists->count > 0;
	pthread_mutex_unlock(&playlists->mutex);
	return any;
}

/* Without songs it is forgotten. */
static void
learn(struct user_playlists *playlists, const char *playlist,
	const struct user_playlist_facts *facts)
{
	pthread_mutex_lock(&playlists->mutex);
	struct known **place = find_known(playlists, playlist);
	struct known *known = *place;
	if (facts->songs == 0) {
		if (known != NULL) {
			*place = known->next;
			playlists->count--;
		}
		xfree(known);
	} else {
		if (known == NULL) {
			*place = known = xcalloc(1, sizeof *known);
			playlists->count++;
			copy_text(known->playlist, sizeof known->playlist, playlist);
		}
		char owner[sizeof known->facts.owner];
		copy_text(owner, sizeof owner, known->facts.owner);
		known->facts = *facts;
		fill_text(known->facts.owner, sizeof known->facts.owner, owner);
	}
	pthread_mutex_unlock(&playlists->mutex);
}

/* ---- calls ---- */

struct user_playlist_call {
	struct user_playlists *playlists;
	struct loop *loop;
	char playlist[PLAYLIST_ID_HEX];
	bool cancelled; /* its loop's */
	/* Of the order: read or to be written. */
	struct playlist_order order;
	void (*on_order)(void *arg, enum err err, const struct playlist_order *order);
	/* Of songs. */
	char (*entries)[PLAYLIST_ID_HEX];
	size_t *found;
	size_t count;
	struct media_list *list;
	void (*on_songs)(
		void *arg, enum err err, struct media_list *list, const size_t *found);
	/* Of an order that is settled. */
	struct text before, after;
	/* Of a write. */
	struct user_playlist_facts facts;
	struct user_playlist_row_song *rows;
	size_t row_count;
	struct playlist_turn *turn;
	void (*on_written)(void *arg, enum err err);
	void *arg;
};

static struct user_playlist_call *
call_new(struct user_playlists *playlists, struct loop *loop, const char *playlist,
	void *arg)
{
	struct user_playlist_call *call = xcalloc(1, sizeof *call);

	call->playlists = playlists;
	call->loop = loop;
	call->arg = arg;
	copy_text(call->playlist, sizeof call->playlist, playlist);
	return call;
}

static void
free_call(void *arg)
{
	struct user_playlist_call *call = arg;

	playlist_order_fini(&call->order);
	xfree(call->entries);
	xfree(call->found);
	media_list_unref(call->list);
	text_fini(&call->before);
	text_fini(&call->after);
	for (size_t i = 0; i < call->row_count; i++)
		text_fini(&call->rows[i].media);
	xfree(call->rows);
	xfree(call);
}

void
user_playlists_cancel(struct user_playlist_call *call)
{
	if (call != NULL)
		call->cancelled = true;
}

/* ---- reading ---- */

static bool
run_read(sqlite3 *database, void *arg)
{
	struct user_playlist_call *call = arg;

	return user_playlist_rows_read(database, call->playlist, &call->order);
}

static void
on_read(void *arg, enum err err)
{
	struct user_playlist_call *call = arg;

	if (call->cancelled)
		return;
	if (err == ERR_NONE && call->order.count == 0)
		err = ERR_NOT_FOUND;
	call->on_order(call->arg, err, &call->order);
}

struct user_playlist_call *
user_playlists_read(struct user_playlists *playlists, struct loop *loop,
	const char *playlist,
	void (*done)(void *arg, enum err err, const struct playlist_order *order),
	void *arg)
{
	struct user_playlist_call *call = call_new(playlists, loop, playlist, arg);

	call->on_order = done;
	store_read(playlists->store, loop, READ_DEADLINE_MS, run_read, on_read, call,
		free_call);
	return call;
}

static bool
run_songs(sqlite3 *database, void *arg)
{
	struct user_playlist_call *call = arg;
	bool good = true;

	for (size_t i = 0; good && i < call->count; i++)
		good = user_playlist_rows_song(database, call->playlist, call->entries[i],
			call->list, &call->found[i]);
	return good;
}

static void
on_songs(void *arg, enum err err)
{
	struct user_playlist_call *call = arg;

	if (!call->cancelled)
		call->on_songs(call->arg, err, call->list, call->found);
}

struct user_playlist_call *
user_playlists_songs(struct user_playlists *playlists, struct loop *loop,
	const char *playlist, const char (*entries)[PLAYLIST_ID_HEX], size_t count,
	void (*done)(void *arg, enum err err, struct media_list *list, const size_t *found),
	void *arg)
{
	struct user_playlist_call *call = call_new(playlists, loop, playlist, arg);

	call->on_songs = done;
	call->count = count;
	call->entries = xcalloc(count + 1, sizeof *call->entries);
	if (count > 0)
		memcpy(call->entries, entries, count * sizeof *entries);
	call->found = xcalloc(count + 1, sizeof *call->found);
	call->list = media_list_new(count);
	store_read(playlists->store, loop, READ_DEADLINE_MS, run_songs, on_songs, call,
		free_call);
	return call;
}

/* ---- writing ---- */

static bool
run_write(sqlite3 *database, void *arg)
{
	struct user_playlist_call *call = arg;

	return user_playlist_rows_write(database, call->playlist, &call->order, call->rows,
		call->row_count, &call->facts);
}

static void
on_written(void *arg, enum err err)
{
	struct user_playlist_call *call = arg;

	if (err == ERR_NONE) {
		learn(call->playlists, call->playlist, &call->facts);
		metric_add(&playlist_metric_kept, 1);
	} else {
		log_error("playlist_not_kept", LOG_TEXT("playlist", call->playlist),
			LOG_TEXT("reason", err_name(err)));
		metric_add(&playlist_metric_not_kept, 1);
	}
	playlist_turn_leave(call->turn);
	if (!call->cancelled)
		call->on_written(call->arg, err);
}

static void
take_songs(struct user_playlist_call *call, const struct user_playlist_song *songs,
	size_t count)
{
	call->rows = xcalloc(count + 1, sizeof *call->rows);
	for (size_t i = 0; i < count; i++) {
		struct user_playlist_row_song *row = &call->rows[call->row_count];
		if (!media_snapshot_write(&row->media, songs[i].media)) {
			text_fini(&row->media);
			continue;
		}
		copy_text(row->entry, sizeof row->entry, songs[i].entry);
		row->duration_ms = songs[i].media->duration_ms;
		call->row_count++;
	}
}

struct user_playlist_call *
user_playlists_write(struct user_playlists *playlists, struct loop *loop,
	const char *playlist, const char *owner, const struct playlist_order *order,
	const struct user_playlist_song *songs, size_t song_count,
	struct playlist_turn *take_turn, void (*done)(void *arg, enum err err), void *arg)
{
	struct user_playlist_call *call = call_new(playlists, loop, playlist, arg);

	call->turn = take_turn;
	call->on_written = done;
	copy_text(call->facts.owner, sizeof call->facts.owner, owner);
	playlist_order_copy(&call->order, order);
	take_songs(call, songs, song_count);
	store_write(playlists->store, loop, run_write, on_written, call, free_call);
	return call;
}

static bool
run_settle(sqlite3 *database, void *arg)
{
	struct user_playlist_call *call = arg;

	return user_playlist_rows_settle(
		database, call->playlist, text_get(&call->before), text_get(&call->after));
}

static void
on_settled(void *arg, enum err err)
{
	struct user_playlist_call *call = arg;

	if (!call->cancelled)
		call->on_written(call->arg, err);
}

struct user_playlist_call *
user_playlists_settle(struct user_playlists *playlists, struct loop *loop,
	const char *playlist, const struct playlist_order *before,
	const struct playlist_order *after, void (*done)(void *arg, enum err err),
	void *arg)
{
	struct user_playlist_call *call = call_new(playlists, loop, playlist, arg);

	call->on_written = done;
	playlist_order_write(&call->before, before);
	playlist_order_write(&call->after, after);
	store_write(playlists->store, loop, run_settle, on_settled, call, free_call);
	return call;
}

static bool
run_drop(sqlite3 *database, void *arg)
{
	return user_playlist_rows_drop(database, arg);
}

void
user_playlists_drop(struct user_playlists *playlists, const char *playlist)
{
	static const struct user_playlist_facts nothing;

	if (!user_playlists_facts(playlists, playlist, NULL))
		return;
	learn(playlists, playlist, &nothing);
	log_info("playlist_forgotten", LOG_TEXT("playlist", playlist));
	store_write(playlists->store, NULL, run_drop, NULL, xstrdup(playlist), xfree);
}

/* ---- the start ---- */

struct loading {
	struct user_playlists *playlists;
	void (*done)(void *arg);
	void *arg;
};

static void
add_known(void *arg, const char *playlist, const struct user_playlist_facts *facts)
{
	struct loading *loading = arg;

	learn(loading->playlists, playlist, facts);
}

static bool
run_load(sqlite3 *database, void *arg)
{
	return user_playlist_rows_each(database, add_known, arg);
}

static void
on_loaded(void *arg, enum err err)
{
	struct loading *loading = arg;

	if (err != ERR_NONE)
		log_error("playlists_not_read", LOG_TEXT("reason", err_name(err)));
	loading->done(loading->arg);
}

void
user_playlists_load(struct user_playlists *playlists, struct loop *loop,
	void (*done)(void *arg), void *arg)
{
	struct loading *loading = xcalloc(1, sizeof *loading);

	*loading = (struct loading){ playlists, done, arg };
	store_read(playlists->store, loop, LOAD_DEADLINE_MS, run_load, on_loaded, loading,
		xfree);
}

void
user_playlist_entry_id(char id[PLAYLIST_ID_HEX])
{
	unsigned char number[16];
	char name[2 * sizeof number + 1];

	crypto_random(number, sizeof number);
	hex_encode(name, number, sizeof number);
	external_id_of_name(id, "playlist entry", name);
}
