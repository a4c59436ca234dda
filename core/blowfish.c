#include "core/blowfish.h"

#include <gcrypt.h>
#include <stdlib.h>

struct blowfish {
	gcry_cipher_hd_t cipher;
};

bool
blowfish_start(void)
{
	if (gcry_check_version(NULL) == NULL)
		return false;
	/* Its locked memory is for keys that protect something. */
	gcry_control(GCRYCTL_DISABLE_SECMEM, 0);
	gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0);
	return gcry_cipher_test_algo(GCRY_CIPHER_BLOWFISH) == 0;
}

struct blowfish *
blowfish_new(const unsigned char key[BLOWFISH_KEY])
{
	struct blowfish *blowfish = xcalloc(1, sizeof *blowfish);

	if (gcry_cipher_open(
		    &blowfish->cipher, GCRY_CIPHER_BLOWFISH, GCRY_CIPHER_MODE_CBC, 0) != 0)
		abort();
	/* One key in some 33,000 is weak, has the same entry twice in an S-box. Whoever
	 * ciphered did not look, so we must not mind; it is told all the same. */
	gcry_cipher_ctl(blowfish->cipher, GCRYCTL_SET_ALLOW_WEAK_KEY, NULL, 1);
	gpg_error_t error = gcry_cipher_setkey(blowfish->cipher, key, BLOWFISH_KEY);
	if (error != 0 && gcry_err_code(error) != GPG_ERR_WEAK_KEY)
		abort();
	return blowfish;
}

void
blowfish_free(struct blowfish *blowfish)
{
	if (blowfish == NULL)
		return;
	gcry_cipher_close(blowfish->cipher);
	xfree(blowfish);
}

void
blowfish_cbc_decrypt(struct blowfish *blowfish, const unsigned char start[BLOWFISH_BLOCK],
	void *data, size_t size)
{
	assert(size % BLOWFISH_BLOCK == 0);
	if (gcry_cipher_setiv(blowfish->cipher, start, BLOWFISH_BLOCK) != 0 ||
		gcry_cipher_decrypt(blowfish->cipher, data, size, NULL, 0) != 0)
		abort();
}
