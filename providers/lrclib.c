#include "providers/lrclib.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/json.h"
#include "core/url.h"
#include "providers/title.h"

enum {
	DURATION_S = 3, /* two recordings of one song differ by less */
	MAX_CANDIDATES = 100,
};

static void
add_base(struct text *url, const char *base, const char *path)
{
	size_t size = strlen(base);

	while (size > 0 && base[size - 1] == '/')
		size--;
	text_add_slice(url, (struct slice){ base, size });
	text_add(url, path);
}

static const char *
artist_of(const struct media *song)
{
	return song->artist_count > 0 ? song->artists[0].name : "";
}

void
lrclib_get_url(struct text *url, const char *base, const struct media *song)
{
	char seconds[24];

	snprintf(seconds, sizeof seconds, "%lld",
		(long long)((song->duration_ms + 500) / 1000));
	add_base(url, base, "/api/get?");
	query_add(url, "track_name", song->title);
	query_add(url, "artist_name", artist_of(song));
	query_add(url, "album_name", song->album_title != NULL ? song->album_title : "");
	if (song->duration_ms > 0)
		query_add(url, "duration", seconds);
}

void
lrclib_search_url(struct text *url, const char *base, const struct media *song)
{
	add_base(url, base, "/api/search?");
	query_add(url, "track_name", song->title);
	query_add(url, "artist_name", artist_of(song));
}

/* ---- answers ---- */

static enum err
check_status(int status)
{
	if (status == 200)
		return ERR_NONE;
	if (status == 400 || status == 404)
		return ERR_NOT_FOUND;
	if (status == 429)
		return ERR_BUSY;
	return status >= 500 ? ERR_UNREACHABLE : ERR_PROTOCOL;
}

/* The words of one entry; those with times are better. */
static bool
read_entry(struct lyrics *lyrics, const json_t *entry)
{
	const char *synced = json_text(entry, "syncedLyrics");
	const char *plain = json_text(entry, "plainLyrics");

	if (json_bool(entry, "instrumental", false))
		return false;
	return (synced != NULL && lyrics_parse_lrc(lyrics, synced)) ||
	       (plain != NULL && lyrics_parse_lrc(lyrics, plain));
}

enum err
lrclib_parse_get(struct lyrics *lyrics, const struct lrclib_answer *answer)
{
	enum err err = check_status(answer->status);

	if (err != ERR_NONE)
		return err;
	json_t *entry = json_parse_new(answer->data, answer->size);
	if (!json_is_object(entry))
		err = ERR_PROTOCOL;
	else if (!read_entry(lyrics, entry))
		err = ERR_NOT_FOUND;
	json_decref(entry);
	return err;
}

static bool
same_words(
	void (*normalize)(struct text *to, const char *title), const char *a, const char *b)
{
	struct text one, other;

	if (a == NULL || b == NULL)
		return false;
	text_init(&one);
	text_init(&other);
	normalize(&one, a);
	normalize(&other, b);
	bool same = strcmp(text_get(&one), text_get(&other)) == 0;
	text_fini(&one);
	text_fini(&other);
	return same;
}

static bool
is_the_song(const json_t *entry, const struct media *song)
{
	double seconds = json_double(entry, "duration", -1);
	bool by_artist = false;

	if (!same_words(title_normalize, json_text(entry, "trackName"), song->title))
		return false;
	for (size_t i = 0; i < song->artist_count && !by_artist; i++)
		by_artist = same_words(name_normalize, json_text(entry, "artistName"),
			song->artists[i].name);
	if (!by_artist)
		return false;
	return song->duration_ms <= 0 || seconds < 0 ||
	       fabs(seconds - (double)song->duration_ms / 1000) <= DURATION_S;
}

enum err
lrclib_parse_search(
	struct lyrics *lyrics, const struct lrclib_answer *answer, const struct media *song)
{
	enum err err = check_status(answer->status);
	const json_t *entry;
	bool found = false;
	size_t i;

	if (err != ERR_NONE)
		return err;
	json_t *list = json_parse_new(answer->data, answer->size);
	if (!json_is_array(list))
		err = ERR_PROTOCOL;
	json_array_foreach (list, i, entry) {
		struct lyrics candidate;
		if (i == MAX_CANDIDATES || (found && lyrics->synced))
			break;
		if (!is_the_song(entry, song) || !read_entry(&candidate, entry))
			continue;
		if (found && !candidate.synced) {
			lyrics_fini(&candidate);
			continue;
		}
		if (found)
			lyrics_fini(lyrics);
		*lyrics = candidate;
		found = true;
	}
	json_decref(list);
	if (err == ERR_NONE && !found)
		err = ERR_NOT_FOUND;
	return err;
}
