/* Feed diff: what one look at a server's sessions says that the looks before did not, as
 * reports for the tracker. Pure; one thread.
 *
 * A look is the whole list, polled or pushed. For each session that plays, in order:
 *   not seen before, or another item      Start
 *   its client has reported since, or a   Progress
 *   pause, how it is served or the
 *   session's id changed
 *   it was at its end and is at its       Stop, then Start: the same item once more
 *   beginning, by a new report
 *   always, last                          Ping: it is there
 * and for each that is gone: nothing at first, Stop when it is still gone GRACE later.
 *
 * Reports are dated when the client made them (session/server_clock), with the position of
 * that time, so the tracker can put them in order with what came through us. Answers that
 * overtook each other are known by their check-ins. What we show in Jellyfin ourselves is
 * no news: sessions that play an item of ours count as playing nothing.
 */
#ifndef SESSION_FEED_DIFF_H
#define SESSION_FEED_DIFF_H

#include "session/feed_sessions.h"
#include "session/server_clock.h"

enum { FEED_GRACE_MS = 2000 };

struct feed_diff;

struct feed_diff_options {
	const char *server; /* for the keys; copied */
	/* Is that item one of ours, which Jellyfin shows because we told it to? NULL: none
	 * is. */
	bool (*is_ours)(void *arg, const char *item_id);
	void *is_ours_arg;
	/* The report is borrowed until the call returns. */
	void (*report)(void *arg, const struct play_report *report);
	void *report_arg;
};

struct feed_look {
	int64_t asked_ms; /* clock_now_ms; of a push: when it came */
	int64_t came_ms, came_wall_ms;
	/* The server has lost its memory not long ago: what is gone may come back with its
	 * client's next report, and is not counted as gone. */
	bool forgetful;
};

struct feed_diff *feed_diff_new(const struct feed_diff_options *options);
/* Reports nothing. Accepts NULL. */
void feed_diff_free(struct feed_diff *diff);

void feed_diff_apply(struct feed_diff *diff, const struct feed_sessions *sessions,
	const struct server_clock *clock, const struct feed_look *look);

/* Sessions that play, or did until a moment ago. */
size_t feed_diff_count(const struct feed_diff *diff);

#endif
