/* Foreign answers about one song: where its bytes are, and its words. Whatever is accepted
 * can be played and shown. */
#include "core/json.h"
#include "core/text.h"
#include "providers/qobuz/qobuz_file.h"
#include "providers/qobuz/qobuz_lyrics.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_file(const json_t *root)
{
	struct qobuz_file file;
	char why[80] = "";

	if (qobuz_file_read(&file, root, 1000, why, sizeof why) != ERR_NONE) {
		if (file.url != NULL || why[0] == '\0')
			__builtin_trap();
		return;
	}
	if (file.url != NULL && file.try_lower)
		__builtin_trap();
	if (file.url != NULL && (file.format.quality == TRACK_PREVIEW) != file.is_sample)
		__builtin_trap();
	if (file.format.sample_rate < 0 || file.format.duration_ms < 0 ||
		file.format.bit_depth < 0)
		__builtin_trap();
	qobuz_file_fini(&file);
}

static void
check_lyrics(const json_t *root)
{
	struct lyrics lyrics;
	int64_t last_ms = 0;

	if (!qobuz_lyrics_read(&lyrics, root)) {
		if (lyrics.count != 0)
			__builtin_trap();
		return;
	}
	if (lyrics.count == 0)
		__builtin_trap();
	for (size_t i = 0; i < lyrics.count; i++) {
		if (lyrics.lines[i].text == NULL ||
			(lyrics.synced && lyrics.lines[i].start_ms < last_ms))
			__builtin_trap();
		last_ms = lyrics.lines[i].start_ms;
	}
	lyrics_fini(&lyrics);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json_t *root = json_parse_new(data, size);

	check_file(root);
	check_lyrics(root);
	(void)qobuz_lyrics_url(root);
	json_decref(root);
	return 0;
}
