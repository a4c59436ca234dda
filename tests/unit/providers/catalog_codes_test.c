#include "providers/catalog_codes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/clock.h"

static void
codes_are_written_in_one_way(void **state)
{
	static const struct {
		const char *text, *isrc; /* NULL: none */
	} rows[] = {
		{ "GBDUW0000059", "GBDUW0000059" },
		{ "gb-duw-00-00059", "GBDUW0000059" },
		{ " GB DUW 00 00059 ", "GBDUW0000059" },
		{ "", NULL },
		{ "-", NULL },
		{ "GBDUW000005", NULL },
		{ "GBDUW00000590", NULL },
		{ "GBDUW00000:9", NULL },
		{ "GBDUW000005\xc3\xa9", NULL },
	};
	char isrc[ISRC_SIZE];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		assert_int_equal(isrc_normalize(isrc, rows[i].text), rows[i].isrc != NULL);
		if (rows[i].isrc != NULL)
			assert_string_equal(isrc, rows[i].isrc);
	}
}

static struct media_list *
one_song(enum provider_id provider, const char *key, const char *isrc)
{
	struct media_list *list = media_list_new(1);
	struct media *song = media_list_add(list);

	song->kind = MEDIA_SONG;
	song->id = (struct external_id){ .provider = provider, .kind = MEDIA_SONG };
	assert_true(copy_text(song->id.key, sizeof song->id.key, key));
	song->title = xstrdup(key);
	song->isrc = isrc != NULL ? xstrdup(isrc) : NULL;
	song->readable = true;
	return list;
}

static void
songs_are_known_by_their_code_for_a_day(void **state)
{
	struct catalog_codes *codes = catalog_codes_new();
	struct media_list *deezer = one_song(PROVIDER_DEEZER, "3", "GBDUW0000059");
	struct media_list *qobuz = one_song(PROVIDER_QOBUZ, "8", "gbduw0000059");
	struct media_list *without = one_song(PROVIDER_QOBUZ, "9", NULL);
	struct media_list *unreadable = one_song(PROVIDER_QOBUZ, "7", "GBDUW0000059");
	char isrc[ISRC_SIZE];
	struct external_id song;

	(void)state;
	clock_enable_test();
	unreadable->items[0].readable = false;
	catalog_codes_learn(codes, deezer);
	assert_false(catalog_codes_find(codes, &song, PROVIDER_QOBUZ, "GBDUW0000059"));
	catalog_codes_learn(codes, qobuz);
	catalog_codes_learn(codes, without);
	catalog_codes_learn(codes, unreadable);
	assert_true(catalog_codes_of(codes, isrc, &qobuz->items[0].id));
	assert_string_equal(isrc, "GBDUW0000059");
	assert_false(catalog_codes_of(codes, isrc, &without->items[0].id));
	assert_true(catalog_codes_find(codes, &song, PROVIDER_DEEZER, "GBDUW0000059"));
	assert_true(external_id_equal(&song, &deezer->items[0].id));
	assert_true(catalog_codes_find(codes, &song, PROVIDER_QOBUZ, "GBDUW0000059"));
	assert_string_equal(song.key, "8");
	clock_advance(24 * 3600 * 1000 + 1);
	assert_false(catalog_codes_find(codes, &song, PROVIDER_QOBUZ, "GBDUW0000059"));
	media_list_unref(deezer);
	media_list_unref(qobuz);
	media_list_unref(without);
	media_list_unref(unreadable);
	catalog_codes_free(codes);
	catalog_codes_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(codes_are_written_in_one_way),
		cmocka_unit_test(songs_are_known_by_their_code_for_a_day),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
