/* Lyrics: the words of a song, with or without times. Pure; any thread. */
#ifndef PROVIDERS_LYRICS_H
#define PROVIDERS_LYRICS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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
/* [mm:ss.xx] lines, several stamps per line, metadata tags left out; a text without stamps
 * becomes unsynced lines. False when nothing is in it. */
bool lyrics_parse_lrc(struct lyrics *lyrics, const char *text);
/* Jellyfin's LyricDto: {"Metadata": {}, "Lyrics": [{"Text", "Start" in 100 ns}]}. New. */
json_t *lyrics_json_new(const struct lyrics *lyrics);

#endif
