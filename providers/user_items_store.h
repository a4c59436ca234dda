/* User items store: what listeners have done with external things, as rows of the database,
 * and beside them what the things looked like.
 *
 *   user_items      (user, item) → favourite, plays, rating; never deleted one by one, so
 *                   that versions only grow
 *   external_media  item → snapshot (providers/media_snapshot), shared by all users
 *
 * Called on the store's own threads. All return false when SQLite does.
 */
#ifndef PROVIDERS_USER_ITEMS_STORE_H
#define PROVIDERS_USER_ITEMS_STORE_H

#include "core/store.h"
#include "core/text.h"
#include "providers/external_id.h"
#include "providers/user_item.h"

extern const struct store_migration user_items_migrations[];
extern const size_t user_items_migration_count;

/* Which of a user's things: those of `kinds` (bits of 1 << enum media_kind) that are all
 * that is asked for. */
struct user_items_filter {
	char user_id[33];
	unsigned kinds;
	bool favourite, played, unplayed;
	/* Of more than `most` those that are first by this are taken. */
	enum {
		USER_ITEMS_LATEST_LIKED,
		USER_ITEMS_LATEST_PLAYED,
		USER_ITEMS_MOST_PLAYED
	} by;
	size_t most;
};

/* `item_id` as everywhere below: 32 hex. `item` is its state after the change. */
MUST_CHECK bool user_items_store_change(sqlite3 *database, const char *user_id,
	const char *item_id, const struct user_item_change *change, struct user_item *item);
/* Of two snapshots of one thing the one that was seen later stands. */
MUST_CHECK bool user_items_store_keep_media(
	sqlite3 *database, const char *item_id, int64_t seen_ms, struct slice snapshot);
/* What is read of a row; borrowed until `each` returns. */
struct user_items_row {
	const char *item_id;
	struct user_item item;
	struct slice snapshot; /* of user_items_store_list only */
};
/* Everything of that user, the latest changed first, at most `most`. */
MUST_CHECK bool user_items_store_load(sqlite3 *database, const char *user_id, size_t most,
	void (*each)(void *arg, const struct user_items_row *row), void *arg);
/* Things without a snapshot are left out. */
MUST_CHECK bool user_items_store_list(sqlite3 *database,
	const struct user_items_filter *filter,
	void (*each)(void *arg, const struct user_items_row *row), void *arg);

/* Everything of that user, and snapshots that nobody else needs. */
MUST_CHECK bool user_items_store_erase(sqlite3 *database, const char *user_id);

#endif
