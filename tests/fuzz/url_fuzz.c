/* Percent coding, queries and base URLs of foreign bytes: decoding never grows, what is
 * encoded decodes to itself, bounds hold. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "core/url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_query(struct arena *arena, struct slice text)
{
	struct query query = query_parse(arena, text);
	size_t count;

	assert(query.count <= 512);
	for (size_t i = 0; i < query.count; i++) {
		const char **list = query_list(arena, &query, query.items[i].name, &count);
		assert(count < 2048 && list[count] == NULL);
		assert(query_get(&query, query.items[i].name) != NULL);
		if (i == 8)
			break;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = { (const char *)data, size };
	struct arena *arena = arena_new();
	struct text encoded = { 0 };
	struct base_url url;
	char why[128] = "";

	const char *decoded = url_decode(arena, text, true);
	assert(strlen(decoded) <= size);
	url_encode(&encoded, slice_of(decoded));
	struct slice coded = { encoded.data, encoded.size };
	assert(strcmp(url_decode(arena, coded, true), decoded) == 0);
	check_query(arena, text);
	const char *terminated = arena_slice_dup(arena, text);
	if (base_url_parse(&url, terminated, why, sizeof why)) {
		assert(url.port != 0 && url.host[0] != '\0');
		assert(url.base[0] == '\0' || url.base[0] == '/');
		assert(strpbrk(url.authority, " \r\n@/?#") == NULL);
	} else {
		assert(why[0] != '\0');
	}
	text_fini(&encoded);
	arena_free(arena);
	return 0;
}
