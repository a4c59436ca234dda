/* Answers recorded from a real Jellyfin; they are not part of the repository. */
#ifndef TESTS_RECORDED_H
#define TESTS_RECORDED_H

#include <stdio.h>

#include "core/text.h"

/* NULL where there is none; xfree() it. */
static inline char *
recorded_new(const char *name)
{
	char path[256];
	struct text text = { 0 };

	snprintf(path, sizeof path, "../shared/data/jellyfin/%s.json", name);
	FILE *file = fopen(path, "r");
	if (file == NULL)
		return NULL;
	for (;;) {
		size_t got = fread(text_reserve(&text, 65536), 1, 65536, file);
		if (got == 0)
			break;
		text.size += got;
	}
	fclose(file);
	text_add(&text, "");
	return text_take(&text);
}

#endif
