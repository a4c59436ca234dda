/* External id: the id by which clients know a provider's song, album, artist, playlist.
 *
 * 16 bytes written as 32 lower-case hex, reversible and without state (layout and vectors:
 * data/vectors/ids32_proposal.json): 65787401 | provider<<4|type | format<<4|length |
 * 80-bit big-endian payload. Pure; any thread.
 */
#ifndef PROVIDERS_EXTERNAL_ID_H
#define PROVIDERS_EXTERNAL_ID_H

#include <stdbool.h>

#include "core/text.h"

enum provider_id { PROVIDER_DEEZER = 1, PROVIDER_QOBUZ = 2 };

/* For arrays by enum provider_id. */
enum { PROVIDER_IDS = PROVIDER_QOBUZ + 1 };

enum media_kind {
	MEDIA_SONG = 1,
	MEDIA_ALBUM = 2,
	MEDIA_ARTIST = 3,
	MEDIA_PLAYLIST = 4,
	MEDIA_GENRE = 5,
};

enum { EXTERNAL_ID_HEX = 33, EXTERNAL_ID_KEY = 24 };

struct external_id {
	enum provider_id provider;
	enum media_kind kind;
	char key[EXTERNAL_ID_KEY]; /* the provider's own id: "3135556", "0603497941032" */
};

/* Accepts 32 hex of either case, with dashes or without, and the aliases
 * ext-<provider>-<type>-<id>, ext-<provider>-<id> (a song), pl-<provider>-<id>. False for
 * everything else, among it ids that are not canonical. */
MUST_CHECK bool external_id_parse(struct external_id *id, struct slice text);
/* False when the key cannot be encoded (not a number, longer than 15, other characters). */
MUST_CHECK bool external_id_format(char hex[EXTERNAL_ID_HEX], const struct external_id *id);
bool external_id_equal(const struct external_id *a, const struct external_id *b);
const char *provider_name(enum provider_id provider);  /* "deezer" */
const char *provider_title(enum provider_id provider); /* "Deezer" */
const char *media_kind_name(enum media_kind kind);     /* "song" */
/* A stable 32-hex id of the same space for things known by name (genres, studios): ASCII
 * case of `name` does not matter. It belongs to no provider, so external_id_parse says
 * no. */
void external_id_of_name(char hex[EXTERNAL_ID_HEX], const char *what, const char *name);

#endif
