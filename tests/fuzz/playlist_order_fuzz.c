/* Orders of playlists from our database, perhaps damaged, and lists of Jellyfin's
 * to follow: what was read once reads the same again, and no external entry is lost. */
#include "providers/playlist_order.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_written(const struct playlist_order *order)
{
	struct playlist_order again;
	struct text bytes = { 0 };

	playlist_order_write(&bytes, order);
	if (!playlist_order_read(&again, (struct slice){ text_get(&bytes), bytes.size }) ||
		again.count != order->count ||
		(order->count > 0 && memcmp(again.members, order->members,
					     order->count * sizeof *order->members) != 0))
		__builtin_trap();
	playlist_order_fini(&again);
	text_fini(&bytes);
}

/* The local entries of the order, backwards, and every third of them twice. */
static void
follow(struct playlist_order *order)
{
	size_t locals = playlist_order_locals(order, order->count), count = 0;
	size_t external = order->count - locals;
	const char **ids = xcalloc(2 * locals + 1, sizeof *ids);
	struct playlist_order before;

	playlist_order_copy(&before, order);
	for (size_t i = before.count; i-- > 0;) {
		if (before.members[i].external)
			continue;
		ids[count++] = before.members[i].id;
		if (i % 3 == 0)
			ids[count++] = before.members[i].id;
	}
	playlist_order_follow(order, ids, count);
	if (playlist_order_locals(order, order->count) != count ||
		order->count - count != external)
		__builtin_trap();
	xfree(ids);
	playlist_order_fini(&before);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct playlist_order order;
	size_t place;

	if (playlist_order_read(&order, (struct slice){ (const char *)data, size })) {
		check_written(&order);
		follow(&order);
		check_written(&order);
	}
	if (playlist_order_find(
		    &order, (struct slice){ (const char *)data, size }, &place) &&
		place >= order.count)
		__builtin_trap();
	playlist_order_fini(&order);
	return 0;
}
