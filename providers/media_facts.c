#include "providers/media_facts.h"

#include <stdio.h>
#include <string.h>

#include "core/json.h"

enum {
	TICKS_PER_MS = 10000,
	PREVIEW_MS = 30 * 1000, /* what every provider's samples last */
	CD_BITS = 16,
	STUDIO_RATE = 96000,
};

#define PREVIEW_SUFFIX " (preview)"

/* ---- the form of a song ---- */

/* The best that there is of it, as the catalogue says. */
static enum track_quality
best_there_is(const struct media *media)
{
	if (media->bit_depth <= CD_BITS)
		return TRACK_FLAC;
	return media->sample_rate > STUDIO_RATE ? TRACK_FLAC_192 : TRACK_FLAC_96;
}

static struct track_format
likely_form(const struct media *media, track_quality_set offered)
{
	enum track_quality best = TRACK_PREVIEW, most = best_there_is(media);

	/* Where nothing can be heard the words are still those of the song. */
	if (offered == 0)
		best = most;
	for (unsigned i = TRACK_PREVIEW; i < TRACK_QUALITIES; i++) {
		if ((offered & TRACK_BIT(i)) != 0)
			best = (enum track_quality)i;
	}
	if (best > most)
		best = most;
	struct track_format form = track_format_of(best);
	if (best > TRACK_FLAC && media->sample_rate > 0)
		form.sample_rate = media->sample_rate;
	return form;
}

struct track_format
media_facts_form(const struct media *media, const struct item_context *context)
{
	track_quality_set offered = context->offered[media->id.provider];
	struct track_format form = likely_form(media, offered);
	size_t count = context->forms == NULL ? 0 : context->forms->count;

	for (size_t i = 0; i < count; i++) {
		if ((offered & TRACK_BIT(context->forms->of[i].quality)) != 0) {
			form = context->forms->of[i];
			break;
		}
	}
	if (form.duration_ms == 0)
		form.duration_ms = media->duration_ms;
	if (form.quality == TRACK_PREVIEW &&
		(form.duration_ms == 0 || form.duration_ms > PREVIEW_MS))
		form.duration_ms = PREVIEW_MS;
	if (form.bitrate == 0 && form.size > 0 && form.duration_ms > 0)
		form.bitrate = form.size * 8 * 1000 / form.duration_ms;
	return form;
}

bool
media_facts_is_preview(const struct media *media, const struct item_context *context)
{
	return media_facts_form(media, context).quality == TRACK_PREVIEW;
}

/* ---- what is said of it ---- */

void
media_facts_put_name(
	json_t *object, const struct media *media, const struct item_context *context)
{
	bool preview = media->kind == MEDIA_SONG && media_facts_is_preview(media, context);
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
	if (media->kind == MEDIA_SONG)
		return media_facts_form(media, context).duration_ms * TICKS_PER_MS;
	if (media_facts_is_preview(media, context))
		return media->track_count * PREVIEW_MS * TICKS_PER_MS;
	return media->duration_ms * TICKS_PER_MS;
}

void
media_facts_put_path(json_t *object, const struct media *media,
	const struct item_context *context, const char *hex)
{
	const char *provider = provider_name(media->id.provider);
	const char *key = media->id.key;
	char path[120];

	if (media->kind == MEDIA_PLAYLIST)
		/* Jellify takes only those playlists whose path has "data" in it. */
		snprintf(path, sizeof path, "/data/playlists/%s", hex);
	else if (media->kind == MEDIA_SONG)
		snprintf(path, sizeof path, "/data/music/%s/%s.%s", provider, key,
			track_quality_container(media_facts_form(media, context).quality));
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
