/* Playing step: what to tell Jellyfin next about one session. Pure; any thread.
 *
 * Nothing is queued: what Jellyfin was told is compared with what is true now, so that
 * reports are coalesced to the newest by themselves, and a failed call is made again with
 * whatever is true by then. One call is under way per session, so order is kept.
 */
#ifndef SESSION_PLAYING_STEP_H
#define SESSION_PLAYING_STEP_H

#include <stdbool.h>
#include <stdint.h>

enum {
	PLAYING_EVERY_MS = 10 * 1000,     /* progress, while the client reports */
	PLAYING_HEARTBEAT_MS = 25 * 1000, /* … and when it does not: Jellyfin wants 30 s */
};

/* Everything the decision rests on. */
struct playing_view {
	bool calling;     /* a call is under way */
	bool down;        /* Jellyfin is not healthy, or a retry is not due yet */
	uint64_t play_id; /* the external play of the session, 0: none */
	bool native;      /* a native play runs in the session */
	bool replaced;    /* … or the session belongs to another user of the device now */
	uint64_t told_id; /* the play that Jellyfin shows by our word, 0: none */
	uint64_t announced_id;   /* the last play whose start Jellyfin has taken */
	uint64_t rejected_id;    /* the last play Jellyfin would not take */
	bool capabilities_known; /* whether the client has posted its own */
	bool capabilities_told;  /* Jellyfin has what it needs */
	bool changed;            /* pause, seek, volume, … since Jellyfin was told */
	bool reported;           /* the client has reported since */
	bool restate;            /* Jellyfin may show ours although a native play runs */
	int64_t since_told_ms;
};

enum playing_step {
	PLAYING_NOTHING,
	PLAYING_LOOK,         /* GET /Sessions: has the client posted capabilities? */
	PLAYING_CAPABILITIES, /* POST what the client posted, else ours */
	PLAYING_START,
	PLAYING_PROGRESS,
	PLAYING_STOPPED,
	PLAYING_WITHDRAW, /* forget what we told: something else has replaced it */
	PLAYING_RESTATE,  /* Progress of the native play, which ours may have overwritten */
};

/* `*wait_ms`: for PLAYING_NOTHING, when to ask again if nothing happens; -1: not at all. */
enum playing_step playing_next(const struct playing_view *view, int64_t *wait_ms);
const char *playing_step_name(enum playing_step step);

#endif
