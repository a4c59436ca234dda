/* Secrets: read from files, compared without telling by time where they differ.
 * Any thread; secret_read_file blocks and is for the start of the program.
 */
#ifndef CORE_SECRET_H
#define CORE_SECRET_H

#include <stdbool.h>
#include <stddef.h>

#include "core/mem.h"

/* The file's text without the line end it closes with; caller xfree()s. NULL when it cannot
 * be read, is empty, above 64 KB or contains a NUL: then `why` holds a sentence that names
 * the file, never its content. */
MUST_CHECK char *secret_read_file(const char *path, char *why, size_t why_size);

/* Whether both are the same, in a time that depends on the length of `given` only. */
bool secret_equal(const char *given, const char *expected);

#endif
