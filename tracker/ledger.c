#include "tracker/ledger.h"

#include <pthread.h>
#include <string.h>

#include "core/sql.h"
#include "tracker/ledger_texts.h"

enum { ROWS_FIRST = 1024 };

/* The columns, as ledger_columns has them, but ours to change. */
struct rows {
	size_t count, capacity;
	int64_t *started_ms, *stopped_ms, *id;
	int32_t *played_ms;
	uint32_t *previous, *user, *item, *player, *place, *bitrate_kbps;
	uint8_t *category, *open, *watched;
};

/* What is known by its own id: grows to the highest one. */
struct known {
	void *entries;
	size_t count;
};

struct ledger {
	pthread_rwlock_t lock;
	struct rows rows;
	struct known items, players, countries, servers;
	struct known newest; /* by viewing: the index of its newest segment, plus 1 */
	struct ledger_texts texts;
	int64_t changed;   /* the highest number read */
	int64_t deletions; /* as counted when everything was read */
};

struct ledger *
ledger_new(void)
{
	struct ledger *ledger = xcalloc(1, sizeof *ledger);

	pthread_rwlock_init(&ledger->lock, NULL);
	ledger->deletions = -1;
	return ledger;
}

static void
clear(struct ledger *ledger)
{
	struct rows *rows = &ledger->rows;

	xfree(rows->started_ms);
	xfree(rows->stopped_ms);
	xfree(rows->id);
	xfree(rows->played_ms);
	xfree(rows->previous);
	xfree(rows->user);
	xfree(rows->item);
	xfree(rows->player);
	xfree(rows->place);
	xfree(rows->bitrate_kbps);
	xfree(rows->category);
	xfree(rows->open);
	xfree(rows->watched);
	*rows = (struct rows){ 0 };
	struct known *const known[] = { &ledger->items, &ledger->players,
		&ledger->countries, &ledger->servers, &ledger->newest };
	for (size_t i = 0; i < COUNT_OF(known); i++) {
		xfree(known[i]->entries);
		*known[i] = (struct known){ 0 };
	}
	ledger_texts_fini(&ledger->texts);
	ledger->changed = 0;
}

void
ledger_free(struct ledger *ledger)
{
	if (ledger == NULL)
		return;
	clear(ledger);
	pthread_rwlock_destroy(&ledger->lock);
	xfree(ledger);
}

/* ---- growing ---- */

static void
grow_rows(struct rows *rows)
{
	if (rows->count < rows->capacity)
		return;
	rows->capacity = rows->capacity == 0 ? ROWS_FIRST : rows->capacity * 2;
#define GROW(column) (column) = xrealloc((column), rows->capacity * sizeof *(column))
	GROW(rows->started_ms);
	GROW(rows->stopped_ms);
	GROW(rows->id);
	GROW(rows->played_ms);
	GROW(rows->previous);
	GROW(rows->user);
	GROW(rows->item);
	GROW(rows->player);
	GROW(rows->place);
	GROW(rows->bitrate_kbps);
	GROW(rows->category);
	GROW(rows->open);
	GROW(rows->watched);
#undef GROW
}

/* The entry of that id, zeroed when it is new. */
static void *
know(struct known *known, size_t id, size_t entry_size)
{
	if (id >= known->count) {
		size_t count = known->count == 0 ? ROWS_FIRST : known->count;
		while (count <= id)
			count *= 2;
		known->entries = xrealloc(known->entries, count * entry_size);
		memset((char *)known->entries + known->count * entry_size, 0,
			(count - known->count) * entry_size);
		known->count = count;
	}
	return (char *)known->entries + id * entry_size;
}

/* ---- reading ---- */

enum column {
	ID,
	VIEWING,
	USER,
	ITEM,
	PLAYER,
	PLACE,
	OPEN,
	STARTED,
	STOPPED,
	PLAYED,
	WATCHED,
	CATEGORY,
	BITRATE,
	CHANGED,
	SERVER,
	KIND,
	RUNTIME,
	SERIES,
	ALBUM,
	ARTIST,
	PROVIDER,
	LIBRARY,
	PLATFORM,
	DEVICE_TYPE,
	DEVICE,
	CLIENT,
	COUNTRY,
};

/* In the order of enum column. */
#define SELECT                                                                             \
	"SELECT s.id, s.viewing, s.user, s.item, s.player, s.place, s.open, "              \
	"s.started_ms, s.stopped_ms, s.played_ms, s.watched, s.category, s.bitrate, "      \
	"s.changed, u.server, i.kind, i.runtime_ms, i.series, i.album, i.artist, "         \
	"i.provider, i.library_id, p.platform, p.device_type, p.device, p.client, "        \
	"l.country FROM segments s JOIN users u ON u.id = s.user "                         \
	"JOIN items i ON i.id = s.item JOIN players p ON p.id = s.player "                 \
	"JOIN places l ON l.id = s.place "

static uint32_t
code_at(struct ledger *ledger, sqlite3_stmt *row, int column)
{
	return ledger_texts_code(&ledger->texts, sql_text(row, column));
}

static int32_t
cut(int64_t value)
{
	return value > INT32_MAX ? INT32_MAX : value < 0 ? 0 : (int32_t)value;
}

