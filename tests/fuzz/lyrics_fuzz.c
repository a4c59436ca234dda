/* Words of strangers: lines with words, in order when they have times, and never more of
 * them than a song could have. */
#include "providers/lyrics.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = xstrndup((const char *)data, size);
	struct lyrics lyrics;
	bool words = false;
	int64_t before_ms = 0;

	if (lyrics_parse_lrc(&lyrics, text)) {
		if (lyrics.count == 0 || lyrics.count > 4000)
			__builtin_trap();
		for (size_t i = 0; i < lyrics.count; i++) {
			const struct lyrics_line *line = &lyrics.lines[i];
			words = words || line->text[0] != '\0';
			if (lyrics.synced ? line->start_ms < before_ms
					  : line->start_ms != -1)
				__builtin_trap();
			before_ms = line->start_ms;
		}
		if (!words)
			__builtin_trap();
		json_decref(lyrics_json_new(&lyrics));
		lyrics_fini(&lyrics);
	} else if (lyrics.count != 0 || lyrics.lines != NULL) {
		__builtin_trap();
	}
	xfree(text);
	return 0;
}
