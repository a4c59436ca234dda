#include "providers/provider_merge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "providers/media_match.h"

enum {
	NOTHING = 0,
	PREVIEW = TRACK_BIT(TRACK_PREVIEW),
	FULL = TRACK_BIT(TRACK_FLAC) | TRACK_BIT(TRACK_PREVIEW),
};

/* What a provider found: songs written as "<key><letter of the recording>", "1a 2b". In
 * capitals: it cannot be played there. */
static struct media_list *
songs(enum provider_id provider, const char *text)
{
	struct media_list *list = media_list_new(8);
	char key[8], isrc[16];
	char letter;

	for (int used; sscanf(text, " %7[0-9]%c%n", key, &letter, &used) == 2;
		text += used) {
		struct media *song = media_list_add(list);
		song->kind = MEDIA_SONG;
		song->id = (struct external_id){ .provider = provider, .kind = MEDIA_SONG };
		assert_true(copy_text(song->id.key, sizeof song->id.key, key));
		song->title = xstrdup(key);
		song->readable = letter >= 'a';
		snprintf(isrc, sizeof isrc, "XX%c", letter >= 'a' ? letter - 32 : letter);
		song->isrc = xstrdup(isrc);
	}
	return list;
}

static char *
keys_of(const struct media *const *kept, size_t count)
{
	struct text text;

	text_init(&text);
	for (size_t i = 0; i < count; i++)
		text_addf(&text, "%s%c%s", i > 0 ? " " : "",
			kept[i]->id.provider == PROVIDER_DEEZER ? 'd' : 'q',
			kept[i]->id.key);
	text_add(&text, "");
	return text_take(&text);
}

static void
providers_take_turns_and_doubles_are_shown_once(void **state)
{
	static const struct {
		const char *deezer, *qobuz; /* in that order of preference */
		track_quality_set from_deezer, from_qobuz;
		const char *shown;
	} rows[] = {
		{ "", "", PREVIEW, FULL, "" },
		{ "1a 2b", "", PREVIEW, FULL, "d1 d2" },
		{ "1a 2b 3c", "7x 8y", PREVIEW, PREVIEW, "d1 q7 d2 q8 d3" },
		/* Who plays in full leads. */
		{ "1a 2b", "7x 8y", PREVIEW, FULL, "q7 d1 q8 d2" },
		{ "1a 2b", "7x 8y", FULL, FULL, "d1 q7 d2 q8" },
		{ "1a 2b", "7x 8y", NOTHING, PREVIEW, "q7 d1 q8 d2" },
		{ "1a 2b", "7a", NOTHING, PREVIEW, "q7 d2" },
		/* The double stands where the first of the two has it. */
		{ "1a 2b 3c", "7x 8y 9a", PREVIEW, FULL, "q7 q9 q8 d2 d3" },
		{ "1a 2b 3c", "7x 8y 9a", FULL, FULL, "d1 q7 d2 q8 d3" },
		{ "1a", "7a", PREVIEW, PREVIEW, "d1" },
		{ "1a", "7a", PREVIEW, FULL, "q7" },
		/* What one tells twice it means twice. */
		{ "1a 2a", "7a", FULL, PREVIEW, "d1 d2" },
		{ "1a 2a 3b", "7a", PREVIEW, FULL, "q7 d3" },
		/* But not the very same. */
		{ "1a 1a 2b", "", FULL, FULL, "d1 d2" },
		/* What cannot be played stands in nobody's way. */
		{ "1A 2b", "7a", FULL, PREVIEW, "d2 q7" },
		{ "1A 2B 3c 4d", "7x 8y", FULL, FULL, "d3 q7 d4 q8" },
		{ "1A", "7A", FULL, FULL, "" },
	};
	struct merge_locals *locals = merge_locals_new(NULL);

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct media_list *deezer = songs(PROVIDER_DEEZER, rows[i].deezer);
		struct media_list *qobuz = songs(PROVIDER_QOBUZ, rows[i].qobuz);
		const struct merge_source sources[] = {
			{ deezer, NULL, rows[i].from_deezer },
			{ qobuz, NULL, rows[i].from_qobuz },
		};
		const struct media *kept[16];
		char *shown = keys_of(kept, provider_merge(kept, sources, 2, locals));
		if (strcmp(shown, rows[i].shown) != 0)
			fail_msg("row %zu: %s, not %s", i, shown, rows[i].shown);
		xfree(shown);
		media_list_unref(deezer);
		media_list_unref(qobuz);
	}
	merge_locals_free(locals);
}

