/* Ledger: history's segments in memory, column by column, so that a statistic over a
 * million of them takes milliseconds: SQLite alone takes a third of a second to step
 * through a year of them.
 *
 * Some 60 bytes per segment. Brought up to date from the database before each question by
 * reading what has changed since; after deletions everything is read anew. Shared between
 * the store's readers behind a lock: ledger_open takes it for reading and gives columns
 * that stay as they are until ledger_close. What repeats as text (platforms, artists, …) is
 * a code here, which the ledger turns back into text.
 */
#ifndef TRACKER_LEDGER_H
#define TRACKER_LEDGER_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/mem.h"

struct ledger;

enum { LEDGER_NONE = UINT32_MAX };

/* What a segment is about, by items.id. Codes of texts. */
struct ledger_item {
	uint8_t kind; /* enum segment_kind */
	int32_t runtime_s;
	uint32_t series, album, artist, provider, library;
};

/* On what it was played, by players.id. */
struct ledger_player {
	uint32_t platform, device_type, device, client;
};

/* Columns of the same length; borrowed until ledger_close. */
struct ledger_columns {
	size_t count;
	const int64_t *started_ms,
		*stopped_ms; /* of what is open: when it was written last */
	const int64_t *id;
	const int32_t *played_ms;
	/* The segment before it in the same viewing, an index; LEDGER_NONE: it is the
	 * first. */
	const uint32_t *previous;
	const uint32_t *user, *item, *player, *place; /* ids */
	const uint32_t *bitrate_kbps;
	const uint8_t *category; /* enum peak_category */
	const uint8_t *open, *watched;
	/* By the ids above; entries of ids that occur are filled. */
	const struct ledger_item *items;
	const struct ledger_player *players;
	const uint32_t *countries; /* by place */
	const uint32_t *servers;   /* by user */
};

struct ledger *ledger_new(void);
/* Accepts NULL. */
void ledger_free(struct ledger *ledger);

/* Brings it up to date and takes the lock. False, and no lock, when the database could not
 * be read. */
MUST_CHECK bool ledger_open(
	struct ledger *ledger, sqlite3 *database, struct ledger_columns *columns);
void ledger_close(struct ledger *ledger);
/* While it is open: the text of a code. */
const char *ledger_text(const struct ledger *ledger, uint32_t code);
/* … and how many there are: codes are below. */
size_t ledger_text_count(const struct ledger *ledger);

#endif
