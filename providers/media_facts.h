/* Media facts: what items, hints and media sources say alike about a provider's media:
 * its name, its length, its path, its picture. Pure; any thread.
 */
#ifndef PROVIDERS_MEDIA_FACTS_H
#define PROVIDERS_MEDIA_FACTS_H

#include <jansson.h>

#include "providers/media.h"
#include "providers/track_format.h"
#include "providers/user_view.h"

/* For whom and how items are shown. */
struct item_context {
	const char *server_id;
	/* What the user gets of each provider's songs (providers/provider.h, lanes), by
	 * enum provider_id. Where that is TRACK_PREVIEW alone, songs are previews. */
	track_quality_set offered[PROVIDER_IDS];
	/* The exact forms of the one song that is shown; NULL: not asked for. Borrowed. */
	const struct track_formats *forms;
	bool has_lyrics;   /* it is known that the one song that is shown has some */
	bool can_download; /* the user's policy: CanDownload of songs */
	/* What that user has done with external things; NULL: nothing is known. Borrowed.
	 */
	struct user_view *user;
};

enum { MEDIA_IMAGE_TAG_SIZE = 65 };

/* The form of a song that the user gets when the client plays all of them: the best exact
 * one, else what is certain of the best that the provider has. What nobody knows is 0. */
struct track_format media_facts_form(
	const struct media *media, const struct item_context *context);
/* Are its songs (it may be one) 30 s of them? */
bool media_facts_is_preview(const struct media *media, const struct item_context *context);
/* Name: the title; that of a preview says so. */
void media_facts_put_name(
	json_t *object, const struct media *media, const struct item_context *context);
/* RunTimeTicks: what is served, not what the work lasts; a preview never claims more. An
 * album that does not say its length lasts as long as its songs are known to, which is 0.
 */
int64_t media_facts_ticks(const struct media *media, const struct item_context *context);
/* Path: never a URL, for some players open what it says. `hex` is the item's id. */
void media_facts_put_path(json_t *object, const struct media *media,
	const struct item_context *context, const char *hex);
/* A stable 32-hex id for something derived from `of`. */
void media_facts_put_derived_id(
	json_t *object, const char *name, const char *what, const char *of);
/* What ImageTags says for that picture. */
void media_image_tag(char tag[MEDIA_IMAGE_TAG_SIZE], const char *image_key);

#endif
