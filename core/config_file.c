#include "core/config_file.h"

#include <stdio.h>
#include <string.h>

static bool
is_name(struct slice name)
{
	for (size_t i = 0; i < name.size; i++) {
		char c = name.data[i];
		bool digit = c >= '0' && c <= '9';
		if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
			    (digit && i > 0)))
			return false;
	}
	return name.size > 0;
}

static struct slice
cut_comment(struct slice value)
{
	for (size_t i = 0; i < value.size; i++) {
		bool after_blank =
			i == 0 || value.data[i - 1] == ' ' || value.data[i - 1] == '\t';
		if (value.data[i] == '#' && after_blank)
			return slice_trim((struct slice){ value.data, i });
	}
	return value;
}

/* Takes the quotes off; NULL, or what is wrong. */
static const char *
read_value(struct slice *value)
{
	char quote = value->size > 0 ? value->data[0] : '\0';

	if (quote != '"' && quote != '\'') {
		*value = cut_comment(*value);
		return NULL;
	}
	struct slice rest = { value->data + 1, value->size - 1 };
	const char *end = rest.size > 0 ? memchr(rest.data, quote, rest.size) : NULL;
	if (end == NULL)
		return "its value lacks the closing quote";
	value->data = rest.data;
	value->size = (size_t)(end - rest.data);
	rest.size -= value->size + 1;
	rest.data = end + 1;
	rest = slice_trim(rest);
	if (rest.size > 0 && rest.data[0] != '#')
		return "something follows the closing quote";
	return NULL;
}

static const char *
read_line(struct config_file *file, struct slice line)
{
	const char *equals = memchr(line.data, '=', line.size);

	if (memchr(line.data, '\0', line.size) != NULL)
		return "it contains a NUL";
	if (equals == NULL)
		return "it is not of the form NAME=value";
	size_t name_size = (size_t)(equals - line.data);
	file->name = slice_trim((struct slice){ line.data, name_size });
	file->value = slice_trim((struct slice){ equals + 1, line.size - name_size - 1 });
	if (!is_name(file->name))
		return "what stands before '=' is not a name";
	return read_value(&file->value);
}

enum config_file_step
config_file_next(struct config_file *file, char *why, size_t why_size)
{
	struct slice line;

	while (slice_next(&file->rest, '\n', &line)) {
		file->line++;
		if (line.size > 0 && line.data[line.size - 1] == '\r')
			line.size--;
		line = slice_trim(line);
		if (line.size == 0 || line.data[0] == '#')
			continue;
		const char *wrong = read_line(file, line);
		if (wrong == NULL)
			return CONFIG_FILE_SETTING;
		snprintf(why, why_size, "%s", wrong);
		return CONFIG_FILE_BROKEN;
	}
	return CONFIG_FILE_END;
}
