#include "providers/playlist_order.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* Lists as texts: capital letters are Jellyfin's entries, small ones are ours. */

static struct playlist_member
member_of(char letter)
{
	struct playlist_member member = { .external = letter >= 'a' };

	snprintf(member.id, sizeof member.id, "%032x", (unsigned char)letter);
	if (member.external)
		snprintf(member.song, sizeof member.song,
			"6578740111000000000000000000%04x", (unsigned char)letter);
	return member;
}

static struct playlist_order
order_of(const char *letters)
{
	struct playlist_order order = { 0 };

	for (size_t i = 0; letters[i] != '\0'; i++) {
		struct playlist_member member = member_of(letters[i]);
		playlist_order_insert(&order, order.count, &member, 1);
	}
	return order;
}

static const char *
letters_of(const struct playlist_order *order)
{
	static char letters[256];

	for (size_t i = 0; i < order->count; i++)
		letters[i] = (char)strtol(order->members[i].id, NULL, 16);
	letters[order->count] = '\0';
	return letters;
}

static bool
follow(struct playlist_order *order, const char *locals)
{
	char ids[256][PLAYLIST_ID_HEX];
	const char *pointers[256];
	size_t count = strlen(locals);

	for (size_t i = 0; i < count; i++) {
		struct playlist_member member = member_of(locals[i]);
		copy_text(ids[i], sizeof ids[i], member.id);
		pointers[i] = ids[i];
	}
	return playlist_order_follow(order, pointers, count);
}

/* ---- following ---- */

