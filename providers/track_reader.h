/* Track reader: who takes a song's bytes from a copy (providers/track_copy.h), at a pace of
 * its own, from anywhere in the song. Belongs to its loop.
 */
#ifndef PROVIDERS_TRACK_READER_H
#define PROVIDERS_TRACK_READER_H

#include "providers/track_copy.h"

struct track_reader;

enum track_step {
	TRACK_STEP_PART, /* bytes */
	TRACK_STEP_WAIT, /* `wake` will be called when there may be more */
	/* They will not come here, or not soon: somebody has to fetch them. */
	TRACK_STEP_ELSEWHERE,
	TRACK_STEP_FAILED,
};

struct track_part {
	const unsigned char *data;
	size_t size;
	enum err err;              /* TRACK_STEP_FAILED */
	struct track_block *block; /* who holds the bytes: one of the two */
	void *memory;
};

/* Holds a reference. `wake` is called on `loop`, never from within a call of the reader's.
 */
struct track_reader *track_reader_new(
	struct track_copy *copy, struct loop *loop, void (*wake)(void *arg), void *arg);
/* Silence. Accepts NULL. */
void track_reader_free(struct track_reader *reader);
/* What is there from `at` on (of a song whose head is known; at < total). With
 * TRACK_STEP_PART the part must be given back. */
enum track_step track_reader_next(
	struct track_reader *reader, int64_t at, struct track_part *part);
void track_part_free(struct track_part *part);
/* Has TRACK_STEP_PART a chance right now? For who fetches elsewhere meanwhile. */
bool track_reader_may(struct track_reader *reader, int64_t at);
/* `wake` will be called soon, from nobody's stack. */
void track_reader_yield(struct track_reader *reader);

/* ---- decided by numbers alone ---- */

enum track_copy_state {
	TRACK_COPY_OPENING,
	TRACK_COPY_FILLING,
	TRACK_COPY_STORED,
	TRACK_COPY_WHOLE,
	TRACK_COPY_FAILED,
};

/* How far a copy is. Bytes below `stored` can be read from the file, those from
 * `memory_first` to `filled` from memory. */
struct track_levels {
	enum track_copy_state state;
	int64_t stored, memory_first, filled;
};

enum track_where {
	TRACK_IN_MEMORY,
	TRACK_IN_FILE,
	TRACK_TO_COME,
	TRACK_ELSEWHERE,
	TRACK_LOST, /* it has failed, and the byte is not among those that came */
};

/* Where is that byte? */
enum track_where track_levels_find(const struct track_levels *levels, int64_t at);

#endif
