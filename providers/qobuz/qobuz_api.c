#include "providers/qobuz/qobuz_api.h"

#include <stdio.h>

#include "core/url.h"

/* Methods by kind: songs, albums, artists, playlists. */
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

static size_t
place_of(enum media_kind kind)
{
	for (size_t i = 0; i < COUNT_OF(kinds); i++) {
		if (kinds[i].kind == kind)
			return i;
	}
	return 0;
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

void
qobuz_api_ask(struct qobuz_question *question, const struct catalog_query *query,
	int64_t offset, int64_t limit)
{
	size_t place = place_of(query->id.kind);

	*question = (struct qobuz_question){ .method = kinds[place].get };
	if (query->ask == CATALOG_SEARCH) {
		question->method = kinds[place_of(query->kind)].search;
		add_text(question, "query", query->text);
		add_page(question, offset, limit);
		return;
	}
	if (query->ask == CATALOG_ARTIST_TOP)
		question->method = "artist/page";
	add_text(question, kinds[place].id, query->id.key);
	if (query->ask == CATALOG_ARTIST_ALBUMS)
		add_text(question, "extra", "albums");
	else if (query->ask == CATALOG_PLAYLIST_TRACKS)
		add_text(question, "extra", "tracks");
	if (query->ask == CATALOG_ALBUM_TRACKS || query->ask == CATALOG_ARTIST_ALBUMS ||
		query->ask == CATALOG_PLAYLIST_TRACKS)
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
