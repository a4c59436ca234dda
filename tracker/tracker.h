/* Tracker: the one truth about who plays what. Control thread, but for tracker_post.
 *
 * All playback, local and external, through us or past us, enters by one door as reports.
 * The tracker finds or makes the play, moves it (tracker/play: pure), and tells its
 * observers in the order they were added, after the change is complete. Plays are handed
 * out by id and looked up again after every asynchronous step.
 *
 * Key: (server, user, device id, item). Reports are ordered by their receive time and,
 * where sent, the PlaySessionId; a tombstone keeps a late Progress from reviving a stopped
 * play. Silence ends plays by architecture §5.15.
 */
#ifndef TRACKER_TRACKER_H
#define TRACKER_TRACKER_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/loop.h"

enum report_kind { REPORT_START, REPORT_PROGRESS, REPORT_STOP, REPORT_PING };

enum report_source {
	REPORT_EXTERNAL, /* a client's POST about an external item, answered by us */
	REPORT_NATIVE,   /* a client's POST about a local item, after Jellyfin's 2xx */
	REPORT_FEED,     /* seen in /Sessions */
	REPORT_BYTES,    /* the relay saw stream bytes: a sign of life only */
};

/* What is played. Strings are "" when unknown. */
struct play_item {
	char id[33]; /* 32 lower-case hex */
	bool external;
	char type[24]; /* "Audio", "Movie", "Episode" */
	char name[256];
	char album[256];
	char artist[256];
	int64_t runtime_ms; /* 0 unknown */
	/* The whole BaseItemDto as Jellyfin takes it in a report's `Item`; external only,
	 * else NULL. Owned by whoever owns the struct. */
	char *item_json;
};

struct play_session_key {
	char client[128];
	char device_id[256];
	char user_id[33];
};

/* A fact about a play. Plain value; play_report_fini frees item.item_json. */
struct play_report {
	enum report_kind kind;
	enum report_source source;
	int64_t received_ms; /* clock_now_ms when its request was complete */
	int64_t received_wall_ms;
	struct play_session_key key;
	char user_name[128];
	char device[128];
	char version[64];
	char token[256]; /* the client's own, for calls in its name. Secret */
	char address[64];
	char play_session_id[65];
	struct play_item item; /* id may be "" in a Stop: then whatever that device plays */
	int64_t position_ms;   /* -1 not said */
	bool paused;
	bool paused_said;
	bool muted;
	int64_t volume;       /* -1 not said */
	char play_method[16]; /* "DirectPlay", "DirectStream", "Transcode", "" */
	char repeat_mode[16];
	char event_name[24];
	bool failed; /* Stop with Failed=true */
};

void play_report_fini(struct play_report *report);

enum play_state { PLAY_PLAYING, PLAY_PAUSED, PLAY_STOPPED };

/* What observers and the API see. Borrowed until the callback returns. */
struct play {
	uint64_t id;
	enum play_state state;
	struct play_report last; /* the newest report's facts, merged; item is complete */
	int64_t started_ms, started_wall_ms;
	int64_t updated_ms;      /* last sign of life */
	int64_t position_ms;     /* at updated_ms */
	int64_t paused_since_ms; /* -1 when not paused */
	int64_t paused_total_ms; /* without the running pause */
	int64_t report_count;
	bool regular; /* has reported progress by itself: silence of 3 minutes ends it */
};

enum play_change {
	PLAY_STARTED,
	PLAY_PROGRESSED,
	PLAY_PAUSE_BEGAN,
	PLAY_PAUSE_ENDED,
	PLAY_ENDED, /* play.state is PLAY_STOPPED; the play is gone after the callbacks */
};

/* Observers may neither report nor add observers from within. */
struct tracker_observer {
	void (*changed)(void *arg, const struct play *play, enum play_change change);
	void *arg;
};

struct tracker;

/* On the control loop. */
struct tracker *tracker_new(struct loop *loop);
void tracker_free(struct tracker *tracker);
void tracker_observe(struct tracker *tracker, struct tracker_observer observer);

/* The one door. Control thread. `report` is borrowed. */
void tracker_report(struct tracker *tracker, const struct play_report *report);

/* The same from any thread. Takes the report (xmalloc'ed) unless it returns false: no
 * credit left (1024 are under way), answer 503 with Retry-After. */
MUST_CHECK bool tracker_post(struct tracker *tracker, struct play_report *take_report);

/* Position now: extrapolated by the clock while playing, at most the runtime. */
int64_t play_position_now_ms(const struct play *play, int64_t now_ms);

/* Live plays, oldest first: calls `each` for every one. Control thread. */
void tracker_each(const struct tracker *tracker,
	void (*each)(void *arg, const struct play *play), void *arg);
size_t tracker_count(const struct tracker *tracker);
/* NULL when it has ended. */
const struct play *tracker_find(const struct tracker *tracker, uint64_t id);
/* The play of that session that is not stopped, external or native as asked; else NULL. */
const struct play *tracker_find_in_session(
	const struct tracker *tracker, const struct play_session_key *key, bool external);
/* {"id":…, "user":{…}, "item":{…}, "state":…, "positionMs":…, …} for /sidetrack/api/plays.
 */
json_t *play_json_new(const struct play *play, int64_t now_ms);

#endif
