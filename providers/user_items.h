/* User items: what listeners have done with external things, kept in the database.
 *
 * Reading is by views (providers/user_view): one per listener, loaded when first needed,
 * those of the listeners who were here last stay in memory. Writing goes through: a change
 * is told, to its caller and to everybody, only after the database has it, so that nothing
 * that was answered is lost by a crash. Changes of one thing are made one after the other
 * on the store's thread, from what its row says then.
 *
 * What a thing looks like is kept beside what was done with it (providers/media_snapshot):
 * given with the change, or seen lately.
 *
 * Shared between threads. An operation belongs to the loop it was started on: its `done`
 * fires there exactly once, never before the function returned, and not at all after
 * user_items_cancel; a change that was cancelled is made all the same.
 */
#ifndef PROVIDERS_USER_ITEMS_H
#define PROVIDERS_USER_ITEMS_H

#include "core/store.h"
#include "providers/media.h"
#include "providers/user_items_store.h"
#include "providers/user_view.h"

struct user_items;
struct user_items_op;

struct user_items_options {
	struct store *store; /* outlives the operations */
	/* Told of every change, on the loop that made it, after it is in the database.
	 * NULL: nobody cares. */
	void (*changed)(void *arg, const char *user_id, const char *item_id,
		const struct user_item *item);
	void *arg;
};

struct user_items *user_items_new(const struct user_items_options *options);
/* After the loops with operations under way are freed. Accepts NULL. */
void user_items_free(struct user_items *items);

/* The database they are in, for who reads lists of them. */
struct store *user_items_database(const struct user_items *items);

/* ---- views ---- */

/* The user's view when it is in memory: a reference; else NULL. Any thread. */
struct user_view *user_items_peek(struct user_items *items, const char *user_id);
/* The same, read from the database if need be, within a second: `view` is borrowed, NULL
 * unless ERR_NONE. */
struct user_items_op *user_items_open(struct user_items *items, struct loop *loop,
	const char *user_id, void (*done)(void *arg, enum err err, struct user_view *view),
	void *arg);

/* ---- changes ---- */

/* `media` is what the thing looks like, NULL when that is not known: then what was seen of
 * it lately, or kept with it earlier, must do. `item` is its new state, zeroed unless
 * ERR_NONE. ERR_IO, ERR_BUSY: nothing was changed. `done` NULL: nobody waits for it. */
struct user_items_op *user_items_change(struct user_items *items, struct loop *loop,
	const char *user_id, const struct external_id *id,
	const struct user_item_change *change, const struct media *media,
	void (*done)(void *arg, enum err err, const struct user_item *item), void *arg);
/* The same change of every song of a list, which is referenced: of all of them or, unless
 * ERR_NONE, of none. */
struct user_items_op *user_items_change_all(struct user_items *items, struct loop *loop,
	const char *user_id, struct media_list *songs,
	const struct user_item_change *change, void (*done)(void *arg, enum err err),
	void *arg);
/* That user has come across it: what it looks like is remembered, should something be done
 * with it (a few thousand things, in memory), and kept anew, once a day, when something
 * was. Any thread. */
void user_items_see(
	struct user_items *items, const char *user_id, const struct media *media);
/* Everything of that user, for good. */
struct user_items_op *user_items_erase(struct user_items *items, struct loop *loop,
	const char *user_id, void (*done)(void *arg, enum err err), void *arg);

/* ---- */

/* Silence. On its loop. */
void user_items_cancel(struct user_items_op *op);

#endif
