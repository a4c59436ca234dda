#include "session/session_look.h"

#include "core/json.h"

/* A session that only logged in has empty lists. */
static bool
has_capabilities(const json_t *session)
{
	const json_t *capabilities = json_member(session, "Capabilities");

	return json_array_size(json_member(session, "PlayableMediaTypes")) > 0 ||
	       json_array_size(json_member(capabilities, "PlayableMediaTypes")) > 0 ||
	       json_array_size(json_member(capabilities, "SupportedCommands")) > 0;
}

bool
session_look_parse(struct session_look *look, const void *body, size_t size)
{
	json_t *json = json_parse_new(body, size);
	bool ok = json_is_array(json);

	*look = (struct session_look){ 0 };
	for (size_t i = 0; i < json_array_size(json) && look->count < SESSION_LOOK_MOST;
		i++) {
		const json_t *session = json_array_get(json, i);
		copy_text(look->sessions[look->count].client,
			sizeof look->sessions[0].client,
			json_text_or(session, "Client", ""));
		copy_text(look->sessions[look->count].device_id,
			sizeof look->sessions[0].device_id,
			json_text_or(session, "DeviceId", ""));
		look->sessions[look->count++].has_capabilities = has_capabilities(session);
	}
	json_decref(json);
	return ok;
}

bool
session_look_has_capabilities(
	const struct session_look *look, const struct play_session_key *key)
{
	for (size_t i = 0; i < look->count; i++) {
		bool client_same = key->client[0] == '\0' ||
				   text_equal_ci(key->client, look->sessions[i].client);
		if (client_same &&
			text_equal_ci(key->device_id, look->sessions[i].device_id))
			return look->sessions[i].has_capabilities;
	}
	return false;
}
