#include "providers/playlist_order.h"

#include <stdlib.h>
#include <string.h>

enum {
	ID_SIZE = 16, /* an id as bytes */
	KIND_LOCAL = 'L',
	KIND_EXTERNAL = 'E',
};

#define NOWHERE SIZE_MAX

void
playlist_order_fini(struct playlist_order *order)
{
	xfree(order->members);
	*order = (struct playlist_order){ 0 };
}

void
playlist_order_copy(struct playlist_order *to, const struct playlist_order *from)
{
	*to = (struct playlist_order){ 0 };
	playlist_order_insert(to, 0, from->members, from->count);
}

bool
playlist_id_read(char id[PLAYLIST_ID_HEX], struct slice text)
{
	unsigned char raw[ID_SIZE];
	size_t size = 0;

	for (size_t i = 0; i < text.size && size < PLAYLIST_ID_HEX; i++) {
		if (text.data[i] != '-')
			id[size++] = text.data[i];
	}
	if (!hex_decode(raw, sizeof raw, (struct slice){ id, size })) {
		id[0] = '\0';
		return false;
	}
	hex_encode(id, raw, sizeof raw);
	return true;
}

/* ---- looking ---- */

size_t
playlist_order_locals(const struct playlist_order *order, size_t place)
{
	size_t count = 0;

	for (size_t i = 0; i < place; i++)
		count += !order->members[i].external;
	return count;
}

bool
playlist_order_find(const struct playlist_order *order, struct slice text, size_t *place)
{
	char entry[PLAYLIST_ID_HEX] = "", song[EXTERNAL_ID_HEX] = "";
	struct external_id id;

	if (external_id_parse(&id, text) && !external_id_format(song, &id))
		song[0] = '\0';
	if (!playlist_id_read(entry, text) && song[0] == '\0')
		return false;
	for (size_t i = 0; i < order->count; i++) {
		const struct playlist_member *member = &order->members[i];
		if (strcmp(member->id, entry) == 0 ||
			(member->external && song[0] != '\0' &&
				strcmp(member->song, song) == 0)) {
			*place = i;
			return true;
		}
	}
	return false;
}

struct playlist_window
playlist_order_window(const struct playlist_order *order, size_t start, int64_t limit)
{
	struct playlist_window window;

	window.start = start < order->count ? start : order->count;
	window.count = order->count - window.start;
	if (limit >= 0 && (uint64_t)limit < window.count)
		window.count = (size_t)limit;
	window.local_start = playlist_order_locals(order, window.start);
	window.local_count = playlist_order_locals(order, window.start + window.count) -
			     window.local_start;
	return window;
}

/* ---- following ---- */

/* A local entry before or after: which it is, and where it stands among the local ones. */
struct seat {
	const char *id;
	size_t place;
};

static int
compare_seats(const void *left, const void *right)
{
	const struct seat *a = left, *b = right;
	int order = strcmp(a->id, b->id);

	if (order != 0)
		return order;
	return (a->place > b->place) - (a->place < b->place);
}

/* Where each of the old entries is now, or NOWHERE. Of one id, the n-th is the n-th. */
static void
pair_seats(size_t *now, struct seat *olds, size_t old_count, struct seat *news,
	size_t new_count)
{
	size_t i = 0, j = 0;

	qsort(olds, old_count, sizeof *olds, compare_seats);
	qsort(news, new_count, sizeof *news, compare_seats);
	while (i < old_count) {
		int order = j < new_count ? strcmp(olds[i].id, news[j].id) : -1;
		if (order > 0) {
			j++;
			continue;
		}
		now[olds[i++].place] = order == 0 ? news[j++].place : NOWHERE;
	}
}

/* Makes NOWHERE of those that moved: what remains is the most that are still in the same
 * order, a longest increasing subsequence. */
static void
forget_moved(size_t *now, size_t count)
{
	/* Of the best sequences of each length, the last member of the lowest one. */
	size_t *ends = xcalloc(count + 1, sizeof *ends);
	size_t *before = xcalloc(count + 1, sizeof *before);
	size_t length = 0;

	for (size_t i = 0; i < count; i++) {
		size_t low = 0, high = length;
		if (now[i] == NOWHERE)
			continue;
		while (low < high) {
			size_t middle = (low + high) / 2;
			if (now[ends[middle]] < now[i])
				low = middle + 1;
			else
				high = middle;
		}
		before[i] = low > 0 ? ends[low - 1] : NOWHERE;
		ends[low] = i;
		if (low == length)
			length++;
	}
	size_t kept = length > 0 ? ends[length - 1] : NOWHERE;
	for (size_t i = count; i-- > 0;) {
		if (i == kept)
			kept = before[i];
		else
			now[i] = NOWHERE;
	}
	xfree(ends);
	xfree(before);
}

/* Where each gap between old entries is now: gaps[g] of the new entries stand before what
 * stood behind `g` old ones. The ends of the list are neighbours as well. */
