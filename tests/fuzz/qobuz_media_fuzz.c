/* Foreign answers: the first byte chooses what is asked for, the second the offset.
 * Whatever is accepted keeps media's promises. */
#include "providers/qobuz/qobuz_media.h"

#include <string.h>

#include "core/json.h"
#include "providers/qobuz/qobuz_error.h"
#include "providers/qobuz/qobuz_image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(const struct media *media)
{
	char hex[EXTERNAL_ID_HEX];
	struct text url;

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
	if (media->image_base != NULL) {
		text_init(&url);
		qobuz_image_url(&url, media->image_base, 300);
		if (url.size == 0)
			__builtin_trap();
		text_fini(&url);
	}
}

static void
check_list(struct media_list *list)
{
	if (list == NULL)
		return;
	if (list->total < list->offset + (int64_t)list->count ||
		list->received < (int64_t)list->count)
		__builtin_trap();
	for (size_t i = 0; i < list->count; i++)
		check(&list->items[i]);
	media_list_unref(list);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct media_list *list = NULL;
	char why[80];

	if (size < 2)
		return 0;
	struct qobuz_context context = { .kind = (enum media_kind)(data[0] % 5 + 1),
		.offset = data[1] % 4 };
	json_t *root = json_parse_new(data + 2, size - 2);
	int status = data[0] < 200 ? 200 : 401;
	if (qobuz_error_check(root, status, why, sizeof why) == QOBUZ_WELL) {
		enum err err =
			qobuz_media_read_list(&list, root, &context, why, sizeof why);
		if ((err == ERR_NONE) != (list != NULL))
			__builtin_trap();
		check_list(list);
		err = qobuz_media_read_item(&list, root, &context, why, sizeof why);
		if ((err == ERR_NONE) != (list != NULL))
			__builtin_trap();
		check_list(list);
	}
	json_decref(root);
	return 0;
}
