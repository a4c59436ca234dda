/* Play: what a report says, what a play is, and how the one moves the other. Pure: no loop,
 * no clock but the times given; any thread.
 *
 *   begin ──> PLAYING <──pause/unpause──> PAUSED
 *                └────────── end ──────────┴──> STOPPED
 *
 * All durations are monotonic milliseconds as the reports carry them (received_ms), so that
 * a report that waited in a mailbox counts from when it arrived.
 */
#ifndef TRACKER_PLAY_H
#define TRACKER_PLAY_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "tracker/identity.h"
#include "tracker/play_item.h"
#include "tracker/play_key.h"
#include "tracker/play_stream.h"

enum report_kind { REPORT_START, REPORT_PROGRESS, REPORT_STOP, REPORT_PING };

enum report_source {
	REPORT_EXTERNAL, /* a client's POST about an external item, answered by us */
	REPORT_NATIVE,   /* a client's POST about a local item, after Jellyfin's 2xx */
	REPORT_FEED,     /* seen in /Sessions: what its client told Jellyfin, and when */
	REPORT_BYTES,    /* the relay saw stream bytes: a sign of life only */
};

/* A fact about a play. Plain value; play_report_fini frees item.item_json and queue_json.
 */
struct play_report {
	enum report_kind kind;
	enum report_source source;
	/* clock_now_ms when its request was complete; of the feed: when the client told
	 * Jellyfin, on our clock, rather too early than too late. */
	int64_t received_ms;
	int64_t received_wall_ms;
	struct play_session_key key;
	char user_name[128];
	char device[128];
	char version[64];
	char token[256]; /* the client's own, for calls in its name. Secret */
	char address[64];
	char play_session_id[65];
	char session_id[33];       /* Jellyfin's, for commands; the feed's only */
	struct play_stream stream; /* the feed's only */
	struct play_item item; /* id may be "" in a Stop: then whatever that device plays */
	int64_t position_ms;   /* -1 not said */
	bool paused;
	bool paused_said;
	int64_t paused_at_ms; /* when the pause began, on our clock; 0 not said */
	bool muted;
	bool muted_said;
	int64_t volume;       /* -1 not said */
	char play_method[16]; /* "DirectPlay", "DirectStream", "Transcode", "" */
	char repeat_mode[16];
	char playback_order[16];
	char playlist_item_id[65]; /* which entry of the queue it is */
	char event_name[24];
	bool failed; /* Stop with Failed=true */
	/* [{"Id": …, "PlaylistItemId": …}] with normal ids, of external items only; NULL
	 * when not said. Owned. */
	char *queue_json;
};

void play_report_fini(struct play_report *report);
/* A copy that owns its texts. */
void play_report_copy(struct play_report *to, const struct play_report *report);

/* Who reported, for calls in its name. */
void play_report_identity(struct identity *identity, const struct play_report *report);

enum play_state { PLAY_PLAYING, PLAY_PAUSED, PLAY_STOPPED };

/* What observers and the API see. Borrowed until the callback returns. */
struct play {
	uint64_t id;
	enum play_state state;
	struct play_report last; /* the newest report's facts, merged; item is complete */
	int64_t started_ms, started_wall_ms;
	int64_t heard_ms;          /* last report that came through us; 0 none yet */
	int64_t fed_ms;            /* when the feed last saw it; 0 not, or no longer */
	int64_t updated_ms;        /* last sign of life */
	int64_t position_ms;       /* at updated_ms */
	int64_t first_position_ms; /* where it began, as first said; 0 until then */
	int64_t paused_since_ms;   /* -1 when not paused */
	int64_t paused_total_ms;   /* without the running pause */
	int64_t report_count;
	int64_t quiet_progress_count; /* progress that only said "still playing" */
	bool regular; /* has reported progress by itself: silence of 3 minutes ends it */
	/* Older than 30 s, so that it counts: what is gone before was a skip. */
	bool confirmed;
	bool position_said; /* first_position_ms is */
	char ended_by[24];  /* "" while it lasts: "stop", "silence", "track_change", … */
};

enum play_change {
	PLAY_STARTED,
	PLAY_PROGRESSED,
	PLAY_PAUSE_BEGAN,
	PLAY_PAUSE_ENDED,
	/* Nothing has changed, but Jellyfin took a native report meanwhile that is not
	 * about this external play: what it shows of the session may be wrong now. */
	PLAY_OVERWRITTEN,
	PLAY_CONFIRMED, /* it has lasted for 30 s, paused or not */
	PLAY_ENDED, /* play.state is PLAY_STOPPED; the play is gone after the callbacks */
	/* It began before this program did, or in another instance: known from here on, but
	 * no beginning. */
	PLAY_RESTORED,
	/* Another instance follows it from here on: gone after the callbacks, but no end.
	 */
	PLAY_LEFT,
};

/* Silence (architecture §5.15). */
enum {
	PLAY_PENDING_MS = 30 * 1000,
	PLAY_REGULAR_SILENCE_MS = 3 * 60 * 1000,
	PLAY_RUNTIME_GRACE_MS = 50 * 1000,
	/* A play that the feed has seen, since it last was seen. */
	PLAY_FEED_SILENCE_MS = 5 * 60 * 1000,
	/* A paused play without any sign of life, and the most a pause lasts. */
	PLAY_PAUSED_SILENCE_MS = 30 * 60 * 1000,
	PLAY_PAUSED_MOST_MS = 4 * 3600 * 1000,
};

/* A zeroed play, from its first report (whatever its kind but Stop and Ping). */
void play_begin(struct play *play, uint64_t id, const struct play_report *report);
/* Start or progress of the same item, not older than play->last. */
enum play_change play_apply(struct play *play, const struct play_report *report);
/* What the report says of its item, device and stream, and nothing that moves the play:
 * it is not known to be newer than play->last. */
void play_describe(struct play *play, const struct play_report *report);
/* Has it lasted long enough to count? */
bool play_is_due(const struct play *play, int64_t now_ms);
/* A sign of life that says nothing else. */
void play_touch(struct play *play, int64_t now_ms);
/* `position_ms` -1: extrapolated. Closes a running pause. */
void play_end(struct play *play, int64_t now_ms, int64_t position_ms);
void play_fini(struct play *play);
/* A copy that owns its texts. */
void play_copy(struct play *to, const struct play *play);

/* Position now: extrapolated by the clock while playing, at most the runtime. */
int64_t play_position_now_ms(const struct play *play, int64_t now_ms);
/* All pauses so far, the running one included. */
int64_t play_paused_ms(const struct play *play, int64_t now_ms);
/* When silence ends it, if nothing more is heard. `alive`: its client's socket is open.
 * What the feed still sees goes on, whatever came through us (architecture §5.15). */
int64_t play_silence_due_ms(const struct play *play, bool alive);

/* When a play that silence ends is believed to have stopped: no later than its client was
 * heard of, or its runtime was over. */
int64_t play_silent_since_ms(const struct play *play, int64_t now_ms);

/* {"id":…, "user":{…}, "item":{…}, "state":…, "positionMs":…, …} for /sidetrack/api/plays.
 */
json_t *play_json_new(const struct play *play, int64_t now_ms);
const char *play_state_name(enum play_state state);

#endif
