/* Foreign: values in providers' JSON, read with the distrust that all of it needs. Pure;
 * any thread.
 */
#ifndef PROVIDERS_FOREIGN_H
#define PROVIDERS_FOREIGN_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

enum { FOREIGN_DATE = 11 };

/* A copy of the text without blanks at its ends; NULL when nothing is left. Caller
 * xfree()s. */
char *foreign_text_new(const json_t *json, const char *name);
/* The number; 0 when there is none, or it is negative or above `max`. */
int64_t foreign_number(const json_t *json, const char *name, int64_t max);
/* The day that an ISO date begins with, if the calendar has it ("0000-00-00" is nobody's);
 * else "". `text` may be NULL. */
void foreign_date(char to[FOREIGN_DATE], const char *text);
/* The day of a moment in seconds since 1970, in UTC; "" before 1900 and after 2199. */
void foreign_date_of_seconds(char to[FOREIGN_DATE], int64_t seconds);
/* http or https, printable, without blanks, of a sane length. */
bool foreign_is_url(const char *text);

#endif
