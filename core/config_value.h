/* A setting's text into its field, by the rules of its row. Pure. */
#ifndef CORE_CONFIG_VALUE_H
#define CORE_CONFIG_VALUE_H

#include "core/config.h"

/* Zero, false, NULL; what was there is not freed. */
void config_value_clear(const struct config_option *option, void *field);
/* Writes the field (a text is copied: config_free frees it). On failure the field is as it
 * was and `wish` says what the setting must be, for a sentence that began with its name. */
MUST_CHECK bool config_value_set(const struct config_option *option, void *field,
	const char *value, char *wish, size_t wish_size);

/* The size of the largest field. */
enum { CONFIG_FIELD_MAX = sizeof(int64_t) };
/* Do both fields say the same? */
bool config_value_equal(const struct config_option *option, const void *a, const void *b);
void config_value_swap(const struct config_option *option, void *a, void *b);

#endif
