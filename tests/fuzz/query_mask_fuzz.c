/* Query strings of strangers: whatever Jellyfin would read as a token is masked, and what
 * is written is the same parameters. */
#include "core/url.h"
#include "proxy/query_mask.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const secrets[] = { "api_key", "ApiKey", "Token",
		"PlaySessionId" };
	char *text = xstrndup((const char *)data, size);
	struct arena *arena = arena_new();
	struct text masked;

	text_init(&masked);
	query_mask_add(&masked, slice_of(text));
	struct query before = query_parse(arena, slice_of(text));
	struct query after = query_parse(arena, slice_of(text_get(&masked)));
	if (after.count != before.count || masked.size > 4 * strlen(text) + 4)
		__builtin_trap();
	for (size_t i = 0; i < after.count; i++) {
		for (size_t j = 0; j < COUNT_OF(secrets); j++) {
			const struct query_item *item = &after.items[i];
			if (text_equal_ci(item->name, secrets[j]) &&
				strcmp(item->value, "***") != 0)
				__builtin_trap();
		}
	}
	text_fini(&masked);
	arena_free(arena);
	xfree(text);
	return 0;
}
