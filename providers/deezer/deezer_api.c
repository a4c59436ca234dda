#include "providers/deezer/deezer_api.h"

#include <string.h>

#include "core/url.h"

static const char *
word_of(enum media_kind kind)
{
	return kind == MEDIA_SONG ? "track" : media_kind_name(kind);
}

static void
add_base(struct text *url, const char *base)
{
	size_t size = strlen(base);

	while (size > 0 && base[size - 1] == '/')
		size--;
	text_add_bytes(url, base, size);
}

static void
add_page(struct text *url, int64_t index, int64_t limit)
{
	if (limit > DEEZER_MAX_PAGE)
		limit = DEEZER_MAX_PAGE;
	text_addf(url, "index=%lld&limit=%lld", (long long)index, (long long)limit);
}

void
deezer_api_search(struct text *url, const char *base, enum media_kind kind,
	const char *words, int64_t index, int64_t limit)
{
	add_base(url, base);
	text_addf(url, "/search/%s?q=", word_of(kind));
	url_encode(url, slice_of(words));
	text_add_char(url, '&');
	add_page(url, index, limit);
}

void
deezer_api_item(struct text *url, const char *base, const struct external_id *id)
{
	add_base(url, base);
	text_addf(url, "/%s/", word_of(id->kind));
	url_encode(url, slice_of(id->key));
}

void
deezer_api_isrc(struct text *url, const char *base, const char *isrc)
{
	add_base(url, base);
	text_add(url, "/track/isrc:");
	url_encode(url, slice_of(isrc));
}

void
deezer_api_list(struct text *url, const char *base, const struct external_id *id,
	const char *list, int64_t index, int64_t limit)
{
	deezer_api_item(url, base, id);
	text_addf(url, "/%s?", list);
	add_page(url, index, limit);
}

static void
add_of_genre(struct text *url, const char *base, const char *what, const char *genre)
{
	add_base(url, base);
	text_addf(url, "/%s/", what);
	url_encode(url, slice_of(genre[0] != '\0' ? genre : "0"));
}

void
deezer_api_chart(struct text *url, const char *base, const char *genre,
	enum media_kind kind, int64_t index, int64_t limit)
{
	add_of_genre(url, base, "chart", genre);
	text_addf(url, "/%ss?", word_of(kind));
	add_page(url, index, limit);
}

void
deezer_api_releases(
	struct text *url, const char *base, const char *genre, int64_t index, int64_t limit)
{
	add_of_genre(url, base, "editorial", genre);
	text_add(url, "/releases?");
	add_page(url, index, limit);
}

void
deezer_api_genres(struct text *url, const char *base)
{
	add_base(url, base);
	text_add(url, "/genre");
}