static void
a_provider_that_has_not_answered_is_no_hindrance(void **state)
{
	struct merge_locals *locals = merge_locals_new(NULL);
	struct media_list *qobuz = songs(PROVIDER_QOBUZ, "7a 8b");
	const struct merge_source sources[] = { { NULL, NULL, FULL },
		{ qobuz, NULL, PREVIEW } };
	const struct media *kept[2];

	(void)state;
	assert_int_equal(provider_merge(kept, sources, 2, locals), 2);
	assert_ptr_equal(kept[1], &qobuz->items[1]);
	assert_int_equal(provider_merge(kept, NULL, 0, locals), 0);
	media_list_unref(qobuz);
	merge_locals_free(locals);
}

/* Local by the words of the one that would not have been shown. */
static void
what_any_provider_shows_to_be_local_is_left_out(void **state)
{
	json_t *items = json_loads("[{\"Type\":\"Audio\",\"Name\":\"n\",\"ProviderIds\":"
				   "{\"Deezer\":\"1\"}}]",
		0, NULL);
	struct merge_locals *locals = merge_locals_new(items);
	struct media_list *deezer = songs(PROVIDER_DEEZER, "1a 2b");
	struct media_list *qobuz = songs(PROVIDER_QOBUZ, "7a 8c");
	const struct merge_source sources[] = { { deezer, NULL, PREVIEW },
		{ qobuz, NULL, FULL } };
	const struct media *kept[4];

	(void)state;
	char *shown = keys_of(kept, provider_merge(kept, sources, 2, locals));
	assert_string_equal(shown, "q8 d2");
	xfree(shown);
	media_list_unref(deezer);
	media_list_unref(qobuz);
	merge_locals_free(locals);
	json_decref(items);
}

static struct media_list *
one(enum provider_id provider, enum media_kind kind, const char *key, const char *title,
	const char *artist)
{
	struct external_id id = { .provider = provider, .kind = MEDIA_ARTIST, .key = "27" };
	struct media_list *list = media_list_new(1);
	struct media *media = media_list_add(list);

	media->kind = kind;
	media->id = (struct external_id){ .provider = provider, .kind = kind };
	assert_true(copy_text(media->id.key, sizeof media->id.key, key));
	media->title = xstrdup(title);
	media->readable = true;
	if (artist != NULL)
		media_add_artist(media, &id, artist);
	media->main_artist_count = media->artist_count;
	return list;
}

static size_t
kept_of(struct media_list *take_deezer, struct media_list *take_qobuz)
{
	struct merge_locals *locals = merge_locals_new(NULL);
	const struct merge_source sources[] = { { take_deezer, NULL, PREVIEW },
		{ take_qobuz, NULL, PREVIEW } };
	const struct media *kept[2];
	size_t count = provider_merge(kept, sources, 2, locals);

	merge_locals_free(locals);
	media_list_unref(take_deezer);
	media_list_unref(take_qobuz);
	return count;
}

