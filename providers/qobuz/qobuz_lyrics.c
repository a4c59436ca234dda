#include "providers/qobuz/qobuz_lyrics.h"

#include "core/json.h"
#include "core/text.h"
#include "providers/foreign.h"

enum { MAX_LINES = 2000, MAX_START_MS = 24 * 3600 * 1000 };

const char *
qobuz_lyrics_url(const json_t *root)
{
	const char *url = json_text(root, "lyrics_url");

	if (url == NULL)
		url = json_text(root, "url");
	return url != NULL && foreign_is_url(url) ? url : NULL;
}

/* -1 when it does not say. */
static int64_t
start_of(const json_t *line)
{
	int64_t start_ms = json_int(line, "start", -1);

	return start_ms >= 0 && start_ms <= MAX_START_MS ? start_ms : -1;
}

bool
qobuz_lyrics_read(struct lyrics *lyrics, const json_t *root)
{
	const json_t *original = json_member(root, "original");
	const json_t *one;
	int64_t last_ms = 0;
	bool words = false;
	size_t i;

	*lyrics = (struct lyrics){ .lines = NULL };
	bool synced = text_equal_ci(json_text_or(original, "type", ""), "lsync");
	json_array_foreach (json_member(original, "lines"), i, one) {
		const char *text = json_text_or(one, "line", "");
		int64_t start_ms = start_of(one);
		if (i == MAX_LINES)
			break;
		words = words || slice_trim(slice_of(text)).size > 0;
		synced = synced && start_ms >= last_ms;
		last_ms = start_ms;
		lyrics_add(lyrics, text, start_ms);
	}
	lyrics->synced = synced && lyrics->count > 0;
	if (!words)
		lyrics_fini(lyrics);
	return words;
}
