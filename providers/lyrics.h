/* Lyrics: the words of a song, with or without times. Pure; any thread. */
#ifndef PROVIDERS_LYRICS_H
#define PROVIDERS_LYRICS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/mem.h"

struct lyrics_line {
	char *text;       /* never NULL; "" is a pause */
	int64_t start_ms; /* -1: not said */
};

struct lyrics {
	struct lyrics_line *lines;
	size_t count; /* at least 1 */
	bool synced;  /* every line says when it starts, in order */
};

/* Adds a line; NULL is "". While being built. */
void lyrics_add(struct lyrics *lyrics, const char *text, int64_t start_ms);
/* Accepts a zeroed one. */
void lyrics_fini(struct lyrics *lyrics);
/* LRC: [mm:ss], [mm:ss.x] to .xxx before lines, several of them too, [offset:…] and a BOM
 * minded, other tags of the song and times of single words left out; lines come in the
 * order of their times. A text without times becomes unsynced lines. At most 4,000 lines
 * and 512 KB. False, with nothing to free, when there are no words in it. */
MUST_CHECK bool lyrics_parse_lrc(struct lyrics *lyrics, const char *text);
/* Jellyfin's LyricDto: {"Metadata": {"IsSynced"}, "Lyrics": [{"Text", "Start" in 100 ns}]}.
 * New. */
json_t *lyrics_json_new(const struct lyrics *lyrics);

#endif
