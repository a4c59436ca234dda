#include "providers/list_ranks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/crypto.h"
#include "core/text.h"

/* Local items are capital letters, things are small ones, both in order; a thing comes
 * after the local item of its letter. */
struct both {
	const char *locals, *things;
	struct list_ranks ranks;
	int64_t asked; /* local items, in all */
};

static bool
is_before(void *arg, size_t thing, size_t local)
{
	const struct both *both = ((const struct both **)arg)[0];
	const size_t start = *((const size_t **)arg)[1];

	return both->things[thing] - 'a' < both->locals[start + local] - 'A';
}

/* One page, asking "Jellyfin" for what it needs. */
static void
show(struct both *both, char *page, int64_t start, int64_t limit, bool says_total)
{
	int64_t local_start, local_limit, there = (int64_t)strlen(both->locals);

	list_ranks_need(&both->ranks, start, limit, &local_start, &local_limit);
	int64_t left = local_start < there ? there - local_start : 0;
	int64_t count = local_limit < 0 || left < local_limit ? left : local_limit;
	size_t from = (size_t)local_start;
	const void *args[] = { both, &from };
	both->asked += count;
	list_ranks_see(&both->ranks, local_start, count,
		local_limit < 0 || count < local_limit, says_total ? there : 0, is_before,
		args);
	int64_t total = list_ranks_total(&both->ranks), end = start + limit;
	size_t size = 0;
	if (limit < 0 || end > total)
		end = total;
	for (int64_t place = start; place < end; place++) {
		struct list_ranks_slot slot = list_ranks_at(&both->ranks, place);
		if (!slot.external &&
			(slot.index < local_start || slot.index >= local_start + count))
			continue; /* not told of, so not there */
		page[size++] = (slot.external ? both->things : both->locals)[slot.index];
	}
	page[size] = '\0';
}

static const struct {
	const char *locals, *things, *merged;
} rows[] = {
	{ "ACEG", "bdf", "AbCdEfG" },
	{ "ABC", "def", "ABCdef" },
	{ "DEF", "abc", "abcDEF" },
	{ "AABB", "aabb", "AAaaBBbb" },
	{ "", "abc", "abc" },
	{ "ABC", "", "ABC" },
	{ "AZ", "bcdefghijklmnop", "AbcdefghijklmnopZ" },
	{ "ABCDEFGHIJKLMNOP", "z", "ABCDEFGHIJKLMNOPz" },
	{ "", "", "" },
};

static void
pages_of_any_size_are_the_merged_list_cut(void **state)
{
	char page[64];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		for (int64_t limit = 1; limit <= 20; limit++) {
			struct both both = { .locals = rows[i].locals,
				.things = rows[i].things };
			size_t size = strlen(rows[i].merged);
			list_ranks_init(&both.ranks, strlen(rows[i].things));
			struct text all = { 0 };
			for (size_t start = 0; start <= size; start += (size_t)limit) {
				show(&both, page, (int64_t)start, limit, limit % 2 == 0);
				text_add(&all, page);
			}
			assert_string_equal(text_get(&all), rows[i].merged);
			text_fini(&all);
			assert_int_equal(list_ranks_total(&both.ranks), size);
			/* Paging through asks for no more than is shown. */
			assert_true(both.asked <= (int64_t)size);
			list_ranks_fini(&both.ranks);
		}
	}
}

static void
a_page_may_be_asked_for_alone_again_and_backwards(void **state)
{
	char page[64];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		size_t size = strlen(rows[i].merged);
		struct both both = { .locals = rows[i].locals, .things = rows[i].things };
		list_ranks_init(&both.ranks, strlen(rows[i].things));
		for (size_t start = size + 1; start-- > 0;) {
			for (int64_t limit = 0; limit < 4; limit++) {
				show(&both, page, (int64_t)start, limit, true);
				size_t cut = size - start < (size_t)limit ? size - start
									  : (size_t)limit;
				assert_int_equal(strlen(page), cut);
				assert_memory_equal(page, rows[i].merged + start, cut);
			}
		}
		show(&both, page, 0, -1, false);
		assert_string_equal(page, rows[i].merged);
		list_ranks_forget(&both.ranks);
		show(&both, page, 0, -1, true);
		assert_string_equal(page, rows[i].merged);
		list_ranks_fini(&both.ranks);
	}
}

static void
chance_gives_every_thing_one_place(void **state)
{
	enum { THINGS = 50, LOCALS = 30 };
	struct list_ranks ranks;
	int things = 0;
	int64_t locals = 0;

	(void)state;
	list_ranks_init(&ranks, THINGS);
	list_ranks_scatter(&ranks, LOCALS, crypto_random_below);
	assert_int_equal(list_ranks_total(&ranks), THINGS + LOCALS);
	for (int64_t place = 0; place < THINGS + LOCALS; place++) {
		struct list_ranks_slot slot = list_ranks_at(&ranks, place);
		if (slot.external)
			assert_int_equal(slot.index, things++);
		else
			assert_int_equal(slot.index, locals++);
	}
	assert_int_equal(things, THINGS);
	assert_int_equal(locals, LOCALS);
	list_ranks_fini(&ranks);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pages_of_any_size_are_the_merged_list_cut),
		cmocka_unit_test(a_page_may_be_asked_for_alone_again_and_backwards),
		cmocka_unit_test(chance_gives_every_thing_one_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
