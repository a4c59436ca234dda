#include "proxy/intercept_search.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum {
	SONG = 1 << MEDIA_SONG,
	ALBUM = 1 << MEDIA_ALBUM,
	ARTIST = 1 << MEDIA_ARTIST,
	PLAYLIST = 1 << MEDIA_PLAYLIST,
};

static void
a_search_asks_for_the_kinds_its_query_names(void **state)
{
	static const struct {
		const char *query;
		unsigned kinds;
	} rows[] = {
		{ "searchTerm=x", SONG | ALBUM | ARTIST },
		{ "SearchTerm=x&IncludeItemTypes=Audio", SONG },
		{ "SearchTerm=x&includeitemtypes=MusicAlbum,Movie", ALBUM },
		{ "includeItemTypes=MusicArtist&includeItemTypes=Audio", SONG | ARTIST },
		{ "IncludeItemTypes=Movie,Episode", 0 },
		{ "ExcludeItemTypes=Audio", ALBUM | ARTIST },
		{ "IncludeItemTypes=Audio,MusicAlbum,Playlist", SONG | ALBUM | PLAYLIST },
		{ "IncludeItemTypes=Playlist&MediaTypes=Audio", PLAYLIST },
		{ "MediaTypes=Audio", SONG },
		{ "MediaTypes=Video", 0 },
		{ "IsFavorite=true", 0 },
		{ "IsFavorite=", SONG | ALBUM | ARTIST },
		{ "Filters=IsFavorite&IncludeItemTypes=Audio", 0 },
		{ "ArtistIds=abc&IncludeItemTypes=Audio", 0 },
		{ "parentId=library&IncludeItemTypes=Audio", SONG },
	};
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct query query = query_parse(arena, slice_of(rows[i].query));
		assert_int_equal(search_kinds(&query, arena), rows[i].kinds);
	}
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_search_asks_for_the_kinds_its_query_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
