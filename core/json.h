/* JSON getters over jansson: what a wrong type or a missing field gives is said here.
 *
 * Borrowed in, borrowed out, unless a name ends in _new. Strings live as long as their
 * document. Any thread, one document per thread.
 */
#ifndef CORE_JSON_H
#define CORE_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/mem.h"

/* Parses `size` bytes; NULL when it is not JSON or deeper than jansson's bound (2048). Any
 * JSON value is accepted at the top; of members of one name the last counts; strings may
 * contain NUL. Caller json_decref()s. */
json_t *json_parse_new(const void *data, size_t size);

/* The member, or NULL when `object` is NULL, no object, or has none of that name. */
json_t *json_member(const json_t *object, const char *name);
/* The same, the name compared without regard to case (how ASP.NET reads bodies). */
json_t *json_member_ci(const json_t *object, const char *name);

/* The string, else NULL ("" is a string). */
const char *json_text(const json_t *object, const char *name);
/* The string, else `otherwise`. */
const char *json_text_or(const json_t *object, const char *name, const char *otherwise);
/* Integers, integral reals, and strings of decimal digits; else `otherwise`. */
int64_t json_int(const json_t *object, const char *name, int64_t otherwise);
/* Numbers and numeric strings; else `otherwise`. */
double json_double(const json_t *object, const char *name, double otherwise);
bool json_bool(const json_t *object, const char *name, bool otherwise);
/* The value itself (not a member), same rules as json_int. */
int64_t json_value_int(const json_t *value, int64_t otherwise);

/* Sets a copy of the text; NULL text sets nothing. */
void json_put_text(json_t *object, const char *name, const char *text);
void json_put_int(json_t *object, const char *name, int64_t number);
void json_put_bool(json_t *object, const char *name, bool value);
/* Takes `take_value`. */
void json_put_new(json_t *object, const char *name, json_t *take_value);

/* Compact dump; caller xfree()s. */
char *json_dump_new(const json_t *value, size_t *size);

#endif