static void
albums_artists_and_playlists_have_doubles_of_their_own_kind(void **state)
{
	struct media_list *a = one(PROVIDER_DEEZER, MEDIA_ALBUM, "1", "Rails", "A");
	struct media_list *b = one(PROVIDER_QOBUZ, MEDIA_ALBUM, "1", "Tracks", "B");

	(void)state;
	/* UPC with a filling zero. */
	a->items[0].upc = xstrdup("602445790562");
	b->items[0].upc = xstrdup("0602445790562");
	assert_int_equal(kept_of(a, b), 1);
	assert_int_equal(kept_of(one(PROVIDER_DEEZER, MEDIA_ALBUM, "1", "Rails!", "The A"),
				 one(PROVIDER_QOBUZ, MEDIA_ALBUM, "1", "RAILS (Remastered)",
					 "the a")),
		1);
	assert_int_equal(kept_of(one(PROVIDER_DEEZER, MEDIA_ALBUM, "1", "Rails", "A"),
				 one(PROVIDER_QOBUZ, MEDIA_ALBUM, "1", "Rails", "B")),
		2);
	assert_int_equal(
		kept_of(one(PROVIDER_DEEZER, MEDIA_ARTIST, "1", "Bj\xc3\xb6rk", NULL),
			one(PROVIDER_QOBUZ, MEDIA_ARTIST, "2", "BJORK", NULL)),
		1);
	assert_int_equal(kept_of(one(PROVIDER_DEEZER, MEDIA_PLAYLIST, "1", "Chill", NULL),
				 one(PROVIDER_QOBUZ, MEDIA_PLAYLIST, "1", "Chill", NULL)),
		2);
}

/* ---- any lists ---- */

static bool
are_the_same(const struct media *a, const struct media *b)
{
	struct media_match x, y;

	media_match_of_media(&x, a);
	media_match_of_media(&y, b);
	bool same = media_match_same(&x, &y);
	media_match_fini(&x);
	media_match_fini(&y);
	return same;
}

/* A song of one key is always the same recording; providers' keys differ by `step`. */
static void
random_songs(struct text *text, unsigned *seed, int step)
{
	int count = rand_r(seed) % 9;

	text_clear(text);
	text_add(text, "");
	for (int i = 0; i < count; i++) {
		int key = rand_r(seed) % 12;
		text_addf(text, "%d%c ", key,
			(rand_r(seed) % 7 == 0 ? 'A' : 'a') + key * step % 7);
	}
}

/* Whatever they find: no double among what is shown, nothing lost, nothing made up. */
static void
no_merge_has_a_double_or_loses_anything(void **state)
{
	struct merge_locals *locals = merge_locals_new(NULL);
	unsigned seed = 1;
	struct text text;

	(void)state;
	text_init(&text);
	for (int turn = 0; turn < 3000; turn++) {
		random_songs(&text, &seed, 1);
		struct media_list *a = songs(PROVIDER_DEEZER, text_get(&text));
		random_songs(&text, &seed, 3);
		struct media_list *b = songs(PROVIDER_QOBUZ, text_get(&text));
		const struct merge_source sources[] = {
			{ a, NULL, (track_quality_set)rand_r(&seed) },
			{ b, NULL, (track_quality_set)rand_r(&seed) },
		};
		const struct media *kept[20];
		size_t count = provider_merge(kept, sources, 2, locals);
		for (size_t i = 0; i < count; i++) {
			assert_true(kept[i]->readable);
			for (size_t j = 0; j < i; j++) {
				assert_false(external_id_equal(&kept[i]->id, &kept[j]->id));
				assert_true(kept[i]->id.provider == kept[j]->id.provider ||
					    !are_the_same(kept[i], kept[j]));
			}
		}
		for (size_t i = 0; i < a->count + b->count; i++) {
			const struct media *song =
				i < a->count ? &a->items[i] : &b->items[i - a->count];
			bool there = !song->readable;
			for (size_t j = 0; j < count && !there; j++)
				there = external_id_equal(&song->id, &kept[j]->id) ||
					are_the_same(song, kept[j]);
			assert_true(there);
		}
		media_list_unref(a);
		media_list_unref(b);
	}
	text_fini(&text);
	merge_locals_free(locals);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(providers_take_turns_and_doubles_are_shown_once),
		cmocka_unit_test(a_provider_that_has_not_answered_is_no_hindrance),
		cmocka_unit_test(what_any_provider_shows_to_be_local_is_left_out),
		cmocka_unit_test(
			albums_artists_and_playlists_have_doubles_of_their_own_kind),
		cmocka_unit_test(no_merge_has_a_double_or_loses_anything),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
