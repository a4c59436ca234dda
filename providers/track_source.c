#include "providers/track_source.h"

#include <string.h>

#include "core/mem.h"

static void
wipe(char *text)
{
	if (text != NULL)
		explicit_bzero(text, strlen(text));
	xfree(text);
}

void
track_source_free(struct track_source *source)
{
	if (source == NULL)
		return;
	for (size_t i = 0; i < source->url_count; i++)
		wipe(source->urls[i]);
	for (char **header = source->headers; header != NULL && *header != NULL; header++)
		wipe(*header);
	xfree(source->headers);
	if (source->filter != NULL)
		source->filter->free(source->filter);
	xfree(source);
}
