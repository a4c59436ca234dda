#include "proxy/query_mask.h"

#include <string.h>

enum { NAME_SIZE = 128 };

/* What a credential's name contains, lower-case, without '-' and '_'. */
static const char *const words[] = {
	"apikey",
	"auth",
	"password",
	"playsessionid",
	"secret",
	"token",
};
/* Credentials whose name is no more than this. */
static const char *const names[] = { "code", "key", "pin", "pw", "pwd" };

/* Decoded as Jellyfin does, in lower case, without '-' and '_'; false when it is too long.
 */
static bool
read_name(char to[NAME_SIZE], struct slice name)
{
	size_t used = 0;

	for (size_t i = 0; i < name.size; i++) {
		char c = name.data[i];
		unsigned char byte;
		if (c == '%' && i + 2 < name.size &&
			hex_decode(&byte, 1, (struct slice){ name.data + i + 1, 2 })) {
			c = (char)byte;
			i += 2;
		}
		if (c == '-' || c == '_')
			continue;
		if (used == NAME_SIZE - 1)
			return false;
		/* A zero byte ends our strings, not Jellyfin's. */
		to[used++] = c == '\0' ? '?' : ascii_lower(c);
	}
	to[used] = '\0';
	return true;
}

static bool
is_secret(struct slice name)
{
	char plain[NAME_SIZE];

	if (!read_name(plain, name))
		return true;
	for (size_t i = 0; i < COUNT_OF(words); i++) {
		if (strstr(plain, words[i]) != NULL)
			return true;
	}
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		if (strcmp(plain, names[i]) == 0)
			return true;
	}
	return false;
}

void
query_mask_add(struct text *to, struct slice query)
{
	struct slice parameter;
	bool first = true;

	while (slice_next(&query, '&', &parameter)) {
		if (!first)
			text_add_char(to, '&');
		first = false;
		const char *equals = parameter.size > 0
					     ? memchr(parameter.data, '=', parameter.size)
					     : NULL;
		struct slice name = parameter;
		if (equals != NULL)
			name.size = (size_t)(equals - parameter.data);
		if (!is_secret(name)) {
			text_add_slice(to, parameter);
			continue;
		}
		/* Without '=' the secret may be in the name: "token%3Dabc". */
		if (equals != NULL)
			text_add_bytes(to, name.data, name.size + 1);
		text_add_bytes(to, "***", 3);
	}
}
