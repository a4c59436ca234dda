/* A file's name, and what stands behind a song's bytes: the first byte says how long the
 * song is. */
#include "providers/track_file.h"

#include <string.h>

#include "core/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct track_format format;
	struct track_file file;
	char again[TRACK_FILE_NAME];

	char *name = xstrndup((const char *)data, size);
	if (track_file_parse(&file, name)) {
		track_file_name(again, &file, false);
		assert(strcmp(again, name) == 0);
	}
	xfree(name);
	if (size == 0)
		return 0;
	int64_t total = 1 + (int64_t)data[0] * 1000;
	uint64_t *sums = xcalloc(track_file_blocks(total), sizeof *sums);
	if (track_file_read_trailer(data + 1, size - 1, total, &format, sums))
		assert(format.size == total && format.quality < TRACK_QUALITIES);
	xfree(sums);
	return 0;
}
