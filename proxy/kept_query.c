#include "proxy/kept_query.h"

#define BIT(kind) (1u << (kind))

static const unsigned all_kinds =
	BIT(MEDIA_SONG) | BIT(MEDIA_ALBUM) | BIT(MEDIA_ARTIST) | BIT(MEDIA_PLAYLIST);

/* Filters on what only Jellyfin knows, or that make it another question. */
static const char *const foreign[] = { "SearchTerm", "Ids", "ExcludeItemIds", "Genres",
	"GenreIds", "Years", "Studios", "StudioIds", "Person", "PersonIds", "PersonTypes",
	"Tags", "OfficialRatings", "NameStartsWith", "NameStartsWithOrGreater",
	"NameLessThan", "MinDateLastSaved", "MinDateLastSavedForUser", "MinPremiereDate",
	"MaxPremiereDate", "AdjacentTo", "SeriesStatus", "VideoTypes", "ImageTypes",
	"MinCommunityRating", "MinCriticRating", "HasLyrics", "IndexNumber",
	"ParentIndexNumber" };

static bool
is_said(const struct query *query, const char *name)
{
	const char *value = query_get(query, name);

	return value != NULL && value[0] != '\0';
}

static bool
is_foreign(const struct query *query)
{
	for (size_t i = 0; i < COUNT_OF(foreign); i++) {
		if (is_said(query, foreign[i]))
			return true;
	}
	return false;
}

/* ---- which kinds ---- */

static unsigned
kind_of_type(const char *type)
{
	if (text_equal_ci(type, "Audio"))
		return BIT(MEDIA_SONG);
	if (text_equal_ci(type, "MusicAlbum"))
		return BIT(MEDIA_ALBUM);
	if (text_equal_ci(type, "MusicArtist"))
		return BIT(MEDIA_ARTIST);
	if (text_equal_ci(type, "Playlist"))
		return BIT(MEDIA_PLAYLIST);
	return 0;
}

/* Only songs and playlists have the media type Audio in Jellyfin. */
static unsigned
kinds_of_media_types(struct arena *arena, const struct query *query)
{
	const char **media = query_list(arena, query, "MediaTypes", NULL);

	for (size_t i = 0; media[i] != NULL; i++) {
		if (text_equal_ci(media[i], "Audio"))
			return BIT(MEDIA_SONG) | BIT(MEDIA_PLAYLIST);
	}
	return media[0] == NULL ? all_kinds : 0;
}

static unsigned
kinds_of_query(struct arena *arena, const struct query *query)
{
	const char **types = query_list(arena, query, "IncludeItemTypes", NULL);
	unsigned kinds = 0;

	/* Without types it may mean the folders of one level. */
	if (types[0] == NULL && query_bool(query, "Recursive", false))
		kinds = all_kinds;
	for (size_t i = 0; types[i] != NULL; i++)
		kinds |= kind_of_type(types[i]);
	types = query_list(arena, query, "ExcludeItemTypes", NULL);
	for (size_t i = 0; types[i] != NULL; i++)
		kinds &= ~kind_of_type(types[i]);
	return kinds & kinds_of_media_types(arena, query);
}

/* ---- which of them ---- */

/* False: a filter that is not ours to answer. */
static bool
read_filters(
	struct user_items_filter *filter, struct arena *arena, const struct query *query)
{
	const char **filters = query_list(arena, query, "Filters", NULL);

	for (size_t i = 0; filters[i] != NULL; i++) {
		if (text_equal_ci(filters[i], "IsFavorite") ||
			text_equal_ci(filters[i], "IsFavoriteOrLikes"))
			filter->favourite = true;
		else if (text_equal_ci(filters[i], "IsPlayed"))
			filter->played = true;
		else if (text_equal_ci(filters[i], "IsUnplayed"))
			filter->unplayed = true;
		else if (text_equal_ci(filters[i], "IsFolder"))
			filter->kinds &= ~BIT(MEDIA_SONG);
		else if (text_equal_ci(filters[i], "IsNotFolder"))
			filter->kinds &= BIT(MEDIA_SONG);
		else
			return false;
	}
	if (is_said(query, "IsFavorite")) {
		if (!query_bool(query, "IsFavorite", false))
			return false;
		filter->favourite = true;
	}
	if (is_said(query, "IsPlayed")) {
		bool played = query_bool(query, "IsPlayed", false);
		filter->played = filter->played || played;
		filter->unplayed = filter->unplayed || !played;
	}
	return true;
}