static void
external_songs_keep_their_neighbours(void **state)
{
	static const struct {
		const char *before, *locals, *after;
	} rows[] = {
		{ "", "", "" },
		{ "x", "", "x" },
		{ "x", "AB", "xAB" },
		{ "AxB", "AB", "AxB" },
		/* added past us */
		{ "Ax", "AB", "AxB" },
		{ "AxB", "NAB", "NAxB" },
		{ "AxB", "ANB", "AxNB" },
		{ "xA", "NA", "xNA" },
		/* removed */
		{ "AxB", "B", "xB" },
		{ "AxB", "A", "Ax" },
		{ "AxBy", "", "xy" },
		{ "ABxCD", "AD", "AxD" },
		{ "ABCxD", "AD", "AxD" },
		{ "ABCxD", "A", "Ax" },
		{ "ABCx", "AN", "ANx" },
		/* moved */
		{ "ABxCD", "ACDB", "AxCDB" },
		{ "ABxCD", "BACD", "BxACD" },
		{ "ABxyCDz", "DABC", "DABxyCz" },
		/* replaced */
		{ "AxByC", "DE", "xDEy" },
		{ "ABx", "DE", "DEx" },
		/* the same song more than once */
		{ "AxAyA", "AAA", "AxAyA" },
		{ "AxAyA", "AA", "AxAy" },
		{ "ABxA", "BA", "BxA" },
		/* a container was named, and Jellyfin put its songs there */
		{ "AFx", "A123", "A123x" },
		{ "AxF", "A123", "Ax123" },
		{ "AFxB", "A123B", "A123xB" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct playlist_order order = order_of(rows[i].before);
		follow(&order, rows[i].locals);
		assert_string_equal(letters_of(&order), rows[i].after);
		playlist_order_fini(&order);
	}
}

/* A random number below `bound`, the same ones in every run. */
static unsigned
random_below(unsigned bound)
{
	static unsigned seed = 1;

	seed = seed * 1103515245 + 12345;
	return (seed >> 16) % bound;
}

/* `count` places, capital letters in order from `first`, small ones strewn in. */
static void
random_list(char *letters, size_t count)
{
	char local = 'A', external = 'a';

	for (size_t i = 0; i < count; i++)
		letters[i] = random_below(3) > 0 && local <= 'P' ? local++ : external++;
	letters[count] = '\0';
}

static void
only_capitals(char *to, const char *letters)
{
	for (; *letters != '\0'; letters++) {
		if (*letters < 'a')
			*to++ = *letters;
	}
	*to = '\0';
}

static void
insert_letter(char *letters, size_t place, char letter)
{
	memmove(letters + place + 1, letters + place, strlen(letters + place) + 1);
	letters[place] = letter;
}

/* The obvious way, for lists in which no letter occurs twice and `stays` says which local
 * entries have not moved: every external song looks outwards, one step at a time. */
static void
slow_follow(char *to, const char *letters, const char *locals, const char *stays)
{
	char old[64];
	int gap = 0;

	only_capitals(old, letters);
	copy_text(to, 64, locals);
	int old_count = (int)strlen(old);
	char *last = to; /* behind the external song before */
	for (; *letters != '\0'; letters++) {
		if (*letters < 'a') {
			gap++;
			continue;
		}
		char *place = NULL;
		for (int step = 1; place == NULL; step++) {
			int left = gap - step, right = gap + step - 1;
			if (left < 0)
				place = to;
			else if (strchr(stays, old[left]) != NULL)
				place = strchr(to, old[left]) + 1;
			else if (right >= old_count)
				place = to + strlen(to);
			else if (strchr(stays, old[right]) != NULL)
				place = strchr(to, old[right]);
		}
		if (place < last)
			place = last;
		insert_letter(to, (size_t)(place - to), *letters);
		last = place + 1;
	}
}

static void
follows_as_the_obvious_way_does(const char *letters, const char *locals, const char *stays)
{
	char expected[128];
	struct playlist_order order = order_of(letters);

	slow_follow(expected, letters, locals, stays);
	follow(&order, locals);
	assert_string_equal(letters_of(&order), expected);
	/* Once more changes nothing. */
	assert_false(follow(&order, locals));
	assert_string_equal(letters_of(&order), expected);
	playlist_order_fini(&order);
}

static void
random_additions_and_removals_are_followed_like_the_obvious_way(void **state)
{
	(void)state;
	for (int round = 0; round < 20000; round++) {
		char letters[32], locals[64], stays[64], fresh = 'Q';
		random_list(letters, random_below(20));
		only_capitals(stays, letters);
		for (unsigned n = random_below(6); n > 0 && stays[0] != '\0'; n--) {
			size_t place = random_below((unsigned)strlen(stays));
			memmove(stays + place, stays + place + 1, strlen(stays + place));
		}
		copy_text(locals, sizeof locals, stays);
		for (unsigned n = random_below(6); n > 0; n--)
			insert_letter(locals, random_below((unsigned)strlen(locals) + 1),
				fresh++);
		follows_as_the_obvious_way_does(letters, locals, stays);
	}
}

/* One entry moved by two places or more: which one it was leaves no doubt. */
static void
a_random_move_is_followed_like_the_obvious_way(void **state)
{
	(void)state;
	for (int round = 0; round < 20000; round++) {
		char letters[32], locals[64], stays[64];
		random_list(letters, 3 + random_below(20));
		only_capitals(stays, letters);
		unsigned count = (unsigned)strlen(stays);
		if (count < 3)
			continue;
		unsigned from = random_below(count), to = random_below(count);
		if (from == to || from + 1 == to || to + 1 == from)
			continue;
		char moved = stays[from];
		memmove(stays + from, stays + from + 1, strlen(stays + from));
		copy_text(locals, sizeof locals, stays);
		insert_letter(locals, to, moved);
		follows_as_the_obvious_way_does(letters, locals, stays);
	}
}

/* Whatever happened: Jellyfin's part is as it says, ours is whole and in its order. */
static void
nothing_is_lost_whatever_jellyfin_says(void **state)
{
	(void)state;
	for (int round = 0; round < 20000; round++) {
		char letters[32], locals[64], found[64] = "", ours[64] = "";
		random_list(letters, random_below(24));
		unsigned count = random_below(20);
		for (unsigned i = 0; i < count; i++)
			locals[i] = (char)('A' + random_below(8));
		locals[count] = '\0';
		struct playlist_order order = order_of(letters);
		follow(&order, locals);
		const char *result = letters_of(&order);
		only_capitals(found, result);
		assert_string_equal(found, locals);
		for (const char *c = result; *c != '\0'; c++) {
			if (*c >= 'a')
				ours[strlen(ours)] = *c;
		}
		const char *next = ours;
		for (const char *c = letters; *c != '\0'; c++) {
			if (*c >= 'a')
				assert_int_equal(*c, *next++);
		}
		assert_int_equal(*next, '\0');
		playlist_order_fini(&order);
	}
}

/* ---- looking and changing ---- */

static void
a_window_has_both_parts_without_gaps(void **state)
{
	(void)state;
	for (int round = 0; round < 5000; round++) {
		char letters[32];
		random_list(letters, random_below(24));
		struct playlist_order order = order_of(letters);
		size_t start = random_below(28);
		int64_t limit = (int64_t)random_below(28) - 1;
		struct playlist_window window = playlist_order_window(&order, start, limit);
		size_t size = strlen(letters), local = 0, before = 0, count = 0;
		for (size_t i = 0; i < size; i++) {
			bool shown = i >= start && (limit < 0 || i < start + (size_t)limit);
			count += shown;
			before += i < start && letters[i] < 'a';
			local += shown && letters[i] < 'a';
		}
		assert_int_equal(window.count, count);
		assert_int_equal(window.local_count, local);
		assert_int_equal(window.local_start, before);
		playlist_order_fini(&order);
	}
}

static void
a_member_is_found_by_its_entry_or_its_song(void **state)
{
	struct playlist_order order = order_of("AxBx");
	size_t place = 99;

	(void)state;
	assert_true(playlist_order_find(&order, slice_of(order.members[2].id), &place));
	assert_int_equal(place, 2);
	assert_true(playlist_order_find(&order, slice_of(order.members[1].song), &place));
	assert_int_equal(place, 1);
	assert_true(playlist_order_find(
		&order, SLICE("00000000-0000-0000-0000-000000000042"), &place));
	assert_int_equal(place, 2);
	snprintf(
		order.members[3].song, EXTERNAL_ID_HEX, "65787401110000000000000000000007");
	assert_true(playlist_order_find(&order, SLICE("ext-deezer-song-7"), &place));
	assert_int_equal(place, 3);
	assert_false(playlist_order_find(&order, SLICE("ext-deezer-song-8"), &place));
	assert_false(playlist_order_find(&order, SLICE(""), &place));
	assert_false(playlist_order_find(&order, SLICE("nonsense"), &place));
	playlist_order_fini(&order);
}

static void
a_member_moves_to_the_place_it_is_given(void **state)
{
	static const struct {
		size_t from, to;
		const char *after;
	} rows[] = { { 0, 3, "xByA" }, { 3, 0, "yAxB" }, { 1, 2, "ABxy" },
		{ 2, 2, "AxBy" } };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct playlist_order order = order_of("AxBy");
		playlist_order_move(&order, rows[i].from, rows[i].to);
		assert_string_equal(letters_of(&order), rows[i].after);
		playlist_order_fini(&order);
	}
}

