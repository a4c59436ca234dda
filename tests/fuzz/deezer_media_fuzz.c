/* Foreign answers: the first byte chooses what is asked for and the status. Whatever is
 * accepted keeps media's promises. */
#include "providers/deezer/deezer_media.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(const struct media *media)
{
	char hex[EXTERNAL_ID_HEX];

	if (media->title == NULL || media->title[0] == '\0' ||
		!external_id_format(hex, &media->id) || media->duration_ms < 0 ||
		media->main_artist_count > media->artist_count ||
		(media->image_key == NULL) != (media->image_base == NULL) ||
		(media->album_id.key[0] != '\0' &&
			!external_id_format(hex, &media->album_id)))
		__builtin_trap();
	for (size_t i = 0; i < media->artist_count; i++) {
		if (media->artists[i].name == NULL)
			__builtin_trap();
	}
}

static void
check_list(struct media_list *list)
{
	struct deezer_context context = { .kind = MEDIA_SONG };

	if (list == NULL)
		return;
	if (list->total < list->offset + (int64_t)list->count ||
		list->received < (int64_t)list->count)
		__builtin_trap();
	for (size_t i = 0; i < list->count; i++) {
		check(&list->items[i]);
		if (list->items[i].kind == MEDIA_ALBUM)
			context.album = &list->items[i];
	}
	if (context.album != NULL) {
		static const char track[] = "{\"data\":[{\"id\":1}]}";
		struct deezer_answer answer = { 200, track, sizeof track - 1 };
		struct media_list *songs;
		char why[80];
		if (deezer_media_parse_list(&songs, &answer, &context, why, sizeof why) !=
			ERR_NONE)
			__builtin_trap();
		check(&songs->items[0]);
		media_list_unref(songs);
	}
	media_list_unref(list);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct media_list *list;
	char why[80];

	if (size == 0)
		return 0;
	struct deezer_context context = { .kind = (enum media_kind)(data[0] % 5 + 1) };
	struct deezer_answer answer = { data[0] < 200 ? 200 : 404, data + 1, size - 1 };
	if ((deezer_media_parse_list(&list, &answer, &context, why, sizeof why) ==
		    ERR_NONE) != (list != NULL))
		__builtin_trap();
	check_list(list);
	if ((deezer_media_parse_item(&list, &answer, &context, why, sizeof why) ==
		    ERR_NONE) != (list != NULL))
		__builtin_trap();
	check_list(list);
	return 0;
}
