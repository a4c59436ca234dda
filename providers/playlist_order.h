/* Playlist order: where the external songs of a playlist stand among Jellyfin's own.
 *
 * A playlist is one list of members. The local ones are Jellyfin's, named by its
 * PlaylistItemId, which is the item's id: the same song twice is the same id twice. The
 * external ones are ours. What is kept is the whole list as it was when we changed it last;
 * whoever shows it lets it follow what Jellyfin says its part is now. Others may have
 * changed that past us, so an external song keeps its neighbours: it stays with the nearest
 * local entry that has not been moved or removed, the one before it when both are as near.
 * Pure; any thread.
 */
#ifndef PROVIDERS_PLAYLIST_ORDER_H
#define PROVIDERS_PLAYLIST_ORDER_H

#include "providers/external_id.h"

enum { PLAYLIST_ID_HEX = 33 };

struct playlist_member {
	bool external;
	char id[PLAYLIST_ID_HEX];   /* of the entry: PlaylistItemId, 32 lower-case hex */
	char song[EXTERNAL_ID_HEX]; /* of the external song, else "" */
};

/* Zeroed is empty. */
struct playlist_order {
	struct playlist_member *members;
	size_t count;
	size_t capacity;
};

void playlist_order_fini(struct playlist_order *order);
void playlist_order_copy(struct playlist_order *to, const struct playlist_order *from);

/* Jellyfin's spelling of an id: dashes gone, lower case. False when it is no id. */
MUST_CHECK bool playlist_id_read(char id[PLAYLIST_ID_HEX], struct slice text);

/* ---- looking ---- */

/* How many of the first `place` members are local. */
size_t playlist_order_locals(const struct playlist_order *order, size_t place);
/* The first member that `text` names: by its entry, or by its song's id, as clients do
 * that take both for the same; in any spelling of an id. False when there is none. */
MUST_CHECK bool playlist_order_find(
	const struct playlist_order *order, struct slice text, size_t *place);

/* Some places of the list: what is of them in either part, each without gaps. */
struct playlist_window {
	size_t start, count;
	size_t local_start, local_count;
};

/* Cut at the end of the list; `limit` below 0: all. */
struct playlist_window playlist_order_window(
	const struct playlist_order *order, size_t start, int64_t limit);

/* ---- changing ---- */

/* Jellyfin's part is now `locals`, in this order. Says whether it was another before. */
bool playlist_order_follow(
	struct playlist_order *order, const char *const *locals, size_t count);
/* `place` at most order->count. The members are copied. */
void playlist_order_insert(struct playlist_order *order, size_t place,
	const struct playlist_member *members, size_t count);
void playlist_order_remove(struct playlist_order *order, size_t place);
/* So that it stands at place `to` then. Both below order->count. */
void playlist_order_move(struct playlist_order *order, size_t from, size_t to);

/* ---- keeping ---- */

/* Adds the list as text of ours; reading it gives the same list. */
void playlist_order_write(struct text *to, const struct playlist_order *order);
/* False, leaving the order empty, when it makes no sense. */
MUST_CHECK bool playlist_order_read(struct playlist_order *order, struct slice text);

#endif
