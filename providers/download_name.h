/* Download name: what a downloaded song is called on the listener's disk. Pure; any thread.
 */
#ifndef PROVIDERS_DOWNLOAD_NAME_H
#define PROVIDERS_DOWNLOAD_NAME_H

#include "core/text.h"
#include "providers/media.h"
#include "providers/track_format.h"

/* The value of Content-Disposition: an attachment called "Artist - Title.flac". Characters
 * that some file system refuses become "_", a long name is cut; a name beyond ASCII stands
 * twice (RFC 6266 §4.3, RFC 8187). `song` NULL: nothing is known of it. */
void download_name_add(
	struct text *header, const struct media *song, enum track_quality quality);

#endif
