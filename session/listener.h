/* Listener: one session of somebody who plays external music: what Jellyfin was told about
 * it, what it must be told next, and the calls that tell it.
 *
 * Made and found by session/now_playing, which hands on what happens. Everything that
 * happens only wakes the pump; the pump compares (session/playing_step) and makes at most
 * one call at a time, so that calls of a session never overtake each other. Control thread.
 */
#ifndef SESSION_LISTENER_H
#define SESSION_LISTENER_H

#include <sys/queue.h>

#include "session/injected.h"
#include "session/jellyfin.h"
#include "session/playing_step.h"
#include "session/playing_told.h"
#include "session/token.h"
#include "tracker/tracker.h"

#define LISTENER_MAGIC 0x6c73746eu

struct listener;

/* Shared by all listeners; outlives them. */
struct listener_options {
	struct loop *loop;
	struct tracker *tracker;
	struct jellyfin *jellyfin;
	struct token_cache *tokens; /* may be NULL */
	const struct injected_options *injected;
	/* There is nothing left to do: take it out and free it later, unless what it
	 * remembers of its client is worth a place. */
	void (*on_idle)(void *arg, struct listener *listener);
	void *on_idle_arg;
	void (*on_stop_command)(void *arg, const struct play *play);
	void *on_stop_command_arg;
	bool silent;  /* another instance tells, we stop */
	bool healthy; /* Jellyfin is; changes with listener_restore */
	char server_id[33];
};

enum { UNDELIVERED_KEPT = 8 };

/* Commands that nobody could hand to the client. */
struct undelivered {
	int64_t count;
	struct {
		int64_t at_wall_ms;
		char command[32];
	} newest[UNDELIVERED_KEPT]; /* number n is at n % UNDELIVERED_KEPT */
};

struct listener {
	unsigned magic;
	struct listener *next;               /* now_playing's */
	TAILQ_ENTRY(listener) place_of_user; /* session/user_listeners */
	const struct listener_options *options;
	struct injected *injected;
	struct timer wake; /* the pump */

	struct jellyfin_call *call;
	enum playing_step step;      /* what the call is for */
	struct playing_told telling; /* what it says, if it is taken */
	struct playing_told told;
	bool forgotten; /* `told` was forgotten while the call was under way */
	uint64_t announced_id, rejected_id;
	/* Jellyfin may show ours, or nothing, although something local plays. */
	bool restate;
	int64_t answered_ms; /* when Jellyfin last answered what we told of a play */
	char *ended;         /* the body of /Stopped for what ended last; NULL: none has */

	char *capabilities; /* the client's own; NULL: it has posted none that we saw */
	bool capabilities_known; /* … or we have looked */
	bool capabilities_told;  /* Jellyfin has the client's, or ours */
	bool found_posted;       /* looking found that the client had posted some */

	int failures; /* calls in a row that Jellyfin could not take */
	bool failing; /* … or sockets: the alert is raised */
	int64_t not_before_ms;
	struct undelivered *undelivered; /* NULL: every command reached the client */
};

extern const struct injected_ops listener_injected_ops;

struct listener *listener_new(
	const struct listener_options *options, const struct play_session_key *key);
/* Ends all activity: its socket closes, its call is cancelled. */
void listener_stop(struct listener *listener);
void listener_free(struct listener *listener);
const struct play_session_key *listener_key(const struct listener *listener);
/* What it plays now, by us or natively; NULL: nothing of that kind. */
const struct play *listener_find_play(const struct listener *listener, bool external);
/* Something may have to be told: the pump runs in a later turn. */
void listener_wake(struct listener *listener);

void listener_play_changed(
	struct listener *listener, const struct play *play, enum play_change change);
void listener_client_socket(struct listener *listener, enum client_socket what);
/* Copied. */
void listener_set_capabilities(struct listener *listener, const char *full_json);
/* The same from before our time: nobody watched the session since, so Jellyfin is asked
 * whether it still has them. Copied. */
void listener_remember_capabilities(struct listener *listener, const char *full_json);
/* Another instance tells from here on: our socket closes, nothing more is told. What its
 * client has open and has posted is remembered. */
void listener_let_go(struct listener *listener);
/* Jellyfin is healthy again, and may have forgotten everything. */
void listener_restore(struct listener *listener);

/* After a call or a socket failed or went well: raises the alert when they have failed for
 * half a minute although Jellyfin is healthy, once until all is well again or the session
 * has ended. */
void listener_judge(struct listener *listener);

/* It plays nothing and there is nothing to say. */
bool listener_is_idle(const struct listener *listener);
/* Its only socket is ours. */
bool listener_is_lone(const struct listener *listener);
int listener_client_sockets(const struct listener *listener);
enum injected_state listener_state(const struct listener *listener);

#endif
