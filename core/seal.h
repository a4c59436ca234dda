/* Seal: what leaves the process for a disk or another machine, readable and changeable only
 * with the key. ChaCha20-Poly1305 (RFC 8439) with a random nonce.
 *
 *   bytes  what
 *   1      version of the content, in clear, so that a newer program's is left alone
 *   4      the key's sign: tells a key that was changed from a content that was
 *   12     nonce
 *   n      the content
 *   16     tag; it covers the five first bytes and `about` too
 *
 * `about` is what the content belongs to (its key in a database): content put under
 * another one does not open. Any thread; seal_load blocks and is for the program's start.
 */
#ifndef CORE_SEAL_H
#define CORE_SEAL_H

#include <stdbool.h>

#include "core/text.h"

struct seal;

enum { SEAL_OVERHEAD = 33, SEAL_SIGN_HEX_SIZE = 9 };

enum seal_state {
	SEAL_GOOD,
	SEAL_NEWER,     /* of a version above the one asked for */
	SEAL_OTHER_KEY, /* sealed with a key that is not ours */
	SEAL_BROKEN,    /* cut, changed, or about something else */
};

/* The key in that file: 64 hex digits on a line. Made, readable by us only, when there is
 * no such file; of several programs that make it at once all take the same. On failure
 * writes a sentence that names the file, never its content. */
MUST_CHECK struct seal *seal_load(const char *path, char *why, size_t why_size);
/* Accepts NULL. */
void seal_free(struct seal *seal);

/* The key's sign, by which programs that share something see that they share the key. */
void seal_sign(const struct seal *seal, char hex[SEAL_SIGN_HEX_SIZE]);
/* Adds the sealed content to `to`. */
void seal_close(const struct seal *seal, struct text *to, unsigned char version,
	struct slice about, struct slice content);
/* Adds the content to `to`, which may be a secret: text_fini does not wipe. */
MUST_CHECK enum seal_state seal_open(const struct seal *seal, struct text *to,
	unsigned char version, struct slice about, struct slice sealed);
/* "good", "newer", "other_key", "broken" */
const char *seal_state_name(enum seal_state state);

#endif
