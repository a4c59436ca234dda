#include "providers/external_id.h"

#include <stdio.h>
#include <string.h>

#include "core/crypto.h"

enum {
	RAW_SIZE = 16,
	PAYLOAD_SIZE = 10, /* bytes 6 … 15 */
	FORMAT_NUMBER = 0,
	FORMAT_BASE36 = 1,
	FORMAT_NEGATIVE = 2,
	FORMAT_NAME = 3, /* a hash: not reversible, so never parsed */
	MAX_BASE36 = 15, /* 36^15 < 2^80 */
};

#define MAGIC     "\x65\x78\x74\x01"
#define MAGIC_HEX "65787401"

/* gcc and clang know it on every 64-bit target; C11 has no 80-bit integer. */
__extension__ typedef unsigned __int128 wide; /* arithmetic only */

static const struct {
	enum provider_id id;
	const char *name;
	const char *title;
} providers[] = {
	{ PROVIDER_DEEZER, "deezer", "Deezer" },
	{ PROVIDER_QOBUZ, "qobuz", "Qobuz" },
};

static const struct {
	enum media_kind kind;
	const char *name;
} kinds[] = {
	{ MEDIA_SONG, "song" },
	{ MEDIA_ALBUM, "album" },
	{ MEDIA_ARTIST, "artist" },
	{ MEDIA_PLAYLIST, "playlist" },
	{ MEDIA_GENRE, "genre" },
};

static bool
find_provider(struct slice name, enum provider_id *id)
{
	for (size_t i = 0; i < COUNT_OF(providers); i++) {
		if (slice_equal_text_ci(name, providers[i].name)) {
			*id = providers[i].id;
			return true;
		}
	}
	return false;
}

static bool
find_kind(struct slice name, enum media_kind *kind)
{
	for (size_t i = 0; i < COUNT_OF(kinds); i++) {
		if (slice_equal_text_ci(name, kinds[i].name)) {
			*kind = kinds[i].kind;
			return true;
		}
	}
	return false;
}

const char *
provider_name(enum provider_id provider)
{
	for (size_t i = 0; i < COUNT_OF(providers); i++) {
		if (providers[i].id == provider)
			return providers[i].name;
	}
	return "unknown";
}

const char *
provider_title(enum provider_id provider)
{
	for (size_t i = 0; i < COUNT_OF(providers); i++) {
		if (providers[i].id == provider)
			return providers[i].title;
	}
	return "Unknown";
}

const char *
media_kind_name(enum media_kind kind)
{
	for (size_t i = 0; i < COUNT_OF(kinds); i++) {
		if (kinds[i].kind == kind)
			return kinds[i].name;
	}
	return "unknown";
}

/* ---- the payload ---- */

/* Digits without sign or leading zeros. */
static bool
canonical_number(struct slice text, uint64_t *number)
{
	if (text.size > 1 && text.data[0] == '0')
		return false;
	return slice_to_u64(text, number);
}

static bool
base36_decode(struct slice text, wide *payload)
{
	*payload = 0;
	if (text.size == 0 || text.size > MAX_BASE36)
		return false;
	for (size_t i = 0; i < text.size; i++) {
		char c = text.data[i];
		unsigned digit;
		if (c >= '0' && c <= '9')
			digit = (unsigned)(c - '0');
		else if (c >= 'a' && c <= 'z')
			digit = (unsigned)(c - 'a') + 10;
		else
			return false;
		*payload = *payload * 36 + digit;
	}
	return true;
}

/* Exactly `length` digits; false when the payload needs more. */
static bool
base36_encode(char *to, size_t length, wide payload)
{
	for (size_t i = length; i-- > 0;) {
		to[i] = "0123456789abcdefghijklmnopqrstuvwxyz"[(unsigned)(payload % 36)];
		payload /= 36;
	}
	to[length] = '\0';
	return payload == 0;
}

static void
put_payload(unsigned char raw[RAW_SIZE], wide payload)
{
	for (size_t i = RAW_SIZE; i-- > RAW_SIZE - PAYLOAD_SIZE;) {
		raw[i] = (unsigned char)payload;
		payload >>= 8;
	}
}

static wide
get_payload(const unsigned char raw[RAW_SIZE])
{
	wide payload = 0;

	for (size_t i = RAW_SIZE - PAYLOAD_SIZE; i < RAW_SIZE; i++)
		payload = payload << 8 | raw[i];
	return payload;
}

static bool
encode(unsigned char raw[RAW_SIZE], const struct external_id *id)
{
	struct slice key = slice_of(id->key);
	struct slice digits = key;
	uint64_t number;
	wide payload;
	unsigned format, length = 0;

	if (key.size > 1 && key.data[0] == '-')
		digits = (struct slice){ key.data + 1, key.size - 1 };
	if (canonical_number(digits, &number) && (digits.size == key.size || number != 0)) {
		format = digits.size == key.size ? FORMAT_NUMBER : FORMAT_NEGATIVE;
		payload = number;
	} else if (base36_decode(key, &payload)) {
		format = FORMAT_BASE36;
		length = (unsigned)key.size;
	} else {
		return false;
	}
	memcpy(raw, MAGIC, 4);
	raw[4] = (unsigned char)((unsigned)id->provider << 4 | (unsigned)id->kind);
	raw[5] = (unsigned char)(format << 4 | length);
	put_payload(raw, payload);
	return true;
}

