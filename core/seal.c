#include "core/seal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/crypto.h"
#include "core/log.h"
#include "core/secret.h"

enum {
	SIGN_SIZE = 4,
	HEAD_SIZE = 1 + SIGN_SIZE,
	PREFIX_SIZE = HEAD_SIZE + CRYPTO_NONCE_SIZE,
	KEY_HEX_SIZE = 2 * CRYPTO_KEY_SIZE,
};

struct seal {
	unsigned char key[CRYPTO_KEY_SIZE];
	unsigned char sign[SIGN_SIZE];
};

/* ---- the key's file ---- */

/* Writes all of it under another name and links it, so that nobody reads half a key and
 * whoever comes second finds the first one's. */
static bool
make_file(const char *path, char *why, size_t why_size)
{
	unsigned char key[CRYPTO_KEY_SIZE], number[8];
	char line[KEY_HEX_SIZE + 2], number_hex[2 * sizeof number + 1];
	struct text temporary = { 0 };

	crypto_random(key, sizeof key);
	crypto_random(number, sizeof number);
	hex_encode(line, key, sizeof key);
	hex_encode(number_hex, number, sizeof number);
	line[KEY_HEX_SIZE] = '\n';
	text_addf(&temporary, "%s.%s", path, number_hex);
	int fd = open(text_get(&temporary), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	bool good = fd >= 0 && write(fd, line, KEY_HEX_SIZE + 1) == KEY_HEX_SIZE + 1 &&
		    fsync(fd) == 0 &&
		    (link(text_get(&temporary), path) == 0 || errno == EEXIST);
	if (!good)
		snprintf(why, why_size, "%s cannot be made: %s", path, strerror(errno));
	if (fd >= 0) {
		close(fd);
		unlink(text_get(&temporary));
	}
	text_fini(&temporary);
	explicit_bzero(key, sizeof key);
	explicit_bzero(line, sizeof line);
	return good;
}

static void
warn_of_readers(const char *path)
{
	struct stat facts;

	if (stat(path, &facts) == 0 && (facts.st_mode & (S_IRWXG | S_IRWXO)) != 0)
		log_warn("seal_key_readable", LOG_TEXT("file", path),
			LOG_TEXT("why", "others than its owner may read it: chmod 600"));
}

struct seal *
seal_load(const char *path, char *why, size_t why_size)
{
	struct seal *seal = NULL;
	char sign[SHA256_HEX_SIZE];

	if (access(path, F_OK) != 0 && errno == ENOENT && !make_file(path, why, why_size))
		return NULL;
	char *text = secret_read_file(path, why, why_size);
	if (text == NULL)
		return NULL;
	seal = xcalloc(1, sizeof *seal);
	if (!hex_decode(seal->key, sizeof seal->key, slice_of(text))) {
		snprintf(why, why_size, "%s holds no key: 64 hex digits", path);
		seal_free(seal);
		seal = NULL;
		goto out;
	}
	crypto_sha256_hex(sign, seal->key, sizeof seal->key);
	if (!hex_decode(seal->sign, SIGN_SIZE, (struct slice){ sign, 2 * SIGN_SIZE }))
		assert(!"hex of our own");
	warn_of_readers(path);
out:
	explicit_bzero(text, strlen(text));
	xfree(text);
	return seal;
}

void
seal_free(struct seal *seal)
{
	if (seal != NULL)
		explicit_bzero(seal, sizeof *seal);
	xfree(seal);
}

void
seal_sign(const struct seal *seal, char hex[SEAL_SIGN_HEX_SIZE])
{
	hex_encode(hex, seal->sign, SIGN_SIZE);
}

/* ---- sealing ---- */

/* What the tag covers beside the content. */
static void
add_covered(struct text *to, const unsigned char head[HEAD_SIZE], struct slice about)
{
	text_add_bytes(to, head, HEAD_SIZE);
	text_add_slice(to, about);
}

void
seal_close(const struct seal *seal, struct text *to, unsigned char version,
	struct slice about, struct slice content)
{
	unsigned char prefix[PREFIX_SIZE];
	struct text covered = { 0 };

	prefix[0] = version;
	memcpy(prefix + 1, seal->sign, SIGN_SIZE);
	crypto_random(prefix + HEAD_SIZE, CRYPTO_NONCE_SIZE);
	add_covered(&covered, prefix, about);
	text_add_bytes(to, prefix, sizeof prefix);
	unsigned char *place =
		(unsigned char *)text_reserve(to, content.size + CRYPTO_TAG_SIZE);
	crypto_seal(place, seal->key, prefix + HEAD_SIZE, covered.data, covered.size,
		content.data, content.size);
	to->size += content.size + CRYPTO_TAG_SIZE;
	to->data[to->size] = '\0';
	text_fini(&covered);
}

enum seal_state
seal_open(const struct seal *seal, struct text *to, unsigned char version,
	struct slice about, struct slice sealed)
{
	const unsigned char *bytes = (const unsigned char *)sealed.data;
	struct text covered = { 0 };

	if (sealed.size > 0 && bytes[0] > version)
		return SEAL_NEWER;
	if (sealed.size < SEAL_OVERHEAD)
		return SEAL_BROKEN;
	if (memcmp(bytes + 1, seal->sign, SIGN_SIZE) != 0)
		return SEAL_OTHER_KEY;
	size_t size = sealed.size - SEAL_OVERHEAD;
	add_covered(&covered, bytes, about);
	unsigned char *place = (unsigned char *)text_reserve(to, size);
	bool good = crypto_unseal(place, seal->key, bytes + HEAD_SIZE, covered.data,
		covered.size, bytes + PREFIX_SIZE, size + CRYPTO_TAG_SIZE);
	if (good)
		to->size += size;
	if (to->data != NULL)
		to->data[to->size] = '\0';
	text_fini(&covered);
	return good ? SEAL_GOOD : SEAL_BROKEN;
}

const char *
seal_state_name(enum seal_state state)
{
	static const char *const names[] = { "good", "newer", "other_key", "broken" };
	return names[state];
}
