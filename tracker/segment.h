/* Segment: one play as history keeps it: its facts and figures at a moment, made on the
 * control thread and written on the store's. Pure; any thread.
 */
#ifndef TRACKER_SEGMENT_H
#define TRACKER_SEGMENT_H

#include "tracker/play.h"

/* Of what people count apart. The numbers are in the database. */
enum segment_kind {
	SEGMENT_MOVIE,
	SEGMENT_EPISODE,
	SEGMENT_TRACK,
	SEGMENT_LIVE,  /* television */
	SEGMENT_OTHER, /* photos, trailers, books, … */
	SEGMENT_KINDS,
};

struct segment {
	struct play_session_key key;
	char user_name[128];
	char device[128];
	char version[64];
	char address[64];
	char session_id[33];
	struct play_item item; /* without item_json */
	enum segment_kind kind;
	bool open; /* it may still grow */
	/* Wall clock. Of what is open: so far. */
	int64_t started_ms, stopped_ms;
	int64_t played_ms, paused_ms;
	int64_t first_position_ms, position_ms;
	bool watched;
	bool forced;       /* it fell silent; nobody has said that it stopped */
	char ended_by[24]; /* "" while open */
	int category;      /* enum peak_category */
	int64_t bitrate;   /* bits per second; 0 unknown */
	char *details;     /* play_stream as JSON; never NULL. Owned */
};

/* What is known of it at that moment, of the monotonic clock. */
struct segment *segment_new(const struct play *play, int64_t now_ms);
/* Accepts NULL. */
void segment_free(struct segment *segment);

enum segment_kind segment_kind_of(const char *type);
/* "movie", "episode", "track", "live", "other" */
const char *segment_kind_name(enum segment_kind kind);

#endif
