#include "proxy/play_pass.h"

#include <string.h>

#include "core/crypto.h"
#include "core/mem.h"

enum { KEY_BYTES = 32, EXPIRY_BYTES = 4, PASS_BYTES = 16 };

struct play_passes {
	unsigned char key[KEY_BYTES];
};

struct play_passes *
play_passes_new(void)
{
	struct play_passes *passes = xcalloc(1, sizeof *passes);

	crypto_random(passes->key, sizeof passes->key);
	return passes;
}

void
play_passes_free(struct play_passes *passes)
{
	xfree(passes);
}

static void
seal(const struct play_passes *passes, unsigned char pass[PASS_BYTES], const char *item_id,
	uint32_t expiry_s)
{
	unsigned char mac[CRYPTO_SHA256_SIZE];
	char message[64];
	size_t size = strnlen(item_id, sizeof message - EXPIRY_BYTES);

	for (int i = 0; i < EXPIRY_BYTES; i++)
		pass[i] = (unsigned char)(expiry_s >> (24 - 8 * i));
	memcpy(message, pass, EXPIRY_BYTES);
	memcpy(message + EXPIRY_BYTES, item_id, size);
	crypto_hmac_sha256(
		mac, passes->key, sizeof passes->key, message, EXPIRY_BYTES + size);
	memcpy(pass + EXPIRY_BYTES, mac, PASS_BYTES - EXPIRY_BYTES);
}

void
play_pass_issue(const struct play_passes *passes, char hex[PLAY_PASS_HEX],
	const char *item_id, int64_t wall_ms, int64_t lifetime_ms)
{
	unsigned char pass[PASS_BYTES];

	seal(passes, pass, item_id, (uint32_t)((wall_ms + lifetime_ms) / 1000));
	hex_encode(hex, pass, sizeof pass);
}

bool
play_pass_is_good(const struct play_passes *passes, struct slice hex, const char *item_id,
	int64_t wall_ms)
{
	unsigned char given[PASS_BYTES], ours[PASS_BYTES];
	uint32_t expiry_s = 0;

	if (!hex_decode(given, sizeof given, hex))
		return false;
	for (int i = 0; i < EXPIRY_BYTES; i++)
		expiry_s = expiry_s << 8 | given[i];
	if ((int64_t)expiry_s * 1000 < wall_ms)
		return false;
	seal(passes, ours, item_id, expiry_s);
	return crypto_equal(given, ours, sizeof ours);
}
