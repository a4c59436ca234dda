#include "providers/qobuz/qobuz_api.h"

#include <stdio.h>

#include "core/url.h"

/* Methods by kind. */
static const struct {
	enum media_kind kind;
	const char *search;
	const char *get;
	const char *id; /* the parameter that names one */
} kinds[] = {
	{ MEDIA_SONG, "track/search", "track/get", "track_id" },
	{ MEDIA_ALBUM, "album/search", "album/get", "album_id" },
	{ MEDIA_ARTIST, "artist/search", "artist/get", "artist_id" },
	{ MEDIA_PLAYLIST, "playlist/search", "playlist/get", "playlist_id" },
};

/* Questions with a list for an answer, by enum catalog_ask. */
static const struct list {
	enum media_kind kind;
	int most;
	bool pages;
	const char *method;       /* NULL: the item's own */
	const char *name, *value; /* a parameter beside the id */
} lists[] = {
	[CATALOG_ALBUM_TRACKS] = { MEDIA_SONG, 500, true, NULL, NULL, NULL },
	[CATALOG_ARTIST_ALBUMS] = { MEDIA_ALBUM, 500, true, NULL, "extra", "albums" },
	[CATALOG_ARTIST_TOP] = { MEDIA_SONG, 50, false, "artist/page", NULL, NULL },
	[CATALOG_PLAYLIST_TRACKS] = { MEDIA_SONG, 500, true, NULL, "extra", "tracks" },
	[CATALOG_ARTIST_RELATED] = { MEDIA_ARTIST, 50, true, "artist/getSimilarArtists",
		NULL, NULL },
	[CATALOG_ARTIST_RADIO] = { MEDIA_SONG, 100, false, "radio/artist", NULL, NULL },
	[CATALOG_ARTIST_PLAYLISTS] = { MEDIA_PLAYLIST, 50, true, NULL, "extra",
		"playlists" },
	[CATALOG_SONG_RADIO] = { MEDIA_SONG, 100, false, "radio/track", NULL, NULL },
	[CATALOG_NEW_ALBUMS] = { MEDIA_ALBUM, 100, true, "album/getFeatured", "type",
		"new-releases-full" },
	[CATALOG_GENRES] = { MEDIA_GENRE, 100, true, "genre/list", NULL, NULL },
	[CATALOG_SONGS_OF_ISRC] = { .method = NULL },
};

/* What is heard most: of albums only. Of playlists, what Qobuz's editors chose. */
static const struct list albums_chart = { MEDIA_ALBUM, 100, true, "album/getFeatured",
	"type", "most-streamed" };
static const struct list playlists_chart = { MEDIA_PLAYLIST, 100, true,
	"playlist/getFeatured", "type", "editor-picks" };

static size_t
place_of(enum media_kind kind)
{
	for (size_t i = 0; i < COUNT_OF(kinds); i++) {
		if (kinds[i].kind == kind)
			return i;
	}
	return 0;
}

/* NULL when it is no list, or Qobuz has none. */
static const struct list *
list_of(const struct catalog_query *query)
{
	if (query->ask == CATALOG_CHART)
		return query->kind == MEDIA_ALBUM      ? &albums_chart
		       : query->kind == MEDIA_PLAYLIST ? &playlists_chart
						       : NULL;
	return lists[query->ask].kind != 0 ? &lists[query->ask] : NULL;
}

static void
add_text(struct qobuz_question *question, const char *name, const char *value)
{
	assert(question->count < QOBUZ_MAX_PARAMETERS);
	question->parameters[question->count++] = (struct qobuz_parameter){ name, value };
}

static void
add_number(struct qobuz_question *question, const char *name, int64_t number)
{
	char *value = question->values[question->count];

	snprintf(value, QOBUZ_VALUE, "%lld", (long long)number);
	add_text(question, name, value);
}

static void
add_page(struct qobuz_question *question, int64_t offset, int64_t limit)
{
	add_number(question, "limit", limit < QOBUZ_MAX_PAGE ? limit : QOBUZ_MAX_PAGE);
	add_number(question, "offset", offset);
}

/* A code is searched for like words: who asked looks whose it is. */
static bool
is_search(const struct catalog_query *query)
{
	return query->ask == CATALOG_SEARCH || query->ask == CATALOG_SONGS_OF_ISRC;
}

enum media_kind
qobuz_api_kind(const struct catalog_query *query)
{
	const struct list *list = list_of(query);

	if (is_search(query))
		return query->kind;
	return list != NULL ? list->kind : query->id.kind;
}

int64_t
qobuz_api_most(const struct catalog_query *query)
{
	const struct list *list = list_of(query);

	if (is_search(query))
		return query->limit;
	return list != NULL ? list->most : 1;
}

/* Whose list it is, unless it is everybody's. */
static void
add_owner(struct qobuz_question *question, const struct external_id *id)
{
	if (id->key[0] == '\0')
		return;
	add_text(question,
		id->kind == MEDIA_GENRE ? "genre_id" : kinds[place_of(id->kind)].id,
		id->key);
}

bool
qobuz_api_ask(struct qobuz_question *question, const struct catalog_query *query,
	int64_t offset, int64_t limit)
{
	const struct list *list = list_of(query);

	*question =
		(struct qobuz_question){ .method = kinds[place_of(query->id.kind)].get };
	if (is_search(query)) {
		question->method = kinds[place_of(query->kind)].search;
		add_text(question, "query", query->text);
		add_page(question, offset, limit);
		return query->kind != MEDIA_GENRE;
	}
	add_owner(question, &query->id);
	if (catalog_query_is_item(query))
		return query->id.kind != MEDIA_GENRE;
	if (list == NULL)
		return false;
	if (list->method != NULL)
		question->method = list->method;
	if (list->name != NULL)
		add_text(question, list->name, list->value);
	if (list->pages)
		add_page(question, offset, limit);
	return true;
}

void
qobuz_api_search_all(struct qobuz_question *question, const struct catalog_query *query,
	int64_t offset, int64_t limit)
{
	*question = (struct qobuz_question){ .method = "catalog/search" };
	add_text(question, "query", query->text);
	add_page(question, offset, limit);
}

void
qobuz_api_file(struct qobuz_question *question, const struct external_id *song, int format)
{
	*question = (struct qobuz_question){ .method = "track/getFileUrl" };
	add_number(question, "format_id", format);
	add_text(question, "intent", "stream");
	add_text(question, "track_id", song->key);
}

void
qobuz_api_lyrics(struct qobuz_question *question, const struct external_id *song)
{
	*question = (struct qobuz_question){ .method = "track/lyricsUrl" };
	add_text(question, "track_id", song->key);
}

void
qobuz_api_url(struct text *url, const char *base, const struct qobuz_question *question,
	const char *time, const char *signature)
{
	size_t size = strlen(base);

	while (size > 0 && base[size - 1] == '/')
		size--;
	text_add_bytes(url, base, size);
	text_addf(url, "/%s?", question->method);
	for (size_t i = 0; i < question->count; i++)
		query_add(url, question->parameters[i].name, question->parameters[i].value);
	if (signature != NULL) {
		query_add(url, "request_ts", time);
		query_add(url, "request_sig", signature);
	}
}
