/* Titles of strangers: what comes out is terminated, bounded, and something whenever
 * something went in. */
#include "providers/title.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(void (*normalize)(struct text *to, const char *title), const char *title)
{
	struct text once;

	text_init(&once);
	normalize(&once, title);
	if (strlen(text_get(&once)) != once.size || (title[0] != '\0' && once.size == 0))
		__builtin_trap();
	/* At most a blank, "and" and two letters for one byte. */
	if (once.size > 5 * strlen(title))
		__builtin_trap();
	text_fini(&once);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *title = xstrndup((const char *)data, size);

	check(title_normalize, title);
	check(name_normalize, title);
	xfree(title);
	return 0;
}
