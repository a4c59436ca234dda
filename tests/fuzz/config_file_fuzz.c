/* The settings file of foreign bytes: it ends, names are names, lines are counted. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "core/config_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config_file file = { .rest = { (const char *)data, size } };
	char why[96] = "";
	size_t line = 0;
	enum config_file_step step;

	while ((step = config_file_next(&file, why, sizeof why)) == CONFIG_FILE_SETTING) {
		assert(file.line > line);
		line = file.line;
		assert(file.name.size > 0);
		assert(file.value.size == 0 ||
			memchr(file.value.data, '\n', file.value.size) == NULL);
	}
	assert(step == CONFIG_FILE_END || why[0] != '\0');
	return 0;
}
