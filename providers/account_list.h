/* Account list: whose account with a provider pays for whom, as the settings say it.
 *
 * One value is the household's: it is everybody's. Or entries, `alice=VALUE;bob=VALUE;
 * *=VALUE`, by name or id of the Jellyfin user; `*` is everybody else, and without it who
 * is not named has none. A value may end with `=` (base64); the others are taken for the
 * end of a name. Names are compared without regard to ASCII case, as Jellyfin does.
 *
 * Immutable once parsed; any thread. Values are secrets: nothing here tells them, and they
 * are wiped at the end.
 */
#ifndef PROVIDERS_ACCOUNT_LIST_H
#define PROVIDERS_ACCOUNT_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "core/mem.h"

enum { ACCOUNT_LABEL = 33 };

struct account_entry {
	char *user;   /* a name, an id of 32 lower-case hex without dashes, or "*" */
	char *secret; /* not empty */
	/* Names the account where nothing secret may be: the user of the first entry with
	 * that value, so that who shares a value shares its limits. */
	char label[ACCOUNT_LABEL];
};

struct account_list {
	struct account_entry *entries;
	size_t count; /* 0: nothing was set */
};

/* `text` may be NULL. False with a sentence that continues the setting's name; it says
 * nothing of what is in the text but which entry is wrong. */
MUST_CHECK bool account_list_parse(
	struct account_list *list, const char *text, char *why, size_t why_size);
/* Accepts a zeroed one. */
void account_list_fini(struct account_list *list);
/* The entry of that user; NULL when nobody pays for them. `user_id` and `user_name` may be
 * "": then only what is everybody's is found. */
const struct account_entry *account_list_find(
	const struct account_list *list, const char *user_id, const char *user_name);
/* Overwrites the text and frees it. Accepts NULL. */
void account_wipe(char *take_secret);

#endif
