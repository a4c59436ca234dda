#include "proxy/children_query.h"

#include <string.h>

static bool
names_type(const char **types, const char *type)
{
	for (; *types != NULL; types++) {
		if (text_equal_ci(*types, type))
			return true;
	}
	return false;
}

/* Does the request leave room for things of that type? `unasked`: when it names no types
 * at all. */
static bool
wants_type(const struct query *query, struct arena *arena, const char *type, bool unasked)
{
	const char **types = query_list(arena, query, "IncludeItemTypes", NULL);
	const char **excluded = query_list(arena, query, "ExcludeItemTypes", NULL);
	const char **media = query_list(arena, query, "MediaTypes", NULL);

	/* Only songs have a media type in Jellyfin. */
	if (media[0] != NULL &&
		(!text_equal_ci(type, "Audio") || !names_type(media, "Audio")))
		return false;
	if (types[0] != NULL)
		return names_type(types, type) && !names_type(excluded, type);
	return (unasked || media[0] != NULL) && !names_type(excluded, type);
}

static void
add(struct children_query *wanted, enum catalog_ask ask, const struct external_id *parent)
{
	if (wanted->count < CHILDREN_PARENTS)
		wanted->of[wanted->count++] = (struct catalog_query){
			.ask = ask, .provider = parent->provider, .id = *parent
		};
}

static void
add_parent(struct children_query *wanted, struct arena *arena, const struct query *query,
	const struct external_id *parent)
{
	switch (parent->kind) {
	case MEDIA_ALBUM:
		if (wants_type(query, arena, "Audio", true))
			add(wanted, CATALOG_ALBUM_TRACKS, parent);
		break;
	case MEDIA_PLAYLIST:
		if (wants_type(query, arena, "Audio", true))
			add(wanted, CATALOG_PLAYLIST_TRACKS, parent);
		break;
	case MEDIA_ARTIST:
		if (wants_type(query, arena, "MusicAlbum", true))
			add(wanted, CATALOG_ARTIST_ALBUMS, parent);
		if (wants_type(query, arena, "Audio", false))
			add(wanted, CATALOG_ARTIST_TOP, parent);
		break;
	default:
		break;
	}
}

static void
begin(struct children_query *wanted)
{
	wanted->count = 0;
	wanted->local_ids = NULL;
	wanted->contributing = false;
	wanted->parameter = "";
}

/* How the answer is to look; only for lists that are ours. */
static void
read_rest(struct children_query *wanted, struct arena *arena, const struct query *query,
	uint64_t seed)
{
	wanted->excluded = query_list(arena, query, "ExcludeItemIds", NULL);
	wanted->sort = (struct media_sort){ .seed = seed };
	media_sort_read(&wanted->sort, arena, query);
}

void
children_query_of(struct children_query *wanted, struct arena *arena,
	const struct query *query, const struct external_id *parent, uint64_t seed)
{
	begin(wanted);
	add_parent(wanted, arena, query, parent);
	read_rest(wanted, arena, query, seed);
}

/* The parameter's external ids as parents, its other ids joined. False: none external. */
static bool
read_parameter(struct children_query *wanted, struct arena *arena,
	const struct query *query, const char *parameter)
{
	const char **ids = query_list(arena, query, parameter, NULL);
	struct external_id parent;
	struct text local;
	bool any = false;

	text_init(&local);
	for (; *ids != NULL; ids++) {
		if (external_id_parse(&parent, slice_of(*ids))) {
			any = true;
			add_parent(wanted, arena, query, &parent);
		} else {
			text_add(&local, local.size > 0 ? "," : "");
			text_add(&local, *ids);
		}
	}
	if (any && local.size > 0)
		wanted->local_ids = arena_strdup(arena, text_get(&local));
	text_fini(&local);
	return any;
}

bool
children_query_read(struct children_query *wanted, struct arena *arena,
	const struct query *query, uint64_t seed)
{
	static const char *const parameters[] = { "ParentId", "AlbumIds", "ArtistIds",
		"AlbumArtistIds", "ContributingArtistIds" };

	begin(wanted);
	for (size_t i = 0; i < COUNT_OF(parameters); i++) {
		if (!read_parameter(wanted, arena, query, parameters[i]))
			continue;
		wanted->parameter = parameters[i];
		wanted->contributing = strcmp(parameters[i], "ContributingArtistIds") == 0;
		read_rest(wanted, arena, query, seed);
		return true;
	}
	return false;
}

static bool
is_main_artist(const struct media *child, const struct external_id *artist)
{
	for (size_t i = 0; i < child->main_artist_count; i++) {
		if (external_id_equal(&child->artists[i].id, artist))
			return true;
	}
	return false;
}

bool
children_query_keeps(const struct children_query *wanted, const struct external_id *parent,
	const struct media *child)
{
	struct external_id id;

	if (wanted->contributing && is_main_artist(child, parent))
		return false;
	for (const char **excluded = wanted->excluded; *excluded != NULL; excluded++) {
		if (external_id_parse(&id, slice_of(*excluded)) &&
			external_id_equal(&id, &child->id))
			return false;
	}
	return true;
}

bool
children_wants_kind(const struct query *query, struct arena *arena, enum media_kind kind)
{
	static const char *const types[] = { [MEDIA_SONG] = "Audio",
		[MEDIA_ALBUM] = "MusicAlbum",
		[MEDIA_ARTIST] = "MusicArtist",
		[MEDIA_PLAYLIST] = "Playlist",
		[MEDIA_GENRE] = "MusicGenre" };

	return wants_type(query, arena, types[kind], true);
}
