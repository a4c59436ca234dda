#include "proxy/kept_query.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define S (1u << MEDIA_SONG)
#define A (1u << MEDIA_ALBUM)
#define R (1u << MEDIA_ARTIST)
#define P (1u << MEDIA_PLAYLIST)

#define ALBUM  "65787401120000000000000000049c2f"
#define ARTIST "6578740113000000000000000000001b"
#define LIST   "6578740114000000000000000006b6c1"
#define LOCAL  "7e64e319657a9516ec78490da03edccb"

/* kinds 0: left to Jellyfin. */
static const struct {
	const char *query;
	unsigned path_kinds;
	unsigned kinds;
	bool favourite, played, unplayed;
	size_t parents;
	const char *parent;
} rows[] = {
	/* hearts, in every spelling */
	{ "Filters=IsFavorite&IncludeItemTypes=Audio", 0, S, true, false, false, 0, NULL },
	{ "filters=isfavorite&includeitemtypes=audio,MusicAlbum", 0, S | A, true, false,
		false, 0, NULL },
	{ "isFavorite=true&includeItemTypes=MusicArtist&includeItemTypes=Playlist", 0,
		R | P, true, false, false, 0, NULL },
	{ "IsFavorite=True&Recursive=true", 0, S | A | R | P, true, false, false, 0, NULL },
	{ "IsFavorite=true&MediaTypes=Audio&Recursive=true", 0, S | P, true, false, false,
		0, NULL },
	{ "IsFavorite=true&Recursive=true&ExcludeItemTypes=Playlist,Audio", 0, A | R, true,
		false, false, 0, NULL },
	{ "Filters=IsFavorite,IsNotFolder&Recursive=true", 0, S, true, false, false, 0,
		NULL },
	{ "Filters=IsFavorite&Filters=IsUnplayed&IncludeItemTypes=Audio", 0, S, true, false,
		true, 0, NULL },
	{ "IsFavorite=true", R, R, true, false, false, 0, NULL },
	/* what was played */
	{ "Filters=IsPlayed&IncludeItemTypes=Audio", 0, S, false, true, false, 0, NULL },
	{ "IsPlayed=true&IncludeItemTypes=MusicAlbum", 0, A, false, true, false, 0, NULL },
	{ "SortBy=DatePlayed,SortName&SortOrder=Descending&IncludeItemTypes=Audio", 0, S,
		false, true, false, 0, NULL },
	{ "SortBy=PlayCount&SortOrder=Descending&IncludeItemTypes=Audio", 0, S, false, true,
		false, 0, NULL },
	/* parents */
	{ "IsFavorite=true&IncludeItemTypes=Audio&ArtistIds=" ARTIST "," LOCAL, 0, S, true,
		false, false, 1, NULL },
	{ "IsFavorite=true&IncludeItemTypes=Audio&AlbumIds=" ALBUM, 0, S, true, false,
		false, 1, NULL },
	{ "IsFavorite=true&IncludeItemTypes=Audio&ParentId=" ALBUM, 0, S, true, false,
		false, 1, NULL },
	{ "IsFavorite=true&IncludeItemTypes=Audio&ParentId="
	  "7e64e319-657a-9516-ec78-490da03edccb",
		0, S, true, false, false, 0, LOCAL },
	/* left to Jellyfin */
	{ "", 0, 0, false, false, false, 0, NULL },
	{ "IncludeItemTypes=Audio&Recursive=true", 0, 0, false, false, false, 0, NULL },
	{ "IsFavorite=true", 0, 0, false, false, false, 0, NULL },
	{ "IsFavorite=false&IncludeItemTypes=Audio", 0, 0, false, false, false, 0, NULL },
	{ "IsFavorite=true&Recursive=false&IncludeItemTypes=Audio", 0, 0, false, false,
		false, 0, NULL },
	{ "IsFavorite=true&IncludeItemTypes=Movie", 0, 0, false, false, false, 0, NULL },
	{ "IsFavorite=true&MediaTypes=Video&Recursive=true", 0, 0, false, false, false, 0,
		NULL },
	{ "IsFavorite=true&IncludeItemTypes=Audio&SearchTerm=x", 0, 0, false, false, false,
		0, NULL },
	{ "IsFavorite=true&IncludeItemTypes=Audio&GenreIds=x", 0, 0, false, false, false, 0,
		NULL },
	{ "Filters=IsFavorite,IsResumable&IncludeItemTypes=Audio", 0, 0, false, false,
		false, 0, NULL },
	{ "Filters=IsUnplayed&IncludeItemTypes=Audio", 0, 0, false, false, false, 0, NULL },
	{ "SortBy=DatePlayed&SortOrder=Ascending&IncludeItemTypes=Audio", 0, 0, false,
		false, false, 0, NULL },
	{ "SortBy=DatePlayed&SortOrder=Descending&IncludeItemTypes=MusicAlbum", 0, 0, false,
		false, false, 0, NULL },
	{ "SortBy=SortName,DatePlayed&SortOrder=Descending&IncludeItemTypes=Audio", 0, 0,
		false, false, false, 0, NULL },
	{ "IsFavorite=true&IncludeItemTypes=Audio&ArtistIds=" LOCAL, 0, 0, false, false,
		false, 0, NULL },
	{ "IsFavorite=true&IncludeItemTypes=Audio&ParentId=" LIST, 0, 0, false, false,
		false, 0, NULL },
	{ "IsFavorite=true&IncludeItemTypes=Audio&ParentId=../x", 0, 0, false, false, false,
		0, NULL },
	{ "IsFavorite=true&Filters=IsFolder&IncludeItemTypes=Audio", 0, 0, false, false,
		false, 0, NULL },
};

static void
only_what_users_do_with_music_is_ours_to_answer(void **state)
{
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct query query = query_parse(arena, slice_of(rows[i].query));
		struct kept_query kept;
		bool ours = kept_query_read(&kept, arena, &query, rows[i].path_kinds);
		if (ours != (rows[i].kinds != 0))
			print_error("%s\n", rows[i].query);
		assert_int_equal(ours, rows[i].kinds != 0);
		if (!ours)
			continue;
		const struct user_items_filter *filter = &kept.list.filter;
		assert_int_equal(filter->kinds, rows[i].kinds);
		assert_int_equal(filter->favourite, rows[i].favourite);
		assert_int_equal(filter->played, rows[i].played);
		assert_int_equal(filter->unplayed, rows[i].unplayed);
		assert_int_equal(kept.list.parent_count, rows[i].parents);
		if (rows[i].parent == NULL)
			assert_null(kept.parent);
		else
			assert_string_equal(kept.parent, rows[i].parent);
	}
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_what_users_do_with_music_is_ours_to_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
