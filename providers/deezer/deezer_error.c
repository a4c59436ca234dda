#include "providers/deezer/deezer_error.h"

#include <stdio.h>

#include "core/json.h"
#include "core/text.h"

/* https://developers.deezer.com/api/errors */
static const struct {
	int64_t code;
	enum err err;
} codes[] = {
	{ 4, ERR_BUSY },        /* quota */
	{ 100, ERR_INVALID },   /* items limit */
	{ 200, ERR_DENIED },    /* permission */
	{ 300, ERR_DENIED },    /* token */
	{ 500, ERR_INVALID },   /* parameter */
	{ 501, ERR_INVALID },   /* parameter missing */
	{ 600, ERR_INVALID },   /* query */
	{ 700, ERR_BUSY },      /* service busy */
	{ 800, ERR_NOT_FOUND }, /* no data */
	{ 901, ERR_DENIED },    /* individual account */
};

static enum err
err_of_status(int status)
{
	if (status == 404 || status == 410)
		return ERR_NOT_FOUND;
	if (status == 429)
		return ERR_BUSY;
	if (status == 401 || status == 403)
		return ERR_DENIED;
	if (status >= 500)
		return ERR_UNREACHABLE;
	return ERR_PROTOCOL;
}

static enum err
err_of_object(const json_t *error, int status, char *why, size_t why_size)
{
	int64_t code = json_int(error, "code", 0);

	snprintf(why, why_size, "Deezer says: %.100s (code %lld)",
		json_text_or(error, "message", "nothing"), (long long)code);
	for (size_t i = 0; i < COUNT_OF(codes); i++) {
		if (codes[i].code == code)
			return codes[i].err;
	}
	return err_of_status(status);
}

enum err
deezer_error_check(const json_t *root, int status, char *why, size_t why_size)
{
	const json_t *error = json_member(root, "error");

	if (json_is_object(error) && json_object_size(error) > 0)
		return err_of_object(error, status, why, why_size);
	if (json_is_string(error)) {
		const char *text = json_string_value(error);
		snprintf(why, why_size, "Deezer says: %.100s", text);
		return text_equal_ci(text, "Not Found") ? ERR_NOT_FOUND
							: err_of_status(status);
	}
	if (status < 200 || status > 299) {
		snprintf(why, why_size, "Deezer answered with status %d", status);
		return err_of_status(status);
	}
	if (!json_is_object(root)) {
		snprintf(why, why_size, "the answer is no JSON%s",
			root != NULL ? " object" : "");
		return ERR_PROTOCOL;
	}
	return ERR_NONE;
}
