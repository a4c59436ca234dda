/* Items that Jellyfin lists, and the same bytes as what two providers found: no merge shows
 * anything twice or what nobody found. The first byte says what each of them plays. */
#include "providers/provider_merge.h"

#include <stdint.h>
#include <string.h>

#include "core/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MOST = 64 };

static const char *
text_of(const json_t *item, const char *name)
{
	const char *text = json_text(item, name);

	return text != NULL && text[0] != '\0' ? text : NULL;
}

static struct media_list *
found_by(enum provider_id provider, const json_t *items, size_t from)
{
	struct media_list *list = media_list_new(1);
	struct external_id nobody = { .provider = provider, .kind = MEDIA_ARTIST };

	for (size_t i = from; i < json_array_size(items) && list->count < MOST; i += 2) {
		const json_t *item = json_array_get(items, i);
		const char *artist = text_of(item, "AlbumArtist");
		struct media *media = media_list_add(list);
		media->kind =
			(enum media_kind)(1 + (uint64_t)json_int(item, "Kind", 0) % 4);
		media->id =
			(struct external_id){ .provider = provider, .kind = media->kind };
		media->id.key[0] = (char)('0' + i % 10);
		media->title = xstrdup(json_text_or(item, "Name", "x"));
		media->isrc = xstrdup_or_null(text_of(item, "ISRC"));
		media->upc = xstrdup_or_null(text_of(item, "UPC"));
		media->album_title = xstrdup_or_null(text_of(item, "Album"));
		media->duration_ms = json_int(item, "RunTimeTicks", 0) / 10000;
		media->readable = json_bool(item, "Readable", true);
		if (artist != NULL)
			media_add_artist(media, &nobody, artist);
		media->main_artist_count = media->artist_count;
	}
	return list;
}

static void
check(const struct media *const *kept, size_t count, size_t found)
{
	if (count > found)
		__builtin_trap();
	for (size_t i = 0; i < count; i++) {
		if (!kept[i]->readable)
			__builtin_trap();
		for (size_t j = 0; j < i; j++) {
			if (kept[i] == kept[j] ||
				external_id_equal(&kept[i]->id, &kept[j]->id))
				__builtin_trap();
		}
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct media *kept[2 * MOST];

	if (size == 0)
		return 0;
	json_t *items = json_parse_new((const char *)data + 1, size - 1);
	struct merge_locals *locals = merge_locals_new(items);
	struct merge_locals *nobodys = merge_locals_new(NULL);
	struct media_list *a = found_by(PROVIDER_DEEZER, items, 0);
	struct media_list *b = found_by(PROVIDER_QOBUZ, items, 1);
	const struct merge_source sources[] = { { a, a, data[0] & 0x0f },
		{ b, b, data[0] >> 4 } };
	size_t found = a->count + b->count;

	check(kept, provider_merge(kept, sources, 2, nobodys), found);
	check(kept, provider_merge(kept, sources, 2, locals), found);
	media_list_unref(a);
	media_list_unref(b);
	merge_locals_free(locals);
	merge_locals_free(nobodys);
	json_decref(items);
	return 0;
}
