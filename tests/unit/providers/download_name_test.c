#include "providers/download_name.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct {
	const char *artist, *title;
	enum track_quality quality;
	const char *header;
} rows[] = {
	{ "Daft Punk", "Aerodynamic", TRACK_FLAC,
		"attachment; filename=\"Daft Punk - Aerodynamic.flac\"" },
	{ "Daft Punk", "Aerodynamic", TRACK_PREVIEW,
		"attachment; filename=\"Daft Punk - Aerodynamic (preview).mp3\"" },
	{ NULL, "Aerodynamic", TRACK_MP3_320, "attachment; filename=\"Aerodynamic.mp3\"" },
	{ "AC/DC", "What?\r\nX: \"1\" <\\|*>", TRACK_MP3_128,
		"attachment; filename=\"AC_DC - What___X_ _1_ _____.mp3\"" },
	{ "Sigur Rós", "Svefn-g-englar", TRACK_FLAC_96,
		"attachment; filename=\"Sigur R_s - Svefn-g-englar.flac\"; "
		"filename*=UTF-8''Sigur%20R%C3%B3s%20-%20Svefn-g-englar.flac" },
	{ "宇多田ヒカル", "光", TRACK_MP3_320,
		"attachment; filename=\"______ - _.mp3\"; "
		"filename*=UTF-8''%E5%AE%87%E5%A4%9A%E7%94%B0%E3%83%92%E3%82%AB%E3%83%AB"
		"%20-%20%E5%85%89.mp3" },
	{ NULL, "...", TRACK_FLAC, "attachment; filename=\"song.flac\"" },
	{ NULL, ".hidden. ", TRACK_FLAC, "attachment; filename=\"hidden.flac\"" },
};

static void
a_song_is_called_by_its_artist_and_title(void **state)
{
	struct text header = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct media song = { .kind = MEDIA_SONG };
		struct media_artist artist = { 0 };
		song.title = xstrdup(rows[i].title);
		artist.name = xstrdup_or_null(rows[i].artist);
		song.artists = &artist;
		song.artist_count = rows[i].artist != NULL ? 1 : 0;
		text_clear(&header);
		download_name_add(&header, &song, rows[i].quality);
		assert_string_equal(header.data, rows[i].header);
		xfree(song.title);
		xfree(artist.name);
	}
	text_clear(&header);
	download_name_add(&header, NULL, TRACK_FLAC);
	assert_string_equal(header.data, "attachment; filename=\"song.flac\"");
	text_fini(&header);
}

static void
a_long_name_is_cut_between_characters(void **state)
{
	struct media song = { .kind = MEDIA_SONG };
	struct text header = { 0 }, title = { 0 };

	(void)state;
	for (int i = 0; i < 400; i++)
		text_add(&title, "ö");
	song.title = title.data;
	download_name_add(&header, &song, TRACK_PREVIEW);
	const char *encoded = strstr(header.data, "UTF-8''") + 7;
	assert_int_equal(strlen(encoded) % 6, strlen("%20%28preview%29.mp3") % 6);
	assert_true(strlen(encoded) < 160 * 3);
	text_fini(&header);
	text_fini(&title);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_song_is_called_by_its_artist_and_title),
		cmocka_unit_test(a_long_name_is_cut_between_characters),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
