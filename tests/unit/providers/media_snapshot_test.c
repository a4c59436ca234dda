#include "providers/media_snapshot.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/json.h"
#include "providers/media_item.h"

#define SONG_ID "657874011100000000000000002fd844"

static const struct item_context context = { .server_id =
						     "8c73b3d007dc4eaba552614833a4c35e",
	.offered = { [PROVIDER_DEEZER] = TRACK_BIT(TRACK_PREVIEW) } };

static struct external_id
id_of(enum media_kind kind, const char *key)
{
	struct external_id id = { .provider = PROVIDER_DEEZER, .kind = kind };

	assert_true(copy_text(id.key, sizeof id.key, key));
	return id;
}

static struct media *
add(struct media_list *list, enum media_kind kind, const char *key, const char *title)
{
	struct media *media = media_list_add(list);

	media->kind = kind;
	media->id = id_of(kind, key);
	media->title = xstrdup(title);
	media->readable = true;
	media->seen_ms = 1774968992000;
	return media;
}

static void
add_genre(struct media *media, const char *genre)
{
	media->genres = xrealloc(media->genres, (media->genre_count + 1) * sizeof(char *));
	media->genres[media->genre_count++] = xstrdup(genre);
}

/* One of each kind, each saying all it can. */
static struct media_list *
everything(void)
{
	struct media_list *list = media_list_new(4);
	struct external_id artist = id_of(MEDIA_ARTIST, "27"), nobody = { 0 };

	struct media *album = add(list, MEDIA_ALBUM, "302127", "Rails");
	media_add_artist(album, &artist, "Ångström & Søn");
	album->main_artist_count = 1;
	album->label = xstrdup("Label");
	album->upc = xstrdup("0012");
	album->track_count = 12;
	album->duration_ms = 3600000;
	memcpy(album->release_date, "2001-03-07", 11);
	album->image_key = xstrdup("0123456789abcdef0123456789abcdef");
	album->image_base = xstrdup("https://h/images/cover/0123456789abcdef");
	add_genre(album, "Pop");
	add_genre(album, "Electro");
	struct media *song = add(list, MEDIA_SONG, "3135556", "Night \"Train\"");
	media_add_artist(song, &artist, "Ångström & Søn");
	song->main_artist_count = 1;
	media_add_artist(song, &nobody, "Guest");
	media_set_album(song, album);
	song->isrc = xstrdup("XX0001");
	song->duration_ms = 226000;
	song->track_number = 4;
	song->disc_number = 2;
	song->gain_lufs = -12.4;
	song->explicit_content = true;
	song->bit_depth = 24;
	song->sample_rate = 192000;
	album->edited = true;
	song->readable = false;
	struct media *performer = add(list, MEDIA_ARTIST, "27", "Ångström & Søn");
	performer->album_count = 7;
	struct media *playlist = add(list, MEDIA_PLAYLIST, "908622995", "Mix");
	playlist->track_count = 50;
	playlist->description = xstrdup("all of it");
	return list;
}

static char *
item_of(const struct media *media)
{
	json_t *item = media_item_new(media, &context);
	char *text = json_dumps(item, JSON_SORT_KEYS | JSON_INDENT(1));

	json_decref(item);
	return text;
}

static void
what_was_written_reads_the_same(void **state)
{
	struct media_list *seen = everything(), *read = media_list_new(0);

	(void)state;
	for (size_t i = 0; i < seen->count; i++) {
		struct text json = { 0 };
		assert_true(media_snapshot_write(&json, &seen->items[i]));
		const struct media *media =
			media_snapshot_read(read, (struct slice){ json.data, json.size });
		assert_non_null(media);
		char *expected = item_of(&seen->items[i]), *item = item_of(media);
		assert_string_equal(item, expected);
		assert_int_equal(media->readable, seen->items[i].readable);
		assert_int_equal(media->seen_ms, seen->items[i].seen_ms);
		assert_int_equal(media->edited, seen->items[i].edited);
		assert_int_equal(media->bit_depth, seen->items[i].bit_depth);
		assert_int_equal(media->sample_rate, seen->items[i].sample_rate);
		xfree(expected);
		xfree(item);
		text_fini(&json);
	}
	media_list_unref(seen);
	media_list_unref(read);
}

static void
what_expires_is_not_kept(void **state)
{
	struct media_list *list = everything();
	struct text json = { 0 };

	(void)state;
	list->items[1].preview_url = xstrdup("https://cdn/preview.mp3?secret");
	list->items[1].preview_expires_ms = 1774968999000;
	assert_true(media_snapshot_write(&json, &list->items[1]));
	assert_null(strstr(text_get(&json), "cdn"));
	text_fini(&json);
	media_list_unref(list);
}

