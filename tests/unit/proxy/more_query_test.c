#include "proxy/more_query.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define ID "0123456789abcdef0123456789abcdef"

static void
few_lists_may_be_completed(void **state)
{
	static const struct {
		const char *query;
		enum more_kind kind;
		const char *artist;
	} cases[] = {
		{ "", MORE_NOTHING, NULL },
		{ "IncludeItemTypes=MusicAlbum", MORE_NOTHING, NULL },
		{ "includeitemtypes=musicalbum&albumartistids=" ID, MORE_ALBUMS, ID },
		{ "IncludeItemTypes=MusicAlbum&ArtistIds=" ID "&Recursive=true&ParentId=x",
			MORE_ALBUMS, ID },
		{ "IncludeItemTypes=MusicAlbum&ArtistIds=a,b", MORE_NOTHING, NULL },
		{ "IncludeItemTypes=MusicAlbum&ArtistIds=a&AlbumArtistIds=b", MORE_NOTHING,
			NULL },
		{ "IncludeItemTypes=MusicAlbum&ArtistIds=ext-deezer-artist-27",
			MORE_NOTHING, NULL },
		{ "IncludeItemTypes=MusicAlbum,Audio&ArtistIds=" ID, MORE_NOTHING, NULL },
		{ "IncludeItemTypes=MusicAlbum&ArtistIds=" ID "&SearchTerm=x", MORE_NOTHING,
			NULL },
		{ "IncludeItemTypes=MusicAlbum&ArtistIds=" ID "&Filters=", MORE_ALBUMS,
			ID },
		{ "IncludeItemTypes=MusicAlbum&ArtistIds=" ID "&Filters=IsFavorite",
			MORE_NOTHING, NULL },
		{ "IncludeItemTypes=Playlist&Recursive=true", MORE_PLAYLISTS, NULL },
		{ "includeItemTypes=playlist&sortBy=SortName&startIndex=5", MORE_PLAYLISTS,
			NULL },
		{ "IncludeItemTypes=Playlist&IsFavorite=true", MORE_NOTHING, NULL },
		{ "IncludeItemTypes=Playlist&ArtistIds=" ID, MORE_NOTHING, NULL },
		{ "IncludeItemTypes=Playlist&Ids=" ID, MORE_NOTHING, NULL },
	};
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct query query = query_parse(arena, slice_of(cases[i].query));
		const char *artist;
		assert_int_equal(more_query_read(arena, &query, &artist), cases[i].kind);
		if (cases[i].artist == NULL)
			assert_null(artist);
		else
			assert_string_equal(artist, cases[i].artist);
	}
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(few_lists_may_be_completed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
