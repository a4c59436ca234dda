#include "session/feed_setting.h"

#include <stdio.h>
#include <string.h>

#include "core/json.h"

/* What is wrong with which entry, counted from 1. */
static bool
refuse(char *why, size_t why_size, size_t entry, const char *what)
{
	snprintf(why, why_size, "is not usable: server %zu %s", entry + 1, what);
	return false;
}

static bool
is_key(const char *key)
{
	size_t size = strlen(key);

	for (const char *c = key; *c != '\0'; c++) {
		if ((unsigned char)*c <= ' ' || *c == 127 || *c == '"')
			return false;
	}
	return size > 0 && size < FEED_KEY_SIZE;
}

static bool
is_name(const char *name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

	return name[0] != '\0' && strspn(name, letters) == strlen(name);
}

static bool
has_name(const struct feed_named_list *list, const char *name)
{
	for (size_t i = 0; i < list->count; i++) {
		if (text_equal_ci(list->servers[i].name, name))
			return true;
	}
	return false;
}

static bool
knows_members(const json_t *entry)
{
	const char *name;
	json_t *value;

	json_object_foreach ((json_t *)(uintptr_t)entry, name, value) {
		if (strcmp(name, "name") != 0 && strcmp(name, "url") != 0 &&
			strcmp(name, "apiKey") != 0)
			return false;
	}
	return true;
}

static bool
read_entry(struct feed_named_list *list, const json_t *entry, char *why, size_t why_size)
{
	struct feed_named *server = &list->servers[list->count];
	const char *name = json_text_or(entry, "name", "");
	const char *url = json_text(entry, "url");
	const char *key = json_text_or(entry, "apiKey", "");
	char reason[160], what[200];

	if (!json_is_object(entry) || !knows_members(entry))
		return refuse(why, why_size, list->count,
			"must be an object of name, url and apiKey");
	if (!is_name(name) || !copy_text(server->name, sizeof server->name, name))
		return refuse(why, why_size, list->count,
			"needs a name of at most 63 letters, digits, '.', '_' and '-'");
	if (has_name(list, name))
		return refuse(why, why_size, list->count, "has the name of another");
	if (url == NULL)
		return refuse(why, why_size, list->count, "needs a url");
	if (!base_url_parse(&server->base, url, reason, sizeof reason)) {
		snprintf(what, sizeof what, "has no usable url: %s", reason);
		return refuse(why, why_size, list->count, what);
	}
	if (!is_key(key))
		return refuse(why, why_size, list->count,
			"needs an apiKey without blanks and quotes");
	copy_text(server->api_key, sizeof server->api_key, key);
	return true;
}

bool
feed_setting_parse(
	struct feed_named_list *list, const char *value, char *why, size_t why_size)
{
	json_t *json = value != NULL ? json_parse_new(value, strlen(value)) : NULL;
	bool ok = value == NULL;

	*list = (struct feed_named_list){ 0 };
	if (ok)
		goto out;
	if (!json_is_array(json)) {
		snprintf(why, why_size,
			"must be a JSON list, like "
			"[{\"name\": \"attic\", \"url\": \"http://attic:8096\", "
			"\"apiKey\": \"…\"}]");
		goto out;
	}
	if (json_array_size(json) > FEED_NAMED_MOST) {
		snprintf(why, why_size, "names more than %d servers", FEED_NAMED_MOST);
		goto out;
	}
	for (size_t i = 0; i < json_array_size(json); i++) {
		if (!read_entry(list, json_array_get(json, i), why, why_size))
			goto out;
		list->count++;
	}
	ok = true;
out:
	json_decref(json);
	return ok;
}

bool
feed_setting_check_servers(const char *value, char *why, size_t why_size)
{
	struct feed_named_list list;
	bool ok = feed_setting_parse(&list, value, why, why_size);

	explicit_bzero(&list, sizeof list);
	return ok;
}

bool
feed_setting_check_key(const char *value, char *why, size_t why_size)
{
	if (is_key(value))
		return true;
	snprintf(why, why_size, "must be a key without blanks and quotes");
	return false;
}
