#include "session/session_id.h"

#include "core/crypto.h"

enum { REPLACEMENT = 0xfffd };

static void
add_unit(struct text *to, unsigned unit)
{
	text_add_char(to, (char)(unit & 0xff));
	text_add_char(to, (char)(unit >> 8 & 0xff));
}

/* How many bytes a sequence with this first byte has; 0: none begins so. */
static size_t
length_of(unsigned char first)
{
	return first < 0x80   ? 1
	       : first < 0xc2 ? 0
	       : first < 0xe0 ? 2
	       : first < 0xf0 ? 3
	       : first < 0xf5 ? 4
			      : 0;
}

/* One code point off the front; a byte that is no UTF-8 is replaced. */
static unsigned
next_point(const char **text)
{
	static const unsigned char masks[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	const unsigned char *bytes = (const unsigned char *)*text;
	size_t length = length_of(bytes[0]);
	unsigned point = bytes[0] & masks[length];

	for (size_t i = 1; i < length; i++) {
		if ((bytes[i] & 0xc0) != 0x80) {
			length = 0;
			break;
		}
		point = point << 6 | (bytes[i] & 0x3f);
	}
	*text += length > 0 ? length : 1;
	return length > 0 ? point : REPLACEMENT;
}

static void
add_utf16(struct text *to, const char *text)
{
	while (*text != '\0') {
		unsigned point = next_point(&text);
		if (point < 0x10000) {
			add_unit(to, point);
			continue;
		}
		add_unit(to, 0xd800 + ((point - 0x10000) >> 10));
		add_unit(to, 0xdc00 + ((point - 0x10000) & 0x3ff));
	}
}

void
session_id_of(char id[33], const char *client, const char *device_id)
{
	/* A GUID's first three fields are little-endian. */
	static const unsigned char order[CRYPTO_MD5_SIZE] = { 3, 2, 1, 0, 5, 4, 7, 6, 8, 9,
		10, 11, 12, 13, 14, 15 };
	unsigned char digest[CRYPTO_MD5_SIZE], guid[CRYPTO_MD5_SIZE];
	struct text utf16 = { 0 };

	add_utf16(&utf16, client);
	add_utf16(&utf16, device_id);
	crypto_md5(digest, text_get(&utf16), utf16.size);
	for (size_t i = 0; i < sizeof guid; i++)
		guid[i] = digest[order[i]];
	hex_encode(id, guid, sizeof guid);
	text_fini(&utf16);
}
