#include "tracker/play_key.h"

#include <string.h>

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static uint64_t
hash_text(uint64_t hash, const char *text)
{
	/* FNV-1a */
	for (; *text != '\0'; text++)
		hash = (hash ^ (unsigned char)lower(*text)) * 0x100000001b3u;
	return (hash ^ 0xff) * 0x100000001b3u;
}

uint64_t
play_session_key_hash(const struct play_session_key *key)
{
	/* The device alone: a key that lacks its client, and the sessions of other users
	 * of the device, must land in the same bucket. */
	return hash_text(0xcbf29ce484222325u, key->device_id);
}

static bool
same_device(const struct play_session_key *a, const struct play_session_key *b)
{
	bool client_known = a->client[0] != '\0' && b->client[0] != '\0';

	return strcmp(a->server, b->server) == 0 &&
	       text_equal_ci(a->device_id, b->device_id) &&
	       (!client_known || text_equal_ci(a->client, b->client));
}

bool
play_session_key_equal(const struct play_session_key *a, const struct play_session_key *b)
{
	return same_device(a, b) && text_equal_ci(a->user_id, b->user_id);
}

bool
play_session_key_rivals(const struct play_session_key *a, const struct play_session_key *b)
{
	bool known =
		a->device_id[0] != '\0' && a->user_id[0] != '\0' && b->user_id[0] != '\0';

	return known && same_device(a, b) && !text_equal_ci(a->user_id, b->user_id);
}

void
play_session_key_set(struct play_session_key *key, const char *client,
	const char *device_id, const char *user_id)
{
	*key = (struct play_session_key){ 0 };
	copy_text(key->client, sizeof key->client, client);
	copy_text(key->device_id, sizeof key->device_id, device_id);
	if (user_id != NULL && !play_item_id_normal(key->user_id, user_id))
		copy_text(key->user_id, sizeof key->user_id, user_id);
}

bool
play_item_id_normal(char id[33], const char *text)
{
	static const char zero[] = "00000000000000000000000000000000";
	size_t size = strlen(text);
	size_t used = 0;
	char hex[33];
	unsigned char bytes[16];

	if (size != 32 && size != 36)
		return false;
	for (size_t i = 0; i < size; i++) {
		bool dash_place = size == 36 && (i == 8 || i == 13 || i == 18 || i == 23);
		if (dash_place != (text[i] == '-'))
			return false;
		if (!dash_place)
			hex[used++] = lower(text[i]);
	}
	hex[used] = '\0';
	if (!hex_decode(bytes, sizeof bytes, slice_of(hex)) || strcmp(hex, zero) == 0)
		return false;
	memcpy(id, hex, sizeof hex);
	return true;
}