/* Cut where a character ends; a URL that does not fit is left out whole. */
static void
what_is_long_is_cut(void **state)
{
	struct media_list *list = media_list_new(1), *read = media_list_new(0);
	struct text long_text = { 0 }, json = { 0 };

	(void)state;
	for (size_t i = 0; i < 4000; i++)
		text_add(&long_text, "é");
	struct media *song = add(list, MEDIA_SONG, "3135556", text_get(&long_text));
	for (size_t i = 0; i < 60; i++) {
		struct external_id artist = { 0 };
		text_add_char(&long_text, '!');
		media_add_artist(song, &artist, text_get(&long_text) + 2 * i);
	}
	song->main_artist_count = 60;
	for (size_t i = 0; i < 60; i++)
		add_genre(song, text_get(&long_text));
	song->image_key = xstrdup("abc");
	song->image_base = xstrdup(text_get(&long_text));
	assert_true(media_snapshot_write(&json, song));
	assert_true(json.size < MEDIA_SNAPSHOT_MAX);
	const struct media *media =
		media_snapshot_read(read, (struct slice){ json.data, json.size });
	assert_non_null(media);
	assert_int_equal(strlen(media->title), 512);
	assert_int_equal(media->main_artist_count, media->artist_count);
	assert_int_equal(media->artist_count, 12);
	assert_int_equal(media->genre_count, 8);
	assert_null(media->image_base);
	text_fini(&long_text);
	text_fini(&json);
	media_list_unref(list);
	media_list_unref(read);
}

static void
what_does_not_fit_is_not_written(void **state)
{
	struct media_list *list = media_list_new(1);
	struct text controls = { 0 }, json = { 0 };
	struct external_id nobody = { 0 };

	(void)state;
	struct media *song = add(list, MEDIA_SONG, "3135556", "Bells");
	for (size_t i = 0; i < 300; i++)
		text_add_char(&controls, '\001'); /* six bytes each in JSON */
	for (size_t i = 0; i < 12; i++) {
		text_add_char(&controls, (char)('a' + i));
		media_add_artist(song, &nobody, text_get(&controls) + i);
	}
	assert_false(media_snapshot_write(&json, song));
	assert_int_equal(json.size, 0);
	assert_true(copy_text(song->id.key, sizeof song->id.key, "no-key!"));
	song->artist_count = 0;
	assert_false(media_snapshot_write(&json, song));
	song->artist_count = 12;
	text_fini(&controls);
	media_list_unref(list);
}

static void
what_makes_no_sense_is_unknown(void **state)
{
	static const char *const broken[] = { "", "{", "[]", "null", "{}",
		"{\"id\":\"" SONG_ID "\"}", "{\"id\":\"" SONG_ID "\",\"title\":\"\"}",
		"{\"id\":\"" SONG_ID "\",\"title\":7}", "{\"id\":\"abc\",\"title\":\"x\"}",
		"{\"title\":\"x\"}" };
	static const char odd[] =
		"{\"id\":\"" SONG_ID
		"\",\"title\":\"x\",\"artists\":[7,{\"id\":8},{\"name\":"
		"\"A\",\"id\":\"zz\"}],\"main_artists\":99,\"track\":-4,\"disc\":1e300,"
		"\"released\":\"2001-0a-07\",\"duration_ms\":9223372036854775807,"
		"\"genres\":{\"a\":1},\"image_base\":\"http://nowhere\",\"seen_ms\":-1,"
		"\"from_the_future\":true}";
	struct media_list *list = media_list_new(0);

	(void)state;
	for (size_t i = 0; i < COUNT_OF(broken); i++)
		assert_null(media_snapshot_read(list, slice_of(broken[i])));
	assert_int_equal(list->count, 0);
	const struct media *media = media_snapshot_read(list, slice_of(odd));
	assert_non_null(media);
	assert_int_equal(media->artist_count, 1);
	assert_string_equal(media->artists[0].name, "A");
	assert_string_equal(media->artists[0].id.key, "");
	assert_int_equal(media->main_artist_count, 1);
	assert_int_equal(media->track_number, 0);
	assert_int_equal(media->disc_number, 0);
	assert_int_equal(media->duration_ms, 0);
	assert_string_equal(media->release_date, "");
	assert_null(media->image_base);
	assert_int_equal(media->genre_count, 0);
	assert_true(media->readable);
	media_list_unref(list);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_written_reads_the_same),
		cmocka_unit_test(what_expires_is_not_kept),
		cmocka_unit_test(what_is_long_is_cut),
		cmocka_unit_test(what_does_not_fit_is_not_written),
		cmocka_unit_test(what_makes_no_sense_is_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
