#include "providers/media_facts.h"

#include <stdio.h>
#include <string.h>

#include "core/json.h"

enum { TICKS_PER_MS = 10000 };

#define PREVIEW_SUFFIX " (preview)"

void
media_facts_put_name(
	json_t *object, const struct media *media, const struct item_context *context)
{
	bool preview = media->kind == MEDIA_SONG && context->preview_ms > 0;
	struct text text;

	text_init(&text);
	text_add(&text, media->title);
	if (preview)
		text_add(&text, PREVIEW_SUFFIX);
	json_put_text(object, "Name", text.data);
	text_fini(&text);
}

int64_t
media_facts_ticks(const struct media *media, const struct item_context *context)
{
	int64_t preview_ms = context->preview_ms;

	if (preview_ms == 0)
		return media->duration_ms * TICKS_PER_MS;
	if (media->kind != MEDIA_SONG)
		return media->track_count * preview_ms * TICKS_PER_MS;
	bool shorter = media->duration_ms > 0 && media->duration_ms < preview_ms;
	return (shorter ? media->duration_ms : preview_ms) * TICKS_PER_MS;
}

void
media_facts_put_path(json_t *object, const struct media *media, const char *hex)
{
	const char *provider = provider_name(media->id.provider);
	const char *key = media->id.key;
	char path[120];

	if (media->kind == MEDIA_PLAYLIST)
		/* Jellify takes only those playlists whose path has "data" in it. */
		snprintf(path, sizeof path, "/data/playlists/%s", hex);
	else if (media->kind == MEDIA_SONG)
		snprintf(path, sizeof path, "/data/music/%s/%s.mp3", provider, key);
	else
		snprintf(path, sizeof path, "/data/music/%s/%s/%s", provider,
			media_kind_name(media->kind), key);
	json_put_text(object, "Path", path);
}

void
media_facts_put_derived_id(
	json_t *object, const char *name, const char *what, const char *of)
{
	char hex[EXTERNAL_ID_HEX];

	external_id_of_name(hex, what, of);
	json_put_text(object, name, hex);
}

void
media_image_tag(char tag[MEDIA_IMAGE_TAG_SIZE], const char *image_key)
{
	if (strlen(image_key) < MEDIA_IMAGE_TAG_SIZE)
		copy_text(tag, MEDIA_IMAGE_TAG_SIZE, image_key);
	else
		external_id_of_name(tag, "image", image_key);
}
