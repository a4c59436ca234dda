/* Tracker: the one truth about who plays what. Control thread, but for tracker_post.
 *
 * All playback, local and external, through us or past us, enters by one door as reports.
 * The tracker finds or makes the play, moves it (tracker/play: pure), and tells its
 * observers in the order they were added, after the change is complete. Plays are handed
 * out by id and looked up again after every asynchronous step.
 *
 * Key: (server, user, device id, item). A session plays one item at a time: a report of
 * another item ends the old play, whether its client says so or not. Reports are ordered by
 * their receive time and, where sent, the PlaySessionId; a tombstone keeps a late Progress
 * from reviving a stopped play. Silence ends plays by architecture §5.15.
 *
 * What a session's reports do (A live, unless said otherwise):
 *   Start A again          same PlaySessionId or none: progress; another: A ends, A begins
 *   Start or Progress B    A ends, B begins
 *   Progress B, none live  B begins (Progress without Start)
 *   Progress of a stopped  dropped when it was received before the Stop; for 10 s after it;
 *   item, no Start between with the Stop's PlaySessionId for 5 minutes
 *   Progress of an item    dropped as long as the session remembers it
 *   stopped from afar
 *   Stop A, Stop           A ends; a Stop without an item means whatever plays
 *   Stop B                 nothing but a tombstone
 *   Start or Progress of another user's on the same client and device: A ends (for Jellyfin
 *                          it is one session, and it has changed hands)
 *   native report, not    whatever it says, Jellyfin has taken it: PLAY_OVERWRITTEN
 *   about external A
 *   anything older than the newest report of that session: dropped
 *
 * The feed tells again what Jellyfin was told, so most of it has come through us already:
 *   Start or Progress      of what plays: its facts are taken. It moves the play, or begins
 *                          another, only when it was said 2 s after everything that came
 *                          through us: then its client speaks past us
 *   Stop (it is gone from  ends what began past us, or whose client spoke past us last;
 *   /Sessions)             what we hear of ourselves goes on, its own silence ends it
 *   Ping (it is there)     a sign of life, as long as the feed sees it
 */
#ifndef TRACKER_TRACKER_H
#define TRACKER_TRACKER_H

#include <stdbool.h>
#include <stdint.h>

#include "core/loop.h"
#include "core/metrics.h"
#include "tracker/play.h"

/* Observers may neither report nor add observers from within. */
struct tracker_observer {
	void (*changed)(void *arg, const struct play *play, enum play_change change);
	void *arg;
};

struct tracker;

/* On the control loop. */
struct tracker *tracker_new(struct loop *loop);
/* Nobody posts any more; posted reports that were not handled are dropped by the loop.
 * Accepts NULL. */
void tracker_free(struct tracker *tracker);
void tracker_observe(struct tracker *tracker, struct tracker_observer observer);

/* The one door. Control thread. `report` is borrowed. */
void tracker_report(struct tracker *tracker, const struct play_report *report);
/* Who stands at the door: asked about every report before anything is done with it. False:
 * it is not for this tracker, or not yet; then the doorman has copied what it needs, and
 * gives it back through tracker_admit, which asks nobody. Not from within an observer. */
void tracker_set_door(struct tracker *tracker,
	bool (*admits)(void *arg, const struct play_report *report), void *arg);
void tracker_admit(struct tracker *tracker, const struct play_report *report);

/* The same from any thread. Takes the report (xmalloc'ed) unless it returns false: no
 * credit left (1024 are under way), answer 503 with Retry-After. */
MUST_CHECK bool tracker_post(struct tracker *tracker, struct play_report *take_report);

/* What the item of a live play is called, learnt after it began: fills what is unknown and
 * tells the observers as progress. Nothing when the play has ended. Not from within an
 * observer. */
void tracker_describe(struct tracker *tracker, uint64_t id, const struct play_item *item);

/* Live plays, oldest first: calls `each` for every one. Control thread. */
void tracker_each(const struct tracker *tracker,
	void (*each)(void *arg, const struct play *play), void *arg);
size_t tracker_count(const struct tracker *tracker);
/* Asked when a play has been silent for its time: is its client's socket open? Wired by
 * program/; without it sockets are no sign of life. */
void tracker_set_alive(struct tracker *tracker,
	bool (*alive)(void *arg, const struct play_session_key *key), void *arg);
/* Ends what that session plays, if anything: its token was refused, or it was killed. Not
 * from within an observer. */
void tracker_end_session(struct tracker *tracker, const struct play_session_key *key);
/* A play that an earlier process or another instance has followed; its times are those of
 * this process's clock, its id is given anew. False, and nothing happens, when its session
 * plays something already, has heard of something newer, or belongs to another user of the
 * device by now. Not from within an observer. */
bool tracker_restore(struct tracker *tracker, const struct play *play);
/* Another instance follows what that device plays from here on, whoever its user is:
 * PLAY_LEFT instead of PLAY_ENDED. Not from within an observer. */
void tracker_leave(struct tracker *tracker, const char *device_id);
/* The same, told to stop from afar, which its client may not know: its reports of progress
 * are dropped until it begins anew. */
void tracker_stop_session(struct tracker *tracker, const struct play_session_key *key);
/* NULL when it has ended. */
const struct play *tracker_find(const struct tracker *tracker, uint64_t id);
/* The play of that session that is not stopped, external or native as asked; else NULL. */
const struct play *tracker_find_in_session(
	const struct tracker *tracker, const struct play_session_key *key, bool external);

/* Does another user play on the same client and device? */
bool tracker_device_has_other_user(
	const struct tracker *tracker, const struct play_session_key *key);

extern const struct metric_row tracker_metrics[];
extern const size_t tracker_metric_count;

#endif
