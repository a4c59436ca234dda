#include "proxy/json_slices.h"

#include <stdio.h>

/* A place in a valid document. */
struct cursor {
	const char *at;
	const char *end;
};

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void
skip_blanks(struct cursor *cursor)
{
	while (cursor->at < cursor->end && is_blank(*cursor->at))
		cursor->at++;
}

static struct slice
skip_string(struct cursor *cursor)
{
	const char *from = ++cursor->at;

	while (cursor->at < cursor->end && *cursor->at != '"') {
		if (*cursor->at == '\\' && cursor->at + 1 < cursor->end)
			cursor->at++;
		cursor->at++;
	}
	struct slice text = { from, (size_t)(cursor->at - from) };
	if (cursor->at < cursor->end)
		cursor->at++;
	return text;
}

/* One value: counts brackets, no recursion. */
static struct slice
skip_value(struct cursor *cursor)
{
	int depth = 0;

	skip_blanks(cursor);
	const char *from = cursor->at;
	while (cursor->at < cursor->end) {
		char c = *cursor->at;
		if (c == '"') {
			skip_string(cursor);
			if (depth == 0)
				break;
			continue;
		}
		if (depth == 0 && (c == ',' || c == ']' || c == '}'))
			break;
		depth += (c == '[' || c == '{') - (c == ']' || c == '}');
		cursor->at++;
		if (depth == 0 && (c == ']' || c == '}'))
			break;
	}
	struct slice value = { from, (size_t)(cursor->at - from) };
	while (value.size > 0 && is_blank(value.data[value.size - 1]))
		value.size--;
	return value;
}

/* The value of the next top-level member from here on, its name compared without case;
 * `cursor` stands behind it. */
static bool
find_member(struct cursor *cursor, const char *name, struct slice *value)
{
	while (cursor->at < cursor->end) {
		skip_blanks(cursor);
		if (cursor->at == cursor->end || *cursor->at == '}')
			return false;
		if (*cursor->at != '"') {
			cursor->at++; /* the opening brace or a comma */
			continue;
		}
		struct slice key = skip_string(cursor);
		skip_blanks(cursor);
		if (cursor->at < cursor->end)
			cursor->at++; /* the colon */
		*value = skip_value(cursor);
		if (slice_equal_text_ci(key, name))
			return true;
	}
	return false;
}

static size_t
count_elements(struct cursor cursor)
{
	size_t count = 0;

	for (;;) {
		skip_blanks(&cursor);
		if (cursor.at >= cursor.end)
			return count;
		skip_value(&cursor);
		count++;
		skip_blanks(&cursor);
		if (cursor.at < cursor.end)
			cursor.at++; /* the comma */
	}
}

/* False when `array` is none. */
static bool
read_elements(struct json_slices *slices, struct arena *arena, struct slice document,
	struct slice array)
{
	if (array.size < 2 || array.data[0] != '[')
		return false;
	struct cursor inside = { array.data + 1, array.data + array.size - 1 };
	size_t most = count_elements(inside);
	slices->items = arena_alloc(arena, (most + 1) * sizeof *slices->items);
	while (slices->count < most) {
		slices->items[slices->count++] = skip_value(&inside);
		skip_blanks(&inside);
		if (inside.at < inside.end)
			inside.at++;
	}
	slices->before =
		(struct slice){ document.data, (size_t)(array.data + 1 - document.data) };
	const char *close = array.data + array.size - 1;
	slices->after =
		(struct slice){ close, (size_t)(document.data + document.size - close) };
	return true;
}

bool
json_slices_read(struct json_slices *slices, struct arena *arena, struct slice document,
	const char *member)
{
	struct cursor cursor = { document.data, document.data + document.size };
	struct slice array;

	*slices = (struct json_slices){ 0 };
	skip_blanks(&cursor);
	return cursor.at < cursor.end && *cursor.at == '{' &&
	       find_member(&cursor, member, &array) &&
	       read_elements(slices, arena, document, array);
}

bool
json_slices_read_array(
	struct json_slices *slices, struct arena *arena, struct slice document)
{
	struct cursor cursor = { document.data, document.data + document.size };

	*slices = (struct json_slices){ 0 };
	skip_blanks(&cursor);
	return read_elements(slices, arena, document, skip_value(&cursor));
}

void
json_slices_put(
	struct text *to, struct slice document, const char *member, struct slice value)
{
	struct cursor cursor = { document.data, document.data + document.size };
	const char *copied = document.data;
	struct slice old;

	while (find_member(&cursor, member, &old)) {
		text_add_bytes(to, copied, (size_t)(old.data - copied));
		text_add_slice(to, value);
		copied = old.data + old.size;
	}
	text_add_bytes(to, copied, (size_t)(document.data + document.size - copied));
}

void
json_slices_put_int(
	struct text *to, struct slice document, const char *member, long long number)
{
	char digits[32];

	snprintf(digits, sizeof digits, "%lld", number);
	json_slices_put(to, document, member, slice_of(digits));
}
