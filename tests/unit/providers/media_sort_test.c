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
	media_sort_apply(&sort, items, list->count);
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
	expect(list, "SortBy=SortName", "Abcd");
	expect(list, "sortby=name&SORTORDER=descending", "dcbA");
	expect(list, "SortBy=Artist", "Acbd");
	expect(list, "SortBy=AlbumArtist,SortName&SortOrder=Descending,Ascending", "bdAc");
	expect(list, "SortBy=AlbumArtist&SortBy=SortName&SortOrder=Descending", "dbcA");
	expect(list, "SortBy=ProductionYear,SortName", "cAbd");
	expect(list, "SortBy=PremiereDate&SortOrder=Descending", "bdAc");
	expect(list, "SortBy=ParentIndexNumber,IndexNumber", "dbAc");
	expect(list, "SortBy=Runtime", "Adbc");
	expect(list, "SortBy=DatePlayed,SortName", "Abcd");
	expect(list, "SortBy=PlayCount,SearchScore,nonsense", "bAdc");
	media_list_unref(list);
}

static void
chance_is_the_same_for_the_same_seed(void **state)
{
	struct media_list *list = media_list_new(32);
	struct media_sort sort = { .count = 1, .seed = 1 };
	const struct media *first[32], *again[32], *other[32];
	bool differs = false;

	(void)state;
	sort.by[0].key = MEDIA_SORT_RANDOM;
	for (char c = 'a'; c < 'a' + 26; c++)
		add(list, (char[]){ c, '\0' }, "X", "", 0, 0);
	for (size_t i = 0; i < list->count; i++)
		first[i] = again[i] = other[i] = &list->items[i];
	media_sort_apply(&sort, first, list->count);
	media_sort_apply(&sort, again, list->count);
	sort.seed = 2;
	media_sort_apply(&sort, other, list->count);
	for (size_t i = 0; i < list->count; i++) {
		assert_ptr_equal(first[i], again[i]);
		differs = differs || first[i] != other[i];
	}
	assert_true(differs);
	media_list_unref(list);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(things_come_in_the_order_that_is_asked_for),
		cmocka_unit_test(chance_is_the_same_for_the_same_seed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
