#include "providers/item_case.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "core/mem.h"

/* Items nest some six levels; the bound keeps a foreign document from choosing our stack.
 */
enum { MAX_DEPTH = 32 };

static bool
is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

/* As System.Text.Json: a leading run of capitals becomes small, but for the last one when a
 * small letter follows. */
static char *
camel_new(const char *key)
{
	char *name = xstrdup(key);

	for (size_t i = 0; is_upper(name[i]); i++) {
		if (i > 0 && name[i + 1] != '\0' && !is_upper(name[i + 1]))
			break;
		name[i] = (char)(name[i] + ('a' - 'A'));
	}
	return name;
}

static bool
is_dictionary(const char *key)
{
	static const char *const dictionaries[] = { "ImageTags", "ProviderIds",
		"ImageBlurHashes", "RequiredHttpHeaders" };

	for (size_t i = 0; i < COUNT_OF(dictionaries); i++) {
		if (strcmp(key, dictionaries[i]) == 0)
			return true;
	}
	return false;
}

static json_t *
renamed_new(const json_t *value, int depth)
{
	json_t *copy, *member;
	const char *key;
	size_t i;

	if (depth == MAX_DEPTH || !(json_is_object(value) || json_is_array(value)))
		return json_deep_copy(value);
	if (json_is_array(value)) {
		copy = json_array();
		json_array_foreach (value, i, member)
			json_array_append_new(copy, renamed_new(member, depth + 1));
		return copy;
	}
	copy = json_object();
	json_object_foreach ((json_t *)(uintptr_t)value, key, member) {
		char *name = camel_new(key);
		json_object_set_new(copy, name,
			is_dictionary(key) ? json_deep_copy(member)
					   : renamed_new(member, depth + 1));
		xfree(name);
	}
	return copy;
}

json_t *
item_camel_case_new(const json_t *document)
{
	return renamed_new(document, 0);
}
