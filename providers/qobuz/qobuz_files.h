/* Qobuz files: addresses that are still good, so that asking for a song's forms and then
 * for its bytes, or seeking, takes one call. Shared between workers behind a lock of its
 * own; at most 1,024, wiped when they go.
 */
#ifndef PROVIDERS_QOBUZ_QOBUZ_FILES_H
#define PROVIDERS_QOBUZ_QOBUZ_FILES_H

#include "providers/qobuz/qobuz_file.h"

struct qobuz_files;

struct qobuz_files *qobuz_files_new(void);
/* Accepts NULL. */
void qobuz_files_free(struct qobuz_files *files);
/* What that account was given for a song when it asked for that format; false when nothing
 * was, or it has expired. The caller qobuz_file_fini()s the copy. */
MUST_CHECK bool qobuz_files_get(struct qobuz_files *files, const char *account,
	const char *song, int format, struct qobuz_file *copy);
/* Copied. */
void qobuz_files_put(struct qobuz_files *files, const char *account, const char *song,
	int format, const struct qobuz_file *file);

#endif
