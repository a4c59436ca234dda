#include "providers/account_list.h"

#include <stdio.h>
#include <string.h>

#include "core/text.h"

enum { MAX_ENTRIES = 256, ID_SIZE = 32 };

#define EVERYBODY "*"

void
account_wipe(char *take_secret)
{
	if (take_secret != NULL)
		explicit_bzero(take_secret, strlen(take_secret));
	xfree(take_secret);
}

void
account_list_fini(struct account_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		xfree(list->entries[i].user);
		account_wipe(list->entries[i].secret);
	}
	xfree(list->entries);
	*list = (struct account_list){ 0 };
}

/* An entry has a '=' that is followed by more than '='. */
static bool
is_entry(struct slice text)
{
	const char *equals = memchr(text.data, '=', text.size);

	if (equals == NULL)
		return false;
	for (const char *at = equals; at < text.data + text.size; at++) {
		if (*at != '=')
			return true;
	}
	return false;
}

/* Without dashes and in small letters when it is the id of a user. */
static char *
user_new(struct slice name)
{
	char id[ID_SIZE + 1];
	size_t size = 0;

	for (size_t i = 0; i < name.size; i++) {
		char c = ascii_lower(name.data[i]);
		bool digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
		if (c == '-')
			continue;
		if (!digit || size == ID_SIZE)
			return slice_dup(name);
		id[size++] = c;
	}
	return size == ID_SIZE ? xstrndup(id, size) : slice_dup(name);
}

static const struct account_entry *
find_user(const struct account_list *list, const char *user)
{
	for (size_t i = 0; i < list->count; i++) {
		if (text_equal_ci(list->entries[i].user, user))
			return &list->entries[i];
	}
	return NULL;
}

static void
add_entry(struct account_list *list, char *take_user, struct slice secret)
{
	struct account_entry *entry;
	char label[ACCOUNT_LABEL];

	copy_text(label, sizeof label, take_user);
	for (size_t i = 0; i < list->count; i++) {
		if (slice_equal_text(secret, list->entries[i].secret)) {
			memcpy(label, list->entries[i].label, sizeof label);
			break;
		}
	}
	list->entries = xrealloc(list->entries, (list->count + 1) * sizeof *list->entries);
	entry = &list->entries[list->count];
	*entry = (struct account_entry){ .user = take_user, .secret = slice_dup(secret) };
	memcpy(entry->label, label, sizeof label);
	list->count++;
}

static bool
parse_entry(struct account_list *list, struct slice part, size_t number, char *why,
	size_t why_size)
{
	const char *equals = memchr(part.data, '=', part.size);
	const char *wrong = NULL;
	char *user = NULL;
	struct slice secret = { 0 };

	if (equals != NULL) {
		size_t name_size = (size_t)(equals - part.data);
		user = user_new(slice_trim((struct slice){ part.data, name_size }));
		secret =
			slice_trim((struct slice){ equals + 1, part.size - name_size - 1 });
	}
	if (user == NULL)
		wrong = "says no user: entries are user=value, with ';' between them";
	else if (user[0] == '\0')
		wrong = "has no user before its '='";
	else if (secret.size == 0)
		wrong = "has no value behind its '='";
	else if (find_user(list, user) != NULL)
		wrong = "is about a user that an entry before it is about";
	else if (list->count == MAX_ENTRIES)
		wrong = "is one too many";
	if (wrong != NULL) {
		snprintf(why, why_size, "is wrong: entry %zu %s", number, wrong);
		xfree(user);
		return false;
	}
	add_entry(list, user, secret);
	return true;
}

bool
account_list_parse(struct account_list *list, const char *text, char *why, size_t why_size)
{
	struct slice rest = slice_trim(slice_of(text));
	struct slice part;
	size_t number = 0;

	*list = (struct account_list){ 0 };
	if (rest.size == 0)
		return true;
	if (memchr(rest.data, ';', rest.size) == NULL && !is_entry(rest)) {
		add_entry(list, xstrdup(EVERYBODY), rest);
		return true;
	}
	while (slice_next(&rest, ';', &part)) {
		part = slice_trim(part);
		number++;
		if (part.size > 0 && !parse_entry(list, part, number, why, why_size)) {
			account_list_fini(list);
			return false;
		}
	}
	if (list->count == 0)
		snprintf(why, why_size, "has no entry");
	return list->count > 0;
}

const struct account_entry *
account_list_find(
	const struct account_list *list, const char *user_id, const char *user_name)
{
	const struct account_entry *entry = NULL;

	if (user_id[0] != '\0')
		entry = find_user(list, user_id);
	if (entry == NULL && user_name[0] != '\0' && strcmp(user_name, EVERYBODY) != 0)
		entry = find_user(list, user_name);
	return entry != NULL ? entry : find_user(list, EVERYBODY);
}
