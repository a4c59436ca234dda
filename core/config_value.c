#include "core/config_value.h"

#include <stdio.h>
#include <string.h>

void
config_value_clear(const struct config_option *option, void *field)
{
	if (option->type == CONFIG_TEXT)
		*(char **)field = NULL;
	else if (option->type == CONFIG_SWITCH)
		*(bool *)field = false;
	else
		*(int64_t *)field = 0;
}

static bool
set_number(const struct config_option *option, int64_t *field, const char *value,
	char *wish, size_t wish_size)
{
	int64_t number;

	if (text_to_i64(value, &number) && number >= option->min && number <= option->max) {
		*field = number;
		return true;
	}
	snprintf(wish, wish_size, "must be a number from %lld to %lld%s%s",
		(long long)option->min, (long long)option->max,
		option->unit != NULL ? ", in " : "",
		option->unit != NULL ? option->unit : "");
	return false;
}

static bool
set_switch(bool *field, const char *value, char *wish, size_t wish_size)
{
	static const char *const words[][2] = {
		{ "off", "on" },
		{ "false", "true" },
		{ "no", "yes" },
		{ "0", "1" },
	};

	for (size_t i = 0; i < COUNT_OF(words); i++) {
		for (int on = 0; on <= 1; on++) {
			if (text_equal_ci(value, words[i][on])) {
				*field = on;
				return true;
			}
		}
	}
	snprintf(wish, wish_size, "must be on or off");
	return false;
}

static bool
set_choice(const struct config_option *option, int64_t *field, const char *value,
	char *wish, size_t wish_size)
{
	struct slice rest = slice_of(option->choices);
	struct slice word;
	struct text words;

	for (int64_t place = 0; slice_next(&rest, '|', &word); place++) {
		if (slice_equal_text_ci(word, value)) {
			*field = place;
			return true;
		}
	}
	text_init(&words);
	rest = slice_of(option->choices);
	while (slice_next(&rest, '|', &word)) {
		text_add(&words, words.size > 0 ? ", " : "");
		text_add_slice(&words, word);
	}
	snprintf(wish, wish_size, "must be one of %s", text_get(&words));
	text_fini(&words);
	return false;
}

bool
config_value_set(const struct config_option *option, void *field, const char *value,
	char *wish, size_t wish_size)
{
	if (option->check != NULL && !option->check(value, wish, wish_size))
		return false;
	switch (option->type) {
	case CONFIG_TEXT:
		*(char **)field = xstrdup(value);
		return true;
	case CONFIG_NUMBER:
		return set_number(option, field, value, wish, wish_size);
	case CONFIG_SWITCH:
		return set_switch(field, value, wish, wish_size);
	case CONFIG_CHOICE:
		return set_choice(option, field, value, wish, wish_size);
	}
	return false;
}

static size_t
field_size(const struct config_option *option)
{
	switch (option->type) {
	case CONFIG_TEXT:
		return sizeof(char *);
	case CONFIG_SWITCH:
		return sizeof(bool);
	case CONFIG_NUMBER:
	case CONFIG_CHOICE:
		break;
	}
	return sizeof(int64_t);
}

bool
config_value_equal(const struct config_option *option, const void *a, const void *b)
{
	if (option->type != CONFIG_TEXT)
		return memcmp(a, b, field_size(option)) == 0;
	const char *text_a = *(char *const *)a, *text_b = *(char *const *)b;
	return text_a == NULL || text_b == NULL ? text_a == text_b
						: strcmp(text_a, text_b) == 0;
}

void
config_value_swap(const struct config_option *option, void *a, void *b)
{
	char kept[CONFIG_FIELD_MAX];
	size_t size = field_size(option);

	memcpy(kept, a, size);
	memcpy(a, b, size);
	memcpy(b, kept, size);
}
