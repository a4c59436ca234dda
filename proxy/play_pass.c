#include "proxy/play_pass.h"

#include <pthread.h>
#include <string.h>

#include "core/crypto.h"
#include "core/mem.h"

enum { KEY_BYTES = 32, CLAIM_BYTES = 7, PASS_BYTES = 16 };

struct user {
	char id[33];
	char name[128];
};

struct play_passes {
	unsigned char key[KEY_BYTES];
	pthread_mutex_t lock; /* of the users, which are only added to */
	struct user *users;
	size_t user_count;
};

/* What a pass says in clear. */
struct claim {
	uint32_t expiry_s;
	uint16_t user; /* 0 nobody, else one more than the place among the users */
	uint8_t qualities;
};

struct play_passes *
play_passes_new(void)
{
	struct play_passes *passes = xcalloc(1, sizeof *passes);

	crypto_random(passes->key, sizeof passes->key);
	pthread_mutex_init(&passes->lock, NULL);
	return passes;
}

void
play_passes_free(struct play_passes *passes)
{
	if (passes == NULL)
		return;
	pthread_mutex_destroy(&passes->lock);
	xfree(passes->users);
	xfree(passes);
}

/* ---- users ---- */

static uint16_t
number_user(struct play_passes *passes, const struct play_pass *pass)
{
	size_t i = 0;

	if (pass->user_id[0] == '\0')
		return 0;
	pthread_mutex_lock(&passes->lock);
	while (i < passes->user_count && strcmp(passes->users[i].id, pass->user_id) != 0)
		i++;
	if (i == passes->user_count && i < PLAY_PASS_USERS) {
		passes->users = xrealloc(passes->users, (i + 1) * sizeof *passes->users);
		passes->user_count++;
		copy_text(passes->users[i].id, sizeof passes->users[i].id, pass->user_id);
	}
	/* They may be called otherwise today. */
	if (i < passes->user_count)
		copy_text(passes->users[i].name, sizeof passes->users[i].name,
			pass->user_name);
	bool known = i < passes->user_count;
	pthread_mutex_unlock(&passes->lock);
	return known ? (uint16_t)(i + 1) : 0;
}

static void
name_user(struct play_passes *passes, struct play_pass *pass, uint16_t number)
{
	*pass = (struct play_pass){ 0 };
	pthread_mutex_lock(&passes->lock);
	if (number > 0 && number <= passes->user_count) {
		const struct user *user = &passes->users[number - 1];
		copy_text(pass->user_id, sizeof pass->user_id, user->id);
		copy_text(pass->user_name, sizeof pass->user_name, user->name);
	}
	pthread_mutex_unlock(&passes->lock);
}

/* ---- passes ---- */

static void
seal(const struct play_passes *passes, unsigned char bytes[PASS_BYTES], const char *item_id,
	const struct claim *claim)
{
	unsigned char mac[CRYPTO_SHA256_SIZE];
	char message[64];
	size_t size = strnlen(item_id, sizeof message - CLAIM_BYTES);

	for (int i = 0; i < 4; i++)
		bytes[i] = (unsigned char)(claim->expiry_s >> (24 - 8 * i));
	bytes[4] = (unsigned char)(claim->user >> 8);
	bytes[5] = (unsigned char)claim->user;
	bytes[6] = claim->qualities;
	memcpy(message, bytes, CLAIM_BYTES);
	memcpy(message + CLAIM_BYTES, item_id, size);
	crypto_hmac_sha256(
		mac, passes->key, sizeof passes->key, message, CLAIM_BYTES + size);
	memcpy(bytes + CLAIM_BYTES, mac, PASS_BYTES - CLAIM_BYTES);
}

void
play_pass_issue(struct play_passes *passes, char hex[PLAY_PASS_HEX], const char *item_id,
	const struct play_pass *pass, int64_t wall_ms, int64_t lifetime_ms)
{
	const struct claim claim = {
		.expiry_s = (uint32_t)((wall_ms + lifetime_ms) / 1000),
		.user = number_user(passes, pass),
		.qualities = pass->qualities,
	};
	unsigned char bytes[PASS_BYTES];

	seal(passes, bytes, item_id, &claim);
	hex_encode(hex, bytes, sizeof bytes);
}

bool
play_pass_read(struct play_passes *passes, struct play_pass *pass, struct slice hex,
	const char *item_id, int64_t wall_ms)
{
	unsigned char given[PASS_BYTES], ours[PASS_BYTES];
	struct claim claim = { 0 };

	if (!hex_decode(given, sizeof given, hex))
		return false;
	for (int i = 0; i < 4; i++)
		claim.expiry_s = claim.expiry_s << 8 | given[i];
	claim.user = (uint16_t)(given[4] << 8 | given[5]);
	claim.qualities = given[6];
	if ((int64_t)claim.expiry_s * 1000 < wall_ms)
		return false;
	seal(passes, ours, item_id, &claim);
	if (!crypto_equal(given, ours, sizeof ours))
		return false;
	name_user(passes, pass, claim.user);
	pass->qualities = claim.qualities;
	return true;
}
