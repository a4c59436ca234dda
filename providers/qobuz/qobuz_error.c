#include "providers/qobuz/qobuz_error.h"

#include <stdio.h>

#include "core/json.h"
#include "core/text.h"

enum {
	/* A longer run of letters and digits may be an id, a token or a signature. */
	MAX_WORD = 20,
	SHOWN = 100,
};

static bool
contains_ci(const char *text, const char *part)
{
	for (; *text != '\0'; text++) {
		if (slice_starts_with_ci(slice_of(text), part))
			return true;
	}
	return false;
}

static enum qobuz_trouble
trouble_of_400(const char *message)
{
	if (contains_ci(message, "signature") || contains_ci(message, "request_sig"))
		return QOBUZ_BAD_SIGNATURE;
	if (contains_ci(message, "app_id"))
		return QOBUZ_BAD_APP;
	return QOBUZ_BAD_QUESTION;
}

static enum qobuz_trouble
trouble_of(int64_t status, const char *message)
{
	switch (status) {
	case 400:
		return trouble_of_400(message);
	case 401:
		return QOBUZ_BAD_TOKEN;
	case 403:
		return QOBUZ_FORBIDDEN;
	case 404:
		return QOBUZ_NOT_FOUND;
	case 410:
		return QOBUZ_GONE;
	case 429:
		return QOBUZ_TOO_MANY;
	default:
		return status >= 500 ? QOBUZ_DOWN : QOBUZ_NONSENSE;
	}
}

/* Nothing in it looks like a credential. */
static bool
is_plain(const char *message)
{
	size_t run = 0;

	for (; *message != '\0'; message++) {
		char c = ascii_lower(*message);
		bool of_word = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
			       c == '-' || c == '_';
		run = of_word ? run + 1 : 0;
		if (run > MAX_WORD)
			return false;
	}
	return true;
}

enum qobuz_trouble
qobuz_error_check(const json_t *root, int status, char *why, size_t why_size)
{
	bool says_error = text_equal_ci(json_text_or(root, "status", ""), "error");
	const char *message = json_text_or(root, "message", "");
	int64_t code = status;

	why[0] = '\0';
	/* An error within a 200 is one. */
	if (says_error && status >= 200 && status <= 299)
		code = json_int(root, "code", 0);
	if (code >= 200 && code <= 299 && !says_error) {
		if (json_is_object(root))
			return QOBUZ_WELL;
		snprintf(why, why_size, "the answer is no JSON%s",
			root != NULL ? " object" : "");
		return QOBUZ_NONSENSE;
	}
	if (message[0] != '\0' && is_plain(message))
		snprintf(why, why_size, "Qobuz says: %.*s (%lld)", SHOWN, message,
			(long long)code);
	else
		snprintf(why, why_size, "Qobuz answered with status %lld", (long long)code);
	return trouble_of(code, message);
}

enum err
qobuz_error_err(enum qobuz_trouble trouble)
{
	switch (trouble) {
	case QOBUZ_WELL:
		return ERR_NONE;
	case QOBUZ_BAD_APP:
	case QOBUZ_BAD_SIGNATURE:
	case QOBUZ_BAD_TOKEN:
	case QOBUZ_FORBIDDEN:
	case QOBUZ_GONE:
		return ERR_DENIED;
	case QOBUZ_BAD_QUESTION:
		return ERR_INVALID;
	case QOBUZ_NOT_FOUND:
		return ERR_NOT_FOUND;
	case QOBUZ_TOO_MANY:
		return ERR_BUSY;
	case QOBUZ_DOWN:
		return ERR_UNREACHABLE;
	case QOBUZ_NONSENSE:
		break;
	}
	return ERR_PROTOCOL;
}

bool
qobuz_error_is_answer(enum qobuz_trouble trouble)
{
	return trouble != QOBUZ_DOWN && trouble != QOBUZ_NONSENSE;
}
