/* Track file: how a song lies on the disk, and what its file's name says.
 *
 * A file is the song's bytes, a sum of each 64 KB of them, and a footer. Its name tells
 * whose it is and how long the song is; `.part` follows while it grows. A file whose length
 * is not what its name says, whose footer is not whole, or a block of which has another sum
 * is damaged, and nobody gets it. Pure; any thread.
 */
#ifndef PROVIDERS_TRACK_FILE_H
#define PROVIDERS_TRACK_FILE_H

#include "core/text.h"
#include "providers/external_id.h"
#include "providers/track_format.h"

enum {
	TRACK_BLOCK = 64 * 1024,
	TRACK_FOOTER = 64,
	TRACK_FILE_NAME = 160,
};

/* Whose bytes: those that one account may hear are not another's. */
struct track_key {
	enum provider_id provider;
	char song[EXTERNAL_ID_KEY];
	uint64_t account; /* a hash of the account's name */
};

struct track_file {
	struct track_key key;
	enum track_quality quality;
	/* What was wished when this came: of these nothing better was to be had. */
	track_quality_set wished;
	int64_t total;   /* bytes of the song */
	uint64_t serial; /* of two files of one song the later has the higher */
};

bool track_key_equal(const struct track_key *a, const struct track_key *b);

/* "deezer.3135556.flac.<wished>.<account>.<total>.<serial>.track"; `.part` behind it while
 * the length is not known to be there: then the total may be 0. */
void track_file_name(char name[TRACK_FILE_NAME], const struct track_file *file, bool part);
/* False for everything that track_file_name does not write for a whole file. */
MUST_CHECK bool track_file_parse(struct track_file *file, const char *name);

size_t track_file_blocks(int64_t total);
/* Of the whole file, sums and footer included. */
int64_t track_file_size(int64_t total);
/* Finds every flipped bit; no help against somebody who writes to our folder. */
uint64_t track_file_sum(const void *data, size_t size);

/* What follows the song's bytes: the sums and the footer. `sums` has track_file_blocks
 * (format->size) of them. Caller xfree()s. */
unsigned char *track_file_trailer_new(
	const struct track_format *format, const uint64_t *sums, size_t *size);
/* The other way: checks it against `total`, fills `sums` and `format`. */
MUST_CHECK bool track_file_read_trailer(const unsigned char *trailer, size_t size,
	int64_t total, struct track_format *format, uint64_t *sums);

#endif
