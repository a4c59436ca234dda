#include "core/json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"

json_t *
json_parse_new(const void *data, size_t size)
{
	return json_loadb(data, size, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
}

json_t *
json_member(const json_t *object, const char *name)
{
	return json_object_get(object, name);
}

json_t *
json_member_ci(const json_t *object, const char *name)
{
	const char *key;
	json_t *value = json_object_get(object, name);

	if (value != NULL)
		return value;
	json_object_foreach ((json_t *)(uintptr_t)object, key, value) {
		if (text_equal_ci(key, name))
			return value;
	}
	return NULL;
}

const char *
json_text(const json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

const char *
json_text_or(const json_t *object, const char *name, const char *otherwise)
{
	const char *text = json_text(object, name);
	return text != NULL ? text : otherwise;
}

int64_t
json_value_int(const json_t *value, int64_t otherwise)
{
	int64_t number;

	if (json_is_integer(value))
		return json_integer_value(value);
	if (json_is_real(value)) {
		double real = json_real_value(value);
		if (real >= -9007199254740992.0 && real <= 9007199254740992.0 &&
			real == trunc(real))
			return (int64_t)real;
	}
	if (json_is_string(value) && text_to_i64(json_string_value(value), &number))
		return number;
	return otherwise;
}

int64_t
json_int(const json_t *object, const char *name, int64_t otherwise)
{
	return json_value_int(json_object_get(object, name), otherwise);
}

double
json_double(const json_t *object, const char *name, double otherwise)
{
	const json_t *value = json_object_get(object, name);

	if (json_is_number(value))
		return json_number_value(value);
	if (json_is_string(value) && json_string_length(value) > 0) {
		char *end;
		double number = strtod(json_string_value(value), &end);
		if (*end == '\0' && isfinite(number))
			return number;
	}
	return otherwise;
}

bool
json_bool(const json_t *object, const char *name, bool otherwise)
{
	const json_t *value = json_object_get(object, name);
	return json_is_boolean(value) ? json_is_true(value) : otherwise;
}

void
json_put_text(json_t *object, const char *name, const char *text)
{
	if (text == NULL)
		return;
	json_t *value = json_string(text);
	/* Not UTF-8: foreign bytes that no JSON can hold. */
	if (value == NULL)
		value = json_string("");
	json_object_set_new(object, name, value);
}

void
json_put_int(json_t *object, const char *name, int64_t number)
{
	json_object_set_new(object, name, json_integer(number));
}

void
json_put_bool(json_t *object, const char *name, bool value)
{
	json_object_set_new(object, name, json_boolean(value));
}

void
json_put_new(json_t *object, const char *name, json_t *take_value)
{
	json_object_set_new(object, name, take_value);
}

char *
json_dump_new(const json_t *value, size_t *size)
{
	size_t flags = JSON_COMPACT | JSON_ENCODE_ANY;
	size_t needed = json_dumpb(value, NULL, 0, flags);
	char *text = xmalloc(needed + 1);

	json_dumpb(value, text, needed, flags);
	text[needed] = '\0';
	if (size != NULL)
		*size = needed;
	return text;
}
