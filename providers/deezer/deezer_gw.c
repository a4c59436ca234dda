#include "providers/deezer/deezer_gw.h"

#include <stdio.h>
#include <string.h>

#include "core/json.h"
#include "core/url.h"

/* Names among the members of `error`. */
static const struct {
	const char *name;
	enum deezer_gw_fault fault;
} named_faults[] = {
	{ "VALID_TOKEN_REQUIRED", DEEZER_GW_STALE },
	{ "GATEWAY_ERROR", DEEZER_GW_STALE },
	{ "NEED_API_AUTH_REQUIRED", DEEZER_GW_NOBODY },
	{ "NEED_USER_AUTH_REQUIRED", DEEZER_GW_NOBODY },
	{ "QUOTA_ERROR", DEEZER_GW_QUOTA },
	{ "DATA_ERROR", DEEZER_GW_NO_DATA },
};

enum { QUOTA_CODE = 4, NO_DATA_CODE = 800 };

/* ---- what is wrong ---- */

static enum deezer_gw_fault
fault_of_name(const char *name)
{
	for (size_t i = 0; i < COUNT_OF(named_faults); i++) {
		if (strcmp(named_faults[i].name, name) == 0)
			return named_faults[i].fault;
	}
	return DEEZER_GW_REFUSED;
}

static enum deezer_gw_fault
fault_of_object(const json_t *error, char *why, size_t why_size)
{
	int64_t code = json_int(error, "code", 0);
	const char *name = json_object_iter_key(json_object_iter((json_t *)error));

	snprintf(why, why_size, "the gateway says %.60s", name);
	if (code == QUOTA_CODE)
		return DEEZER_GW_QUOTA;
	if (code == NO_DATA_CODE)
		return DEEZER_GW_NO_DATA;
	for (void *member = json_object_iter((json_t *)error); member != NULL;
		member = json_object_iter_next((json_t *)error, member)) {
		enum deezer_gw_fault fault = fault_of_name(json_object_iter_key(member));
		if (fault != DEEZER_GW_REFUSED)
			return fault;
	}
	return DEEZER_GW_REFUSED;
}

static enum deezer_gw_fault
fault_of_text(const char *name, char *why, size_t why_size)
{
	snprintf(why, why_size, "the gateway says %.60s", name);
	return fault_of_name(name);
}

static enum deezer_gw_fault
fault_of_status(int status, char *why, size_t why_size)
{
	snprintf(why, why_size, "the gateway answered with status %d", status);
	if (status == 429)
		return DEEZER_GW_QUOTA;
	if (status == 401 || status == 403)
		return DEEZER_GW_NOBODY;
	return status >= 500 ? DEEZER_GW_DOWN : DEEZER_GW_BROKEN;
}

enum deezer_gw_fault
deezer_gw_check(const json_t *root, int status, char *why, size_t why_size)
{
	const json_t *error = json_member(root, "error");

	if (json_object_size(error) > 0)
		return fault_of_object(error, why, why_size);
	if (json_is_array(error) && json_is_string(json_array_get(error, 0)))
		return fault_of_text(
			json_string_value(json_array_get(error, 0)), why, why_size);
	if (json_is_string(error) && json_string_length(error) > 0)
		return fault_of_text(json_string_value(error), why, why_size);
	if (status < 200 || status > 299)
		return fault_of_status(status, why, why_size);
	if (json_member(root, "results") == NULL) {
		snprintf(why, why_size, "the gateway's answer has no results");
		return DEEZER_GW_BROKEN;
	}
	return DEEZER_GW_WELL;
}

/* ---- questions ---- */

static void
add_base(struct text *url, const char *base)
{
	size_t size = strlen(base);

	while (size > 0 && base[size - 1] == '/')
		size--;
	text_add_bytes(url, base, size);
}

void
deezer_gw_url(struct text *url, const char *base, const char *method, const char *api_token)
{
	add_base(url, base);
	text_addf(url,
		"/ajax/gw-light.php?method=%s&input=3&api_version=1.0&api_token=", method);
	url_encode(url, slice_of(api_token));
}

void
deezer_gw_cookie(struct text *header, const char *arl, const char *sid)
{
	text_addf(header, "Cookie: arl=%s", arl);
	if (sid != NULL)
		text_addf(header, "; sid=%s", sid);
}

static void
add_json(struct text *body, json_t *take_root)
{
	size_t size;
	char *dump = json_dump_new(take_root, &size);

	text_add_bytes(body, dump, size);
	explicit_bzero(dump, size);
	xfree(dump);
	json_decref(take_root);
}

void
deezer_gw_song_body(struct text *body, const char *song_id)
{
	add_json(body, json_pack("{s:[s]}", "sng_ids", song_id));
}

void
deezer_gw_lyrics_body(struct text *body, const char *song_id)
{
	add_json(body, json_pack("{s:s}", "sng_id", song_id));
}

void
deezer_gw_media_url(struct text *url, const char *base)
{
	add_base(url, base);
	text_add(url, "/v1/get_url");
}

static void
add_format(json_t *formats, const char *name)
{
	json_array_append_new(
		formats, json_pack("{s:s,s:s}", "cipher", "BF_CBC_STRIPE", "format", name));
}

void
deezer_gw_media_body(struct text *body, const char *license_token, const char *track_token,
	track_quality_set qualities, bool misc)
{
	json_t *formats = json_array();

	if (misc)
		add_format(formats, "MP3_MISC");
	else if ((qualities & TRACK_BIT(TRACK_FLAC)) != 0)
		add_format(formats, "FLAC");
	if (!misc && (qualities & TRACK_BIT(TRACK_MP3_320)) != 0)
		add_format(formats, "MP3_320");
	if (!misc && (qualities & TRACK_BIT(TRACK_MP3_128)) != 0)
		add_format(formats, "MP3_128");
	add_json(body, json_pack("{s:s,s:[{s:s,s:o}],s:[s]}", "license_token",
			       license_token, "media", "type", "FULL", "formats", formats,
			       "track_tokens", track_token));
}