/* Is it a row of what was played last, or most? */
static bool
is_played_row(const struct item_order *order, unsigned kinds)
{
	enum item_order_by by = order->keys[0].by;

	return kinds == BIT(MEDIA_SONG) && order->keys[0].descending &&
	       (by == ITEM_ORDER_DATE_PLAYED || by == ITEM_ORDER_PLAY_COUNT);
}

static bool
add_parent(struct user_list_query *list, const char *text)
{
	struct external_id id;

	if (list->parent_count == USER_LIST_PARENTS ||
		!external_id_parse(&id, slice_of(text)) ||
		(id.kind != MEDIA_ALBUM && id.kind != MEDIA_ARTIST))
		return false;
	list->parents[list->parent_count++] = id;
	return true;
}

/* Jellyfin's id in any spelling as 32 digits; NULL when it is none. */
static const char *
plain_id(struct arena *arena, const char *text)
{
	unsigned char bytes[16];
	char id[33];
	size_t size = 0;

	for (; *text != '\0' && size < sizeof id; text++) {
		if (*text != '-')
			id[size++] = *text;
	}
	if (size != 32 || !hex_decode(bytes, sizeof bytes, (struct slice){ id, size }))
		return NULL;
	return arena_slice_dup(arena, (struct slice){ id, size });
}

/* Artists and albums of ours narrow the list; a query about Jellyfin's own is its alone. */
static bool
read_parents(struct kept_query *kept, struct arena *arena, const struct query *query)
{
	static const char *const names[] = { "ArtistIds", "AlbumArtistIds",
		"ContributingArtistIds", "AlbumIds" };
	const char *parent = query_get(query, "ParentId");
	struct external_id id;
	bool narrowed = false;

	for (size_t i = 0; i < COUNT_OF(names); i++) {
		const char **ids = query_list(arena, query, names[i], NULL);
		narrowed = narrowed || ids[0] != NULL;
		for (size_t j = 0; ids[j] != NULL; j++)
			(void)add_parent(&kept->list, ids[j]);
	}
	if (parent == NULL || parent[0] == '\0')
		return !narrowed || kept->list.parent_count > 0;
	if (external_id_parse(&id, slice_of(parent))) {
		kept->external_parent = true;
		return add_parent(&kept->list, parent);
	}
	kept->parent = plain_id(arena, parent);
	return kept->parent != NULL && (!narrowed || kept->list.parent_count > 0);
}

/* Is it about what users do? What is played last or most is what was played. */
static bool
read_intent(struct user_list_query *list, struct arena *arena, const struct query *query)
{
	struct user_items_filter *filter = &list->filter;

	if (filter->kinds == 0 || !read_filters(filter, arena, query) || filter->kinds == 0)
		return false;
	item_order_read(&list->order,
		(const char *const *)query_list(arena, query, "SortBy", NULL),
		(const char *const *)query_list(arena, query, "SortOrder", NULL));
	if (filter->favourite)
		return true;
	if (filter->unplayed)
		return false; /* all the music there is */
	filter->played = filter->played || is_played_row(&list->order, filter->kinds);
	return filter->played;
}

bool
kept_query_read(struct kept_query *kept, struct arena *arena, const struct query *query,
	unsigned kinds)
{
	*kept = (struct kept_query){ 0 };
	kept->list.filter.kinds = kinds != 0 ? kinds : kinds_of_query(arena, query);
	if (!read_intent(&kept->list, arena, query) || is_foreign(query))
		return false;
	if (is_said(query, "Recursive") && !query_bool(query, "Recursive", false))
		return false;
	return read_parents(kept, arena, query);
}
