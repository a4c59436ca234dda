/* What /Users/Me says of a user: the pure part of session/token.h. */
#include <string.h>

#include "core/json.h"
#include "session/token.h"

static bool
blocks_unrated_music(const json_t *policy)
{
	const json_t *list = json_member(policy, "BlockUnratedItems");

	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *type = json_string_value(json_array_get(list, i));
		if (type != NULL && text_equal_ci(type, "Music"))
			return true;
	}
	return false;
}

static bool
is_set(const json_t *policy, const char *name)
{
	const json_t *value = json_member(policy, name);
	return value != NULL && !json_is_null(value);
}

static void
read_policy(struct token_facts *facts, const json_t *policy)
{
	facts->administrator = json_bool(policy, "IsAdministrator", false);
	facts->playback = json_bool(policy, "EnableMediaPlayback", false) &&
			  !json_bool(policy, "IsDisabled", false);
	facts->downloading = json_bool(policy, "EnableContentDownloading", false);
	facts->sees_music = json_bool(policy, "EnableAllFolders", false) ||
			    json_array_size(json_member(policy, "EnabledFolders")) > 0;
	facts->parental_limit = is_set(policy, "MaxParentalRating") ||
				json_array_size(json_member(policy, "BlockedTags")) > 0 ||
				json_array_size(json_member(policy, "AllowedTags")) > 0 ||
				blocks_unrated_music(policy);
	facts->control_others = json_bool(policy, "EnableRemoteControlOfOtherUsers", false);
}

bool
token_facts_parse(struct token_facts *facts, const void *body, size_t size)
{
	json_t *json = json_parse_new(body, size);
	const json_t *policy = json_member(json, "Policy");
	const char *id = json_text(json, "Id");

	*facts = (struct token_facts){ 0 };
	bool ok = id != NULL && strlen(id) == sizeof facts->user_id - 1 &&
		  json_is_object(policy);
	if (ok) {
		copy_text(facts->user_id, sizeof facts->user_id, id);
		copy_text(facts->user_name, sizeof facts->user_name,
			json_text_or(json, "Name", ""));
		copy_text(facts->server_id, sizeof facts->server_id,
			json_text_or(json, "ServerId", ""));
		read_policy(facts, policy);
	}
	json_decref(json);
	return ok;
}
