/* Track piece: a short range of a song's bytes, whole, in memory: for who has to look into
 * them. Belongs to the loop of its worker.
 */
#ifndef PROVIDERS_TRACK_PIECE_H
#define PROVIDERS_TRACK_PIECE_H

#include "providers/track_stream.h"

struct track_piece;

struct track_piece_wish {
	struct external_id id;
	struct track_listener listener;
	track_quality_set qualities;
	int64_t first, last; /* inclusive; fewer come where the song ends */
	size_t most;         /* more bytes than that: ERR_PROTOCOL */
};

/* Borrowed until done returns. */
struct track_piece_bytes {
	const unsigned char *data;
	size_t size;
	int64_t total; /* of the whole song */
	enum track_quality quality;
};

/* `done` fires once, never before this has returned: ERR_NONE with the bytes;
 * ERR_NOT_FOUND also when the song ends before `first`; the errors of a stream;
 * ERR_TIMEOUT when `deadline_ms` (from now) passed first. */
struct track_piece *track_piece_get(struct track_streams *streams,
	const struct track_piece_wish *wish, int64_t deadline_ms,
	void (*done)(void *arg, enum err err, const struct track_piece_bytes *bytes),
	void *arg);
/* Silence. */
void track_piece_cancel(struct track_piece *piece);

#endif
