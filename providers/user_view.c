#include "providers/user_view.h"

#include <pthread.h>
#include <stdatomic.h>

enum { ID_SIZE = 16, FIRST_SLOTS = 64 };

/* A slot of an open hash table. Version 0: free. */
struct slot {
	unsigned char id[ID_SIZE];
	struct user_item item;
};

struct user_view {
	atomic_int references;
	pthread_mutex_t mutex; /* guards what follows */
	struct slot *slots;
	size_t slot_count; /* a power of two, a quarter of it free at least */
	size_t used;
	uint64_t changes;
};

struct user_view *
user_view_new(void)
{
	struct user_view *view = xcalloc(1, sizeof *view);

	atomic_init(&view->references, 1);
	pthread_mutex_init(&view->mutex, NULL);
	view->slot_count = FIRST_SLOTS;
	view->slots = xcalloc(view->slot_count, sizeof *view->slots);
	return view;
}

struct user_view *
user_view_ref(struct user_view *view)
{
	atomic_fetch_add_explicit(&view->references, 1, memory_order_relaxed);
	return view;
}

void
user_view_unref(struct user_view *view)
{
	if (view == NULL)
		return;
	if (atomic_fetch_sub_explicit(&view->references, 1, memory_order_acq_rel) > 1)
		return;
	pthread_mutex_destroy(&view->mutex);
	xfree(view->slots);
	xfree(view);
}

/* The bytes of an id that differ are few and side by side, so each has to move every bit
 * (the finalizer of splitmix64). */
static uint64_t
hash_id(const unsigned char id[ID_SIZE])
{
	uint64_t halves[2];

	memcpy(halves, id, sizeof halves);
	uint64_t hash = halves[0] ^ halves[1];
	hash = (hash ^ (hash >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	hash = (hash ^ (hash >> 27)) * UINT64_C(0x94d049bb133111eb);
	return hash ^ (hash >> 31);
}

/* The id's slot, else the free one where it would go. */
static struct slot *
find_slot(struct slot *slots, size_t count, const unsigned char id[ID_SIZE])
{
	for (size_t at = (size_t)hash_id(id);; at++) {
		struct slot *slot = &slots[at & (count - 1)];
		if (slot->item.version == 0 || memcmp(slot->id, id, ID_SIZE) == 0)
			return slot;
	}
}

static void
grow(struct user_view *view)
{
	size_t count = view->slot_count * 2;
	struct slot *slots = xcalloc(count, sizeof *slots);

	for (size_t i = 0; i < view->slot_count; i++) {
		const struct slot *slot = &view->slots[i];
		if (slot->item.version != 0)
			*find_slot(slots, count, slot->id) = *slot;
	}
	xfree(view->slots);
	view->slots = slots;
	view->slot_count = count;
}

bool
user_view_get(struct user_view *view, const struct external_id *id, struct user_item *item)
{
	char hex[EXTERNAL_ID_HEX];
	unsigned char bytes[ID_SIZE];

	*item = (struct user_item){ 0 };
	if (!external_id_format(hex, id) || !hex_decode(bytes, ID_SIZE, slice_of(hex)))
		return false;
	pthread_mutex_lock(&view->mutex);
	*item = find_slot(view->slots, view->slot_count, bytes)->item;
	pthread_mutex_unlock(&view->mutex);
	return item->version != 0;
}

void
user_view_put(struct user_view *view, const char *hex, const struct user_item *item)
{
	unsigned char id[ID_SIZE];

	if (!hex_decode(id, ID_SIZE, slice_of(hex)) || item->version <= 0)
		return;
	pthread_mutex_lock(&view->mutex);
	struct slot *slot = find_slot(view->slots, view->slot_count, id);
	bool known = slot->item.version != 0;
	if (known ? item->version > slot->item.version : view->used < USER_VIEW_MOST) {
		memcpy(slot->id, id, ID_SIZE);
		slot->item = *item;
		view->changes++;
		if (!known && ++view->used * 4 > view->slot_count * 3)
			grow(view);
	}
	pthread_mutex_unlock(&view->mutex);
}

uint64_t
user_view_changes(struct user_view *view)
{
	pthread_mutex_lock(&view->mutex);
	uint64_t changes = view->changes;
	pthread_mutex_unlock(&view->mutex);
	return changes;
}

size_t
user_view_cost(struct user_view *view)
{
	pthread_mutex_lock(&view->mutex);
	size_t cost = sizeof *view + view->slot_count * sizeof *view->slots;
	pthread_mutex_unlock(&view->mutex);
	return cost;
}