static void
read_known(struct ledger *ledger, sqlite3_stmt *row)
{
	struct ledger_item *item =
		know(&ledger->items, (size_t)sql_int(row, ITEM), sizeof *item);
	struct ledger_player *player =
		know(&ledger->players, (size_t)sql_int(row, PLAYER), sizeof *player);
	uint32_t *country =
		know(&ledger->countries, (size_t)sql_int(row, PLACE), sizeof *country);
	uint32_t *server =
		know(&ledger->servers, (size_t)sql_int(row, USER), sizeof *server);

	*item = (struct ledger_item){ .kind = (uint8_t)sql_int(row, KIND),
		.runtime_s = cut(sql_int(row, RUNTIME) / 1000),
		.series = code_at(ledger, row, SERIES),
		.album = code_at(ledger, row, ALBUM),
		.artist = code_at(ledger, row, ARTIST),
		.provider = code_at(ledger, row, PROVIDER),
		.library = code_at(ledger, row, LIBRARY) };
	*player = (struct ledger_player){ .platform = code_at(ledger, row, PLATFORM),
		.device_type = code_at(ledger, row, DEVICE_TYPE),
		.device = code_at(ledger, row, DEVICE),
		.client = code_at(ledger, row, CLIENT) };
	*country = code_at(ledger, row, COUNTRY);
	*server = code_at(ledger, row, SERVER);
}

static bool
find_row(const struct rows *rows, int64_t id, size_t *index)
{
	size_t from = 0, to = rows->count;

	while (from < to) {
		size_t middle = from + (to - from) / 2;
		if (rows->id[middle] < id)
			from = middle + 1;
		else
			to = middle;
	}
	*index = from;
	return from < rows->count && rows->id[from] == id;
}

/* Rows come in the order of their ids, so that a new one is always the last. */
static size_t
add_row(struct ledger *ledger, sqlite3_stmt *row)
{
	struct rows *rows = &ledger->rows;
	size_t index = rows->count;

	grow_rows(rows);
	rows->count++;
	uint32_t *newest =
		know(&ledger->newest, (size_t)sql_int(row, VIEWING), sizeof *newest);
	rows->id[index] = sql_int(row, ID);
	rows->previous[index] = *newest == 0 ? LEDGER_NONE : *newest - 1;
	*newest = (uint32_t)index + 1;
	return index;
}

static void
read_row(struct ledger *ledger, sqlite3_stmt *row)
{
	struct rows *rows = &ledger->rows;
	size_t index;

	if (!find_row(rows, sql_int(row, ID), &index))
		index = add_row(ledger, row);
	rows->started_ms[index] = sql_int(row, STARTED);
	rows->stopped_ms[index] = sql_int(row, STOPPED);
	rows->played_ms[index] = cut(sql_int(row, PLAYED));
	rows->user[index] = (uint32_t)sql_int(row, USER);
	rows->item[index] = (uint32_t)sql_int(row, ITEM);
	rows->player[index] = (uint32_t)sql_int(row, PLAYER);
	rows->place[index] = (uint32_t)sql_int(row, PLACE);
	rows->bitrate_kbps[index] = (uint32_t)cut(sql_int(row, BITRATE) / 1000);
	rows->category[index] = (uint8_t)sql_int(row, CATEGORY);
	rows->open[index] = sql_int(row, OPEN) != 0;
	rows->watched[index] = sql_int(row, WATCHED) != 0;
	read_known(ledger, row);
	if (sql_int(row, CHANGED) > ledger->changed)
		ledger->changed = sql_int(row, CHANGED);
}

static bool
refresh(struct ledger *ledger, sqlite3 *database, int64_t deletions)
{
	if (deletions != ledger->deletions)
		clear(ledger);
	ledger->deletions = deletions;
	sqlite3_stmt *rows =
		sql_prepare(database, SELECT "WHERE s.changed > ?1 ORDER BY s.id",
			SQL_VALUES(SQL_INT(ledger->changed)));
	if (rows == NULL)
		return false;
	while (sql_next(rows))
		read_row(ledger, rows);
	if (sql_end(rows))
		return true;
	/* Cut short: some of what had changed may have been read, the rest not. */
	ledger->deletions = -1;
	return false;
}

static bool
is_current(const struct ledger *ledger, sqlite3 *database, int64_t *deletions)
{
	int64_t changed = 0;

	return sql_get_int(database, "SELECT deletions FROM history_state", NULL, 0,
		       deletions) &&
	       sql_get_int(
		       database, "SELECT max(changed) FROM segments", NULL, 0, &changed) &&
	       *deletions == ledger->deletions && changed == ledger->changed;
}

bool
ledger_open(struct ledger *ledger, sqlite3 *database, struct ledger_columns *columns)
{
	const struct rows *rows = &ledger->rows;
	int64_t deletions = 0;

	pthread_rwlock_rdlock(&ledger->lock);
	if (!is_current(ledger, database, &deletions)) {
		pthread_rwlock_unlock(&ledger->lock);
		pthread_rwlock_wrlock(&ledger->lock);
		bool good = refresh(ledger, database, deletions);
		pthread_rwlock_unlock(&ledger->lock);
		if (!good)
			return false;
		pthread_rwlock_rdlock(&ledger->lock);
	}
	*columns = (struct ledger_columns){ .count = rows->count,
		.started_ms = rows->started_ms,
		.stopped_ms = rows->stopped_ms,
		.id = rows->id,
		.played_ms = rows->played_ms,
		.previous = rows->previous,
		.user = rows->user,
		.item = rows->item,
		.player = rows->player,
		.place = rows->place,
		.bitrate_kbps = rows->bitrate_kbps,
		.category = rows->category,
		.open = rows->open,
		.watched = rows->watched,
		.items = ledger->items.entries,
		.players = ledger->players.entries,
		.countries = ledger->countries.entries,
		.servers = ledger->servers.entries };
	return true;
}

void
ledger_close(struct ledger *ledger)
{
	pthread_rwlock_unlock(&ledger->lock);
}

const char *
ledger_text(const struct ledger *ledger, uint32_t code)
{
	return code < ledger->texts.count ? ledger->texts.texts[code] : "";
}

size_t
ledger_text_count(const struct ledger *ledger)
{
	return ledger->texts.count;
}