static void
place_gaps(size_t *gaps, const size_t *now, size_t old_count, size_t new_count)
{
	/* The nearest behind the gap that stayed, and where it is now. */
	size_t right = old_count, right_now = new_count;

	/* First the nearest before it, counted from 1; 0 is the beginning. */
	gaps[0] = 0;
	for (size_t g = 1; g <= old_count; g++)
		gaps[g] = now[g - 1] != NOWHERE ? g : gaps[g - 1];
	for (size_t g = old_count + 1; g-- > 0;) {
		if (g < old_count && now[g] != NOWHERE) {
			right = g;
			right_now = now[g];
		}
		size_t left = gaps[g];
		if (g - left > right - g)
			gaps[g] = right_now;
		else if (left > 0)
			gaps[g] = now[left - 1] + 1;
	}
}

/* The new list: `locals`, and the external members where their gaps are now. */
static void
weave(struct playlist_order *order, const char *const *locals, size_t count,
	const size_t *gaps)
{
	struct playlist_order woven = { 0 };
	size_t seen = 0, next = 0; /* old and new local entries passed */

	for (size_t i = 0; i < order->count; i++) {
		const struct playlist_member *member = &order->members[i];
		if (!member->external) {
			seen++;
			continue;
		}
		for (; next < gaps[seen]; next++) {
			struct playlist_member local = { 0 };
			copy_text(local.id, sizeof local.id, locals[next]);
			playlist_order_insert(&woven, woven.count, &local, 1);
		}
		playlist_order_insert(&woven, woven.count, member, 1);
	}
	for (; next < count; next++) {
		struct playlist_member local = { 0 };
		copy_text(local.id, sizeof local.id, locals[next]);
		playlist_order_insert(&woven, woven.count, &local, 1);
	}
	playlist_order_fini(order);
	*order = woven;
}

static bool
has_these(const struct playlist_order *order, const char *const *locals, size_t count)
{
	size_t seen = 0;

	for (size_t i = 0; i < order->count; i++) {
		if (order->members[i].external)
			continue;
		if (seen == count || strcmp(order->members[i].id, locals[seen++]) != 0)
			return false;
	}
	return seen == count;
}

bool
playlist_order_follow(struct playlist_order *order, const char *const *locals, size_t count)
{
	size_t old_count = playlist_order_locals(order, order->count);

	if (has_these(order, locals, count))
		return false;
	struct seat *olds = xcalloc(old_count + 1, sizeof *olds);
	struct seat *news = xcalloc(count + 1, sizeof *news);
	size_t *now = xcalloc(old_count + 1, sizeof *now);
	size_t *gaps = xcalloc(old_count + 1, sizeof *gaps);
	for (size_t i = 0, place = 0; i < order->count; i++) {
		if (order->members[i].external)
			continue;
		olds[place] = (struct seat){ order->members[i].id, place };
		place++;
	}
	for (size_t i = 0; i < count; i++)
		news[i] = (struct seat){ locals[i], i };
	pair_seats(now, olds, old_count, news, count);
	forget_moved(now, old_count);
	place_gaps(gaps, now, old_count, count);
	weave(order, locals, count, gaps);
	xfree(olds);
	xfree(news);
	xfree(now);
	xfree(gaps);
	return true;
}

/* ---- changing ---- */

void
playlist_order_insert(struct playlist_order *order, size_t place,
	const struct playlist_member *members, size_t count)
{
	assert(place <= order->count);
	if (count == 0)
		return;
	if (order->count + count > order->capacity) {
		order->capacity = 2 * (order->count + count);
		order->members =
			xrealloc(order->members, order->capacity * sizeof *order->members);
	}
	memmove(&order->members[place + count], &order->members[place],
		(order->count - place) * sizeof *members);
	memcpy(&order->members[place], members, count * sizeof *members);
	order->count += count;
}

void
playlist_order_remove(struct playlist_order *order, size_t place)
{
	assert(place < order->count);
	order->count--;
	memmove(&order->members[place], &order->members[place + 1],
		(order->count - place) * sizeof *order->members);
}

void
playlist_order_move(struct playlist_order *order, size_t from, size_t to)
{
	struct playlist_member member = order->members[from];

	playlist_order_remove(order, from);
	playlist_order_insert(order, to, &member, 1);
}

/* ---- keeping ---- */

void
playlist_order_write(struct text *to, const struct playlist_order *order)
{
	for (size_t i = 0; i < order->count; i++) {
		const struct playlist_member *member = &order->members[i];
		text_add_char(to, member->external ? KIND_EXTERNAL : KIND_LOCAL);
		text_add(to, member->id);
		text_add(to, member->song);
	}
}

/* Cuts an id off the front of `*rest`. */
static bool
take_id(char id[PLAYLIST_ID_HEX], struct slice *rest)
{
	const size_t size = PLAYLIST_ID_HEX - 1;

	if (rest->size < size || !playlist_id_read(id, (struct slice){ rest->data, size }))
		return false;
	rest->data += size;
	rest->size -= size;
	return true;
}

bool
playlist_order_read(struct playlist_order *order, struct slice text)
{
	*order = (struct playlist_order){ 0 };
	while (text.size > 0) {
		struct playlist_member member = { 0 };
		char kind = text.data[0];
		text.data++;
		text.size--;
		member.external = kind == KIND_EXTERNAL;
		if ((!member.external && kind != KIND_LOCAL) ||
			!take_id(member.id, &text) ||
			(member.external && !take_id(member.song, &text))) {
			playlist_order_fini(order);
			return false;
		}
		playlist_order_insert(order, order->count, &member, 1);
	}
	return true;
}
