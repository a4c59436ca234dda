/* Bodies of requests about playlists: with other ids in it, one is JSON still, and has
 * those. */
#include "proxy/playlist_body.h"

#include <stdint.h>

#include "core/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice body = { (const char *)data, size };
	json_t *document = json_parse_new(data, size);
	struct arena *arena = arena_new();
	size_t count;

	if (playlist_body_ids(arena, document, &count) != NULL) {
		struct slice changed = playlist_body_with(arena, body, "one,two");
		json_t *again = json_parse_new(changed.data, changed.size);
		if (again == NULL || json_object_size(again) != json_object_size(document))
			__builtin_trap();
		json_decref(again);
	}
	json_decref(document);
	arena_free(arena);
	return 0;
}
