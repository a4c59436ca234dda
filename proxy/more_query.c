#include "proxy/more_query.h"

#include "providers/external_id.h"

/* What narrows a list by what only Jellyfin knows. */
static const char *const filters[] = { "SearchTerm", "Ids", "Filters", "IsFavorite",
	"IsPlayed", "Genres", "GenreIds", "Years", "Studios", "StudioIds", "Person",
	"PersonIds", "Tags", "OfficialRatings", "AlbumIds", "ContributingArtistIds",
	"ExcludeArtistIds", "NameStartsWith", "NameStartsWithOrGreater", "NameLessThan",
	"MinDateLastSaved", "MinPremiereDate", "MaxPremiereDate", "AdjacentTo" };

static bool
is_said(const struct query *query, const char *name)
{
	const char *value = query_get(query, name);
	return value != NULL && value[0] != '\0';
}

/* The only id that either parameter names; NULL: none, several, or one of ours. */
static const char *
only_artist(struct arena *arena, const struct query *query)
{
	size_t album_artists, artists;
	const char **first = query_list(arena, query, "AlbumArtistIds", &album_artists);
	const char **second = query_list(arena, query, "ArtistIds", &artists);
	const char *only = album_artists == 1 ? first[0] : second[0];
	struct external_id id;

	if (album_artists + artists != 1 || external_id_parse(&id, slice_of(only)))
		return NULL;
	return only;
}

enum more_kind
more_query_read(struct arena *arena, const struct query *query, const char **artist_id)
{
	size_t types;
	const char **type = query_list(arena, query, "IncludeItemTypes", &types);

	*artist_id = NULL;
	/* Most requests end here. */
	if (types != 1 || (!text_equal_ci(type[0], "MusicAlbum") &&
				  !text_equal_ci(type[0], "Playlist")))
		return MORE_NOTHING;
	for (size_t i = 0; i < COUNT_OF(filters); i++) {
		if (is_said(query, filters[i]))
			return MORE_NOTHING;
	}
	if (text_equal_ci(type[0], "MusicAlbum")) {
		*artist_id = only_artist(arena, query);
		return *artist_id != NULL ? MORE_ALBUMS : MORE_NOTHING;
	}
	return is_said(query, "ArtistIds") || is_said(query, "AlbumArtistIds")
		       ? MORE_NOTHING
		       : MORE_PLAYLISTS;
}
