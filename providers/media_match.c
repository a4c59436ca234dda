#include "providers/media_match.h"

#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "providers/title.h"

enum {
	DURATION_SLACK_MS = 3000,
	TICKS_PER_MS = 10000,
};

static char *
normalized_new(void (*normalize)(struct text *to, const char *text), const char *text)
{
	struct text to;

	if (text == NULL || text[0] == '\0')
		return NULL;
	text_init(&to);
	normalize(&to, text);
	return text_take(&to);
}

static void
add_name(struct media_match *match, const char *name)
{
	char *normalized = normalized_new(name_normalize, name);

	if (normalized != NULL && match->name_count < MATCH_NAMES)
		match->names[match->name_count++] = normalized;
	else
		xfree(normalized);
}

void
media_match_fini(struct media_match *match)
{
	for (size_t i = 0; i < COUNT_OF(match->provider_key); i++)
		xfree(match->provider_key[i]);
	xfree(match->isrc);
	xfree(match->upc);
	xfree(match->title);
	xfree(match->album);
	for (size_t i = 0; i < match->name_count; i++)
		xfree(match->names[i]);
}

static enum media_kind
kind_of_item(const json_t *item)
{
	const char *type = json_text_or(item, "Type", "");

	if (strcmp(type, "Audio") == 0)
		return MEDIA_SONG;
	if (strcmp(type, "MusicAlbum") == 0)
		return MEDIA_ALBUM;
	if (strcmp(type, "MusicArtist") == 0)
		return MEDIA_ARTIST;
	return 0;
}

static const char *
provider_id_of(const json_t *item, const char *name)
{
	return json_string_value(json_member_ci(json_member(item, "ProviderIds"), name));
}

void
media_match_of_item(struct media_match *match, const json_t *item)
{
	const json_t *name;
	size_t i;

	*match = (struct media_match){ .kind = kind_of_item(item) };
	if (match->kind == 0)
		return;
	for (i = PROVIDER_DEEZER; i <= PROVIDER_QOBUZ; i++)
		match->provider_key[i] = xstrdup_or_null(
			provider_id_of(item, provider_title((enum provider_id)i)));
	match->isrc = xstrdup_or_null(provider_id_of(item, "ISRC"));
	match->upc = xstrdup_or_null(provider_id_of(item, "UPC"));
	match->duration_ms = json_int(item, "RunTimeTicks", 0) / TICKS_PER_MS;
	match->title = normalized_new(
		match->kind == MEDIA_ARTIST ? name_normalize : title_normalize,
		json_text(item, "Name"));
	match->album = normalized_new(title_normalize, json_text(item, "Album"));
	add_name(match, json_text(item, "AlbumArtist"));
	json_array_foreach (json_member(item, "Artists"), i, name)
		add_name(match, json_string_value(name));
}

void
media_match_of_media(struct media_match *match, const struct media *media)
{
	*match = (struct media_match){ .kind = media->kind };
	if (media->id.provider <= PROVIDER_QOBUZ)
		match->provider_key[media->id.provider] = xstrdup(media->id.key);
	match->isrc = xstrdup_or_null(media->isrc);
	match->upc = xstrdup_or_null(media->upc);
	match->duration_ms = media->duration_ms;
	match->title = normalized_new(
		media->kind == MEDIA_ARTIST ? name_normalize : title_normalize,
		media->title);
	match->album = normalized_new(title_normalize, media->album_title);
	for (size_t i = 0; i < media->artist_count; i++)
		add_name(match, media->artists[i].name);
}

static bool
same_text(const char *a, const char *b)
{
	return a != NULL && b != NULL && strcmp(a, b) == 0;
}

bool
media_match_has_name(const struct media_match *match, const char *name)
{
	for (size_t i = 0; i < match->name_count; i++) {
		if (same_text(match->names[i], name))
			return true;
	}
	return false;
}

static bool
shares_name(const struct media_match *a, const struct media_match *b)
{
	for (size_t i = 0; i < a->name_count; i++) {
		if (media_match_has_name(b, a->names[i]))
			return true;
	}
	return false;
}

static bool
same_duration(const struct media_match *a, const struct media_match *b)
{
	return a->duration_ms > 0 && b->duration_ms > 0 &&
	       llabs(a->duration_ms - b->duration_ms) <= DURATION_SLACK_MS;
}

static bool
same_code(const char *a, const char *b)
{
	return a != NULL && b != NULL && a[0] != '\0' && text_equal_ci(a, b);
}

/* "0602445790562" and "602445790562" are one: the zeros fill a longer code. */
static bool
same_upc(const char *a, const char *b)
{
	return a != NULL && b != NULL && same_code(a + strspn(a, "0"), b + strspn(b, "0"));
}

static bool
same_provider_key(const struct media_match *a, const struct media_match *b)
{
	for (size_t i = 0; i < COUNT_OF(a->provider_key); i++) {
		if (same_text(a->provider_key[i], b->provider_key[i]))
			return true;
	}
	return false;
}

bool
media_match_same(const struct media_match *a, const struct media_match *b)
{
	if (a->kind == 0 || a->kind != b->kind)
		return false;
	if (same_provider_key(a, b) || same_code(a->isrc, b->isrc) ||
		same_upc(a->upc, b->upc))
		return true;
	if (a->kind == MEDIA_SONG && !same_duration(a, b))
		return false;
	return a->kind != MEDIA_ARTIST && same_text(a->title, b->title) &&
	       shares_name(a, b);
}