static bool
known(unsigned provider, unsigned kind)
{
	return provider >= PROVIDER_DEEZER && provider <= PROVIDER_QOBUZ &&
	       kind >= MEDIA_SONG && kind <= MEDIA_GENRE;
}

/* Writes the key that the payload stands for, canonical or not: the caller encodes it again
 * and compares, which is the whole check. */
static bool
decode_key(char key[EXTERNAL_ID_KEY], unsigned format, unsigned length, wide payload)
{
	uint64_t number = (uint64_t)payload;
	size_t end = EXTERNAL_ID_KEY - 1;

	if (format == FORMAT_BASE36)
		return length <= MAX_BASE36 && base36_encode(key, length, payload);
	if (format != FORMAT_NUMBER && format != FORMAT_NEGATIVE)
		return false;
	char digits[EXTERNAL_ID_KEY];
	digits[end] = '\0';
	do {
		digits[--end] = (char)('0' + number % 10);
		number /= 10;
	} while (number > 0);
	if (format == FORMAT_NEGATIVE)
		digits[--end] = '-';
	memcpy(key, digits + end, EXTERNAL_ID_KEY - end);
	return true;
}

static bool
decode(struct external_id *id, const unsigned char raw[RAW_SIZE])
{
	unsigned char again[RAW_SIZE];
	unsigned provider = raw[4] >> 4, kind = raw[4] & 15;

	if (memcmp(raw, MAGIC, 4) != 0 || !known(provider, kind))
		return false;
	*id = (struct external_id){ .provider = (enum provider_id)provider,
		.kind = (enum media_kind)kind };
	return decode_key(id->key, raw[5] >> 4, raw[5] & 15, get_payload(raw)) &&
	       encode(again, id) && memcmp(raw, again, RAW_SIZE) == 0;
}

/* ---- text ---- */

/* Copies the 32 hex digits of a GUID written with dashes or without. */
static bool
strip_dashes(char hex[EXTERNAL_ID_HEX], struct slice text)
{
	bool dashed = text.size == 36;
	size_t count = 0;

	if (!dashed && text.size != 32)
		return false;
	for (size_t i = 0; i < text.size; i++) {
		bool dash_place = i == 8 || i == 13 || i == 18 || i == 23;
		if (dashed && dash_place) {
			if (text.data[i] != '-')
				return false;
			continue;
		}
		hex[count++] = text.data[i];
	}
	return true;
}

static bool
take_prefix(struct slice *text, const char *prefix)
{
	size_t size = strlen(prefix);

	if (!slice_starts_with_ci(*text, prefix))
		return false;
	text->data += size;
	text->size -= size;
	return true;
}

/* ext-<provider>-<type>-<id>, ext-<provider>-<id>, pl-<provider>-<id>. */
static bool
parse_alias(struct external_id *id, struct slice text)
{
	unsigned char raw[RAW_SIZE];
	struct slice part, rest;
	enum media_kind kind = MEDIA_SONG;
	bool typed = take_prefix(&text, "pl-");

	*id = (struct external_id){ .kind = MEDIA_PLAYLIST };
	if (!typed && !take_prefix(&text, "ext-"))
		return false;
	if (!slice_next(&text, '-', &part) || !find_provider(part, &id->provider))
		return false;
	if (!typed) {
		rest = text;
		if (slice_next(&rest, '-', &part) && find_kind(part, &kind))
			text = rest;
		id->kind = kind;
	}
	if (text.size == 0 || text.size >= EXTERNAL_ID_KEY)
		return false;
	memcpy(id->key, text.data, text.size);
	id->key[text.size] = '\0';
	return strlen(id->key) == text.size && encode(raw, id);
}

bool
external_id_parse(struct external_id *id, struct slice text)
{
	char hex[EXTERNAL_ID_HEX];
	unsigned char raw[RAW_SIZE];

	*id = (struct external_id){ .kind = MEDIA_SONG };
	if (strip_dashes(hex, text) &&
		hex_decode(raw, sizeof raw, (struct slice){ hex, EXTERNAL_ID_HEX - 1 }) &&
		decode(id, raw))
		return true;
	return parse_alias(id, text);
}

bool
external_id_format(char hex[EXTERNAL_ID_HEX], const struct external_id *id)
{
	unsigned char raw[RAW_SIZE];

	hex[0] = '\0';
	if (!known((unsigned)id->provider, (unsigned)id->kind) || !encode(raw, id))
		return false;
	hex_encode(hex, raw, sizeof raw);
	return true;
}

bool
external_id_equal(const struct external_id *a, const struct external_id *b)
{
	return a->provider == b->provider && a->kind == b->kind &&
	       strcmp(a->key, b->key) == 0;
}

void
external_id_of_name(char hex[EXTERNAL_ID_HEX], const char *what, const char *name)
{
	char digest[SHA256_HEX_SIZE];
	struct text text;

	text_init(&text);
	text_add(&text, what);
	text_add_char(&text, '\n');
	for (const char *c = name; *c != '\0'; c++)
		text_add_char(
			&text, *c >= 'A' && *c <= 'Z' ? (char)(*c + ('a' - 'A')) : *c);
	crypto_sha256_hex(digest, text.data, text.size);
	text_fini(&text);
	/* A genre of no provider. */
	snprintf(hex, EXTERNAL_ID_HEX, MAGIC_HEX "%02x%02x%.*s", MEDIA_GENRE,
		FORMAT_NAME << 4, 2 * PAYLOAD_SIZE, digest);
}
