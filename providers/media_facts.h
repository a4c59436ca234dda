/* Media facts: what items, hints and media sources say alike about a provider's media:
 * its name, its length, its path, its picture. Pure; any thread.
 */
#ifndef PROVIDERS_MEDIA_FACTS_H
#define PROVIDERS_MEDIA_FACTS_H

#include <jansson.h>

#include "providers/media.h"
#include "providers/user_view.h"

/* For whom and how items are shown. */
struct item_context {
	const char *server_id;
	/* How long a preview is: 30 000. 0 when whole songs are served. */
	int64_t preview_ms;
	int64_t preview_bytes; /* exact size when known, else 0: Size is left out */
	bool can_download;     /* the user's policy: CanDownload of songs */
	/* What that user has done with external things; NULL: nothing is known. Borrowed.
	 */
	struct user_view *user;
};

enum { MEDIA_IMAGE_TAG_SIZE = 65 };

/* Name: the title; that of a preview says so. */
void media_facts_put_name(
	json_t *object, const struct media *media, const struct item_context *context);
/* RunTimeTicks: what is served, not what the work lasts; a preview never claims more. */
int64_t media_facts_ticks(const struct media *media, const struct item_context *context);
/* Path: never a URL, for some players open what it says. `hex` is the item's id. */
void media_facts_put_path(json_t *object, const struct media *media, const char *hex);
/* A stable 32-hex id for something derived from `of`. */
void media_facts_put_derived_id(
	json_t *object, const char *name, const char *what, const char *of);
/* What ImageTags says for that picture. */
void media_image_tag(char tag[MEDIA_IMAGE_TAG_SIZE], const char *image_key);

#endif
