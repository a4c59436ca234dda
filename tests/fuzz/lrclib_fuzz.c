/* Foreign answers of LRCLIB: the first byte chooses the status. What is accepted has words.
 */
#include "providers/lrclib.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(enum err err, struct lyrics *lyrics)
{
	if (err != ERR_NONE)
		return;
	if (lyrics->count == 0)
		__builtin_trap();
	json_decref(lyrics_json_new(lyrics));
	lyrics_fini(lyrics);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct external_id nobody = { .provider = PROVIDER_DEEZER, .kind = MEDIA_ARTIST };
	struct media_list *list = media_list_new(1);
	struct media *song = media_list_add(list);
	struct lyrics lyrics;

	song->kind = MEDIA_SONG;
	song->title = xstrdup("a");
	song->duration_ms = 1000;
	media_add_artist(song, &nobody, "b");
	if (size > 0) {
		const struct lrclib_answer answer = { data[0] < 250 ? 200 : 404, data + 1,
			size - 1 };
		check(lrclib_parse_get(&lyrics, &answer), &lyrics);
		check(lrclib_parse_search(&lyrics, &answer, song), &lyrics);
	}
	media_list_unref(list);
	return 0;
}
