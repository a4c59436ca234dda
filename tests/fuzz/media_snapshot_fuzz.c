/* Snapshots of media from our database, perhaps of another version: what was read once can
 * be written, and reads the same again. */
#include "providers/media_snapshot.h"

#include <stdint.h>

#include "providers/media_item.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct item_context context = { .server_id = "s" };
	struct media_list *list = media_list_new(2);
	struct text first = { 0 }, second = { 0 };
	const struct media *media =
		media_snapshot_read(list, (struct slice){ (const char *)data, size });

	if (media != NULL) {
		json_decref(media_item_new(media, &context));
		if (media_snapshot_write(&first, media)) {
			media = media_snapshot_read(
				list, (struct slice){ first.data, first.size });
			if (media == NULL || !media_snapshot_write(&second, media) ||
				strcmp(text_get(&first), text_get(&second)) != 0)
				__builtin_trap();
		}
	}
	text_fini(&first);
	text_fini(&second);
	media_list_unref(list);
	return 0;
}
