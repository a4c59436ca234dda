#include "providers/media_sort.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void
add(struct media_list *list, const char *title, const char *artist, const char *date,
	int64_t disc, int64_t track)
{
	struct external_id nobody = { .provider = PROVIDER_DEEZER, .kind = MEDIA_ARTIST };
	struct media *media = media_list_add(list);

	media->kind = MEDIA_SONG;
	media->title = xstrdup(title);
	media_add_artist(media, &nobody, artist);
	assert_true(copy_text(media->release_date, sizeof media->release_date, date));
	assert_true(copy_text(media->id.key, sizeof media->id.key, title));
	media->disc_number = disc;
	media->track_number = track;
	media->duration_ms = 1000 * track;
}

static struct media_list *
list_new(void)
{
	struct media_list *list = media_list_new(4);

	add(list, "b", "Y", "2001-03-07", 1, 2);
	add(list, "A", "X", "1999-01-01", 2, 1);
	add(list, "d", "y", "2001-03-07", 1, 1);
	add(list, "c", "X", "", 2, 2);
	return list;
}

static void
expect(const struct media_list *list, const char *text, const char *wanted)
{
	struct arena *arena = arena_new();
	struct query query = query_parse(arena, slice_of(text));
	struct media_sort sort = { .seed = 7 };
	const struct media *items[8];
	char seen[16] = "";

	media_sort_read(&sort, arena, &query);
	for (size_t i = 0; i < list->count; i++)
		items[i] = &list->items[i];
	media_sort_apply(&sort, arena, items, list->count);
	for (size_t i = 0; i < list->count; i++)
		seen[i] = items[i]->title[0];
	assert_string_equal(seen, wanted);
	arena_free(arena);
}

static void
things_come_in_the_order_that_is_asked_for(void **state)
{
	struct media_list *list = list_new();

	(void)state;
	expect(list, "", "bAdc");
	/* Songs by disc and track. */
	expect(list, "SortBy=SortName", "dbAc");
	expect(list, "SortBy=Default", "dbAc");
	expect(list, "sortby=name&SORTORDER=descending", "dcbA");
	expect(list, "SortBy=Artist,Name", "Acbd");
	expect(list, "SortBy=AlbumArtist,Name&SortOrder=Descending,Ascending", "Abcd");
	expect(list, "SortBy=ProductionYear,Name", "cAbd");
	expect(list, "SortBy=ParentIndexNumber,IndexNumber", "dbAc");
	expect(list, "SortBy=Runtime,Name", "Adbc");
	expect(list, "SortBy=SearchScore,nonsense", "bAdc");
	media_list_unref(list);
}

static void
the_newest_come_first_when_wanted(void **state)
{
	struct media_list *list = list_new();
	struct arena *arena = arena_new();
	const struct media *items[4];
	struct media_sort sort = { 0 };

	(void)state;
	for (size_t i = 0; i < list->count; i++)
		items[i] = &list->items[i];
	media_sort_by_date(&sort);
	media_sort_apply(&sort, arena, items, list->count);
	assert_string_equal(items[2]->title, "A");
	assert_string_equal(items[3]->title, "c");
	arena_free(arena);
	media_list_unref(list);
}

static void
chance_is_the_same_for_the_same_seed(void **state)
{
	struct media_list *list = media_list_new(32);
	struct arena *arena = arena_new();
	struct query query = query_parse(arena, SLICE("SortBy=Random"));
	struct media_sort sort = { .seed = 1 };
	const struct media *first[32], *again[32], *other[32];
	bool differs = false;

	(void)state;
	media_sort_read(&sort, arena, &query);
	for (char c = 'a'; c < 'a' + 26; c++)
		add(list, (char[]){ c, '\0' }, "X", "", 0, 0);
	for (size_t i = 0; i < list->count; i++)
		first[i] = again[i] = other[i] = &list->items[i];
	media_sort_apply(&sort, arena, first, list->count);
	media_sort_apply(&sort, arena, again, list->count);
	sort.seed = 2;
	media_sort_apply(&sort, arena, other, list->count);
	for (size_t i = 0; i < list->count; i++) {
		assert_ptr_equal(first[i], again[i]);
		differs = differs || first[i] != other[i];
	}
	assert_true(differs);
	arena_free(arena);
	media_list_unref(list);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(things_come_in_the_order_that_is_asked_for),
		cmocka_unit_test(the_newest_come_first_when_wanted),
		cmocka_unit_test(chance_is_the_same_for_the_same_seed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