static void
an_id_is_read_in_any_spelling(void **state)
{
	char id[PLAYLIST_ID_HEX];

	(void)state;
	assert_true(playlist_id_read(id, SLICE("0123456789ABCDEF0123456789abcdef")));
	assert_string_equal(id, "0123456789abcdef0123456789abcdef");
	assert_true(playlist_id_read(id, SLICE("01234567-89ab-cdef-0123-456789abcdef")));
	assert_string_equal(id, "0123456789abcdef0123456789abcdef");
	assert_false(playlist_id_read(id, SLICE("0123456789abcdef0123456789abcde")));
	assert_false(playlist_id_read(id, SLICE("0123456789abcdef0123456789abcdef0")));
	assert_false(playlist_id_read(id, SLICE("0123456789abcdef0123456789abcdeg")));
	assert_false(playlist_id_read(id, SLICE("")));
	assert_string_equal(id, "");
}

/* ---- keeping ---- */

static void
what_was_written_reads_the_same(void **state)
{
	struct text bytes = { 0 };

	(void)state;
	for (int round = 0; round < 500; round++) {
		char letters[32];
		random_list(letters, random_below(24));
		struct playlist_order order = order_of(letters), again;
		text_clear(&bytes);
		playlist_order_write(&bytes, &order);
		assert_true(playlist_order_read(
			&again, (struct slice){ text_get(&bytes), bytes.size }));
		assert_int_equal(again.count, order.count);
		for (size_t i = 0; i < order.count; i++)
			assert_memory_equal(&again.members[i], &order.members[i],
				sizeof *order.members);
		playlist_order_fini(&order);
		playlist_order_fini(&again);
	}
	text_fini(&bytes);
}

static void
texts_that_make_no_sense_are_refused(void **state)
{
	static const char *const rows[] = {
		"L",
		"L0000000000000000000000000000004",
		"L0000000000000000000000000000004g",
		"X00000000000000000000000000000041",
		"E00000000000000000000000000000041",
		"E00000000000000000000000000000041L0000000000000000000000000000004",
		"L00000000000000000000000000000041 ",
	};
	struct playlist_order order;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		assert_false(playlist_order_read(&order, slice_of(rows[i])));
		assert_int_equal(order.count, 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(external_songs_keep_their_neighbours),
		cmocka_unit_test(
			random_additions_and_removals_are_followed_like_the_obvious_way),
		cmocka_unit_test(a_random_move_is_followed_like_the_obvious_way),
		cmocka_unit_test(nothing_is_lost_whatever_jellyfin_says),
		cmocka_unit_test(a_window_has_both_parts_without_gaps),
		cmocka_unit_test(a_member_is_found_by_its_entry_or_its_song),
		cmocka_unit_test(a_member_moves_to_the_place_it_is_given),
		cmocka_unit_test(an_id_is_read_in_any_spelling),
		cmocka_unit_test(what_was_written_reads_the_same),
		cmocka_unit_test(texts_that_make_no_sense_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
