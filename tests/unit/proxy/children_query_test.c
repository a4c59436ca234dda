#include "proxy/children_query.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define ALBUM    "ext-deezer-album-1"
#define OTHER    "ext-qobuz-album-0123456789abc"
#define ARTIST   "ext-deezer-artist-27"
#define PLAYLIST "pl-deezer-4"
#define LOCAL    "0123456789abcdef0123456789abcdef"

/* Each question's letter (t: album's tracks, a: artist's albums, p: their top songs, l:
 * playlist), then '+' and the local ids. "-": not about external parents. */
static char *
read(const char *text)
{
	static const char letters[] = { [CATALOG_ALBUM_TRACKS] = 't',
		[CATALOG_ARTIST_ALBUMS] = 'a',
		[CATALOG_ARTIST_TOP] = 'p',
		[CATALOG_PLAYLIST_TRACKS] = 'l' };
	struct arena *arena = arena_new();
	struct query query = query_parse(arena, slice_of(text));
	struct children_query wanted;
	struct text seen;

	text_init(&seen);
	if (!children_query_read(&wanted, arena, &query, 1)) {
		text_add_char(&seen, '-');
	} else {
		text_add(&seen, wanted.parameter);
		text_add_char(&seen, ' ');
		for (size_t i = 0; i < wanted.count; i++)
			text_add_char(&seen, letters[wanted.of[i].ask]);
		if (wanted.local_ids != NULL)
			text_addf(&seen, "+%s", wanted.local_ids);
	}
	arena_free(arena);
	return text_take(&seen);
}

static void
every_spelling_of_a_parent_is_understood(void **state)
{
	static const struct {
		const char *query, *seen;
	} cases[] = {
		{ "", "-" },
		{ "ParentId=" LOCAL, "-" },
		{ "SearchTerm=x&AlbumIds=" LOCAL, "-" },
		{ "ParentId=" ALBUM, "ParentId t" },
		{ "parentid=" PLAYLIST, "ParentId l" },
		{ "ALBUMIDS=" ALBUM "," OTHER, "AlbumIds tt" },
		{ "albumIds=" ALBUM "&AlbumIds=" OTHER, "AlbumIds tt" },
		{ "AlbumIds=" LOCAL "," ALBUM "," LOCAL, "AlbumIds t+" LOCAL "," LOCAL },
		{ "ParentId=" LOCAL "&ArtistIds=" ARTIST, "ArtistIds a" },
		{ "ArtistIds=" ARTIST "&IncludeItemTypes=Audio", "ArtistIds p" },
		{ "ArtistIds=" ARTIST "&includeitemtypes=audio,musicalbum",
			"ArtistIds ap" },
		{ "ArtistIds=" ARTIST "&IncludeItemTypes=Movie", "ArtistIds " },
		{ "ArtistIds=" ARTIST "&ExcludeItemTypes=MusicAlbum", "ArtistIds " },
		{ "ArtistIds=" ARTIST "&MediaTypes=Audio", "ArtistIds p" },
		{ "ArtistIds=" ARTIST "&MediaTypes=Video", "ArtistIds " },
		{ "AlbumArtistIds=" ARTIST "&IncludeItemTypes=MusicAlbum",
			"AlbumArtistIds a" },
		{ "ContributingArtistIds=" ARTIST, "ContributingArtistIds a" },
		{ "AlbumIds=" ALBUM "&IncludeItemTypes=MusicAlbum", "AlbumIds " },
		{ "AlbumIds=" ALBUM "&ArtistIds=" ARTIST, "AlbumIds t" },
		{ "ParentId=ext-deezer-song-5", "ParentId " },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		char *seen = read(cases[i].query);
		assert_string_equal(seen, cases[i].seen);
		xfree(seen);
	}
}

static void
what_a_client_excludes_is_left_out(void **state)
{
	struct arena *arena = arena_new();
	struct query query =
		query_parse(arena, slice_of("ContributingArtistIds=" ARTIST
					    "&ExcludeItemIds=" LOCAL "," ALBUM));
	struct children_query wanted;
	struct external_id artist, album;
	struct media_list *list = media_list_new(1);
	struct media *child = media_list_add(list);

	(void)state;
	assert_true(children_query_read(&wanted, arena, &query, 1));
	assert_true(external_id_parse(&artist, slice_of(ARTIST)));
	assert_true(external_id_parse(&album, slice_of(ALBUM)));
	child->kind = MEDIA_ALBUM;
	child->id = album;
	child->title = xstrdup("x");
	assert_false(children_query_keeps(&wanted, &artist, child));
	child->id.key[0] = '2';
	assert_true(children_query_keeps(&wanted, &artist, child));
	/* Contributing is not being the main artist. */
	media_add_artist(child, &artist, "x");
	child->main_artist_count = 1;
	assert_false(children_query_keeps(&wanted, &artist, child));
	child->main_artist_count = 0;
	assert_true(children_query_keeps(&wanted, &artist, child));
	media_list_unref(list);
	arena_free(arena);
}

static void
types_narrow_any_list(void **state)
{
	static const struct {
		const char *query;
		enum media_kind kind;
		bool wanted;
	} cases[] = {
		{ "", MEDIA_SONG, true },
		{ "", MEDIA_GENRE, true },
		{ "IncludeItemTypes=Audio", MEDIA_SONG, true },
		{ "includeitemtypes=musicalbum,AUDIO", MEDIA_ALBUM, true },
		{ "IncludeItemTypes=Audio", MEDIA_PLAYLIST, false },
		{ "ExcludeItemTypes=MusicArtist", MEDIA_ARTIST, false },
		{ "MediaTypes=Audio", MEDIA_SONG, true },
		{ "MediaTypes=Audio", MEDIA_ALBUM, false },
		{ "MediaTypes=Video", MEDIA_SONG, false },
	};
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct query query = query_parse(arena, slice_of(cases[i].query));
		assert_int_equal(
			children_wants_kind(&query, arena, cases[i].kind), cases[i].wanted);
	}
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_spelling_of_a_parent_is_understood),
		cmocka_unit_test(what_a_client_excludes_is_left_out),
		cmocka_unit_test(types_narrow_any_list),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
