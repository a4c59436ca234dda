#include "proxy/playlist_body.h"

#include "core/json.h"
#include "proxy/json_slices.h"

const char *const *
playlist_body_ids(struct arena *arena, const json_t *document, size_t *count)
{
	const json_t *ids = json_member_ci(document, "Ids");

	*count = 0;
	if (json_is_string(ids)) {
		const char **texts =
			arena_alloc(arena, (json_string_length(ids) + 2) * sizeof *texts);
		struct slice rest = slice_of(json_string_value(ids)), part;
		while (slice_next(&rest, ',', &part)) {
			if (slice_trim(part).size > 0)
				texts[(*count)++] =
					arena_slice_dup(arena, slice_trim(part));
		}
		return texts;
	}
	if (!json_is_array(ids))
		return NULL;
	const char **texts = arena_alloc(arena, (json_array_size(ids) + 1) * sizeof *texts);
	for (size_t i = 0; i < json_array_size(ids); i++) {
		const char *text = json_string_value(json_array_get(ids, i));
		if (text != NULL)
			texts[(*count)++] = arena_strdup(arena, text);
	}
	return texts;
}

struct slice
playlist_body_with(struct arena *arena, struct slice body, const char *ids)
{
	struct slice rest = slice_of(ids), part;
	json_t *array = json_array();
	struct text changed;
	size_t size;

	while (slice_next(&rest, ',', &part))
		json_array_append_new(array, json_stringn(part.data, part.size));
	char *json = json_dump_new(array, &size);
	json_decref(array);
	text_init(&changed);
	json_slices_put(&changed, body, "Ids", (struct slice){ json, size });
	xfree(json);
	struct slice copy = { .size = changed.size };
	copy.data =
		arena_slice_dup(arena, (struct slice){ text_get(&changed), changed.size });
	text_fini(&changed);
	return copy;
}
