#include "providers/qobuz/qobuz_sign.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/crypto.h"
#include "core/text.h"

static bool
is_signed(const char *name)
{
	static const char *const unsigned_names[] = {
		"app_id",
		"user_auth_token",
		"request_ts",
		"request_sig",
	};

	for (size_t i = 0; i < COUNT_OF(unsigned_names); i++) {
		if (strcmp(name, unsigned_names[i]) == 0)
			return false;
	}
	return true;
}

static int
by_name(const void *a, const void *b)
{
	const struct qobuz_parameter *const *one = a, *const *other = b;

	return strcmp((*one)->name, (*other)->name);
}

void
qobuz_sign(char signature[QOBUZ_SIGNATURE], const char *method,
	const struct qobuz_parameter *parameters, size_t count, const char *time,
	const char *secret)
{
	const struct qobuz_parameter *sorted[QOBUZ_MAX_PARAMETERS];
	unsigned char digest[CRYPTO_MD5_SIZE];
	size_t sorted_count = 0;
	struct text text;

	assert(count <= QOBUZ_MAX_PARAMETERS);
	for (size_t i = 0; i < count; i++) {
		if (is_signed(parameters[i].name))
			sorted[sorted_count++] = &parameters[i];
	}
	qsort(sorted, sorted_count, sizeof sorted[0], by_name);
	text_init(&text);
	for (const char *c = method; *c != '\0'; c++) {
		if (*c != '/')
			text_add_char(&text, *c);
	}
	for (size_t i = 0; i < sorted_count; i++) {
		text_add(&text, sorted[i]->name);
		text_add(&text, sorted[i]->value);
	}
	text_add(&text, time);
	/* The last to be added, so that growing leaves no copy of it behind. */
	text_add(&text, secret);
	crypto_md5(digest, text.data, text.size);
	hex_encode(signature, digest, sizeof digest);
	explicit_bzero(text.data, text.size);
	text_fini(&text);
}
