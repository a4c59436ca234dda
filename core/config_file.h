/* The settings file's grammar: lines NAME=value. Pure; main thread, at start.
 *
 * Blank lines and lines that begin with '#' say nothing. Blanks around the name and the
 * value are dropped. A value may stand in "double" or 'single' quotes, which keep every
 * character between them as it is (no escapes). Without quotes the value ends at the end of
 * the line or at a '#' that follows a blank.
 */
#ifndef CORE_CONFIG_FILE_H
#define CORE_CONFIG_FILE_H

#include <stddef.h>

#include "core/mem.h"
#include "core/text.h"

/* Where the reading stands; start with .rest = the file's bytes, the others 0. */
struct config_file {
	struct slice rest;
	size_t line; /* of what was read last, from 1 */
	struct slice name, value;
};

enum config_file_step {
	CONFIG_FILE_SETTING, /* `name` and `value` are set, within the file's bytes */
	CONFIG_FILE_END,
	CONFIG_FILE_BROKEN, /* `why` says what is wrong with `line`, without its value */
};

MUST_CHECK enum config_file_step config_file_next(
	struct config_file *file, char *why, size_t why_size);

#endif
