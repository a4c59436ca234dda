#include "providers/deezer/deezer_stripe.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "core/blowfish.h"
#include "core/clock.h"
#include "core/crypto.h"
#include "core/log.h"
#include "core/text.h"

enum { PERIOD = 3, LEAST_BYTES = 4 };

struct deezer_secret {
	atomic_int references;
	atomic_int state; /* enum deezer_secret_state */
	_Atomic int64_t wrong_ms;
	char text[DEEZER_SECRET_SIZE];
};

struct stripe {
	struct track_filter filter;
	pthread_mutex_t mutex; /* guards blowfish, which one thread may use at a time */
	struct blowfish *blowfish;
	struct deezer_secret *secret;
};

/* ---- the secret ---- */

struct deezer_secret *
deezer_secret_new(const char *text)
{
	struct deezer_secret *secret = xcalloc(1, sizeof *secret);

	assert(strlen(text) == DEEZER_SECRET_SIZE);
	atomic_init(&secret->references, 1);
	memcpy(secret->text, text, DEEZER_SECRET_SIZE);
	return secret;
}

struct deezer_secret *
deezer_secret_ref(struct deezer_secret *secret)
{
	atomic_fetch_add(&secret->references, 1);
	return secret;
}

void
deezer_secret_unref(struct deezer_secret *secret)
{
	if (secret == NULL || atomic_fetch_sub(&secret->references, 1) > 1)
		return;
	explicit_bzero(secret, sizeof *secret);
	xfree(secret);
}

enum deezer_secret_state
deezer_secret_state(const struct deezer_secret *secret)
{
	return (enum deezer_secret_state)atomic_load(&secret->state);
}

int64_t
deezer_secret_wrong_ms(const struct deezer_secret *secret)
{
	return atomic_load(&secret->wrong_ms);
}

/* A secret that was right once stays it: then it is the track that is odd. */
static void
secret_tell(struct deezer_secret *secret, bool right)
{
	int before = atomic_load(&secret->state);
	int after = right ? DEEZER_SECRET_RIGHT : DEEZER_SECRET_WRONG;

	if (before == DEEZER_SECRET_RIGHT)
		return;
	if (!right)
		atomic_store(&secret->wrong_ms, clock_now_ms());
	if (atomic_exchange(&secret->state, after) != after && !right)
		log_error("deezer_secret_refused",
			LOG_TEXT("why", "what was opened with SIDETRACK_DEEZER_SECRET is "
					"no music: the secret is wrong"));
}

/* ---- the filter ---- */

void
deezer_stripe_key(unsigned char key[DEEZER_SECRET_SIZE], const char *song_id,
	const char secret[DEEZER_SECRET_SIZE])
{
	unsigned char digest[CRYPTO_MD5_SIZE];
	char hex[2 * CRYPTO_MD5_SIZE + 1];

	crypto_md5(digest, song_id, strlen(song_id));
	hex_encode(hex, digest, sizeof digest);
	for (size_t i = 0; i < DEEZER_SECRET_SIZE; i++)
		key[i] = (unsigned char)(hex[i] ^ hex[i + 16] ^ secret[i]);
}

static void
stripe_apply(
	const struct track_filter *filter, int64_t offset, unsigned char *data, size_t size)
{
	static const unsigned char start[BLOWFISH_BLOCK] = { 0, 1, 2, 3, 4, 5, 6, 7 };
	struct stripe *stripe = CONTAINER_OF(filter, struct stripe, filter);
	int64_t index = offset / DEEZER_STRIPE_BLOCK;

	assert(offset % DEEZER_STRIPE_BLOCK == 0);
	pthread_mutex_lock(&stripe->mutex);
	for (; size >= DEEZER_STRIPE_BLOCK; size -= DEEZER_STRIPE_BLOCK) {
		if (index % PERIOD == 0)
			blowfish_cbc_decrypt(
				stripe->blowfish, start, data, DEEZER_STRIPE_BLOCK);
		data += DEEZER_STRIPE_BLOCK;
		index++;
	}
	pthread_mutex_unlock(&stripe->mutex);
}

/* The header of a frame of layer III: no reserved version, bit rate or sample rate. */
static bool
is_mpeg_frame(const unsigned char *data)
{
	return data[0] == 0xff && (data[1] & 0xe6) == 0xe2 && (data[1] & 0x18) != 0x08 &&
	       (data[2] & 0xf0) != 0xf0 && (data[2] & 0x0c) != 0x0c;
}

bool
deezer_stripe_is_music(const unsigned char *data, size_t size)
{
	if (size < LEAST_BYTES)
		return false;
	return memcmp(data, "fLaC", 4) == 0 || memcmp(data, "ID3", 3) == 0 ||
	       is_mpeg_frame(data);
}

static enum err
stripe_check(const struct track_filter *filter, const unsigned char *data, size_t size)
{
	const struct stripe *stripe = CONTAINER_OF(filter, struct stripe, filter);
	bool right = deezer_stripe_is_music(data, size);

	secret_tell(stripe->secret, right);
	return right ? ERR_NONE : ERR_DENIED;
}

static void
stripe_free(struct track_filter *filter)
{
	struct stripe *stripe = CONTAINER_OF(filter, struct stripe, filter);

	blowfish_free(stripe->blowfish);
	pthread_mutex_destroy(&stripe->mutex);
	deezer_secret_unref(stripe->secret);
	xfree(stripe);
}

struct track_filter *
deezer_stripe_new(const char *song_id, struct deezer_secret *secret)
{
	struct stripe *stripe = xcalloc(1, sizeof *stripe);
	unsigned char key[DEEZER_SECRET_SIZE];

	stripe->filter = (struct track_filter){ .block = DEEZER_STRIPE_BLOCK,
		.apply = stripe_apply,
		.check = stripe_check,
		.free = stripe_free };
	pthread_mutex_init(&stripe->mutex, NULL);
	stripe->secret = deezer_secret_ref(secret);
	deezer_stripe_key(key, song_id, secret->text);
	stripe->blowfish = blowfish_new(key);
	explicit_bzero(key, sizeof key);
	return &stripe->filter;
}
