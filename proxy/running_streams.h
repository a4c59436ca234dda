/* Running streams: the external streams that listeners of all workers get just now, and
 * what has been stopped from afar.
 *
 * Most clients without a socket of their own hear of no Stop; their stream is cut instead,
 * and refused until they begin anew: another PlaySessionId, a question for PlaybackInfo, a
 * report of a start, or five minutes later, when no player tries any more. Shared between
 * workers behind a lock of its own. A stream belongs to its worker's loop, so it is cut
 * there, by mail.
 */
#ifndef PROXY_RUNNING_STREAMS_H
#define PROXY_RUNNING_STREAMS_H

#include <sys/queue.h>

#include "core/loop.h"
#include "tracker/play.h"

enum { RUNNING_STOPPED_MS = 5 * 60 * 1000 };

struct running_streams;

/* Embedded in a stream; zeroed before. Only running_streams looks inside. */
struct running_stream {
	TAILQ_ENTRY(running_stream) place;
	bool added;
	uint64_t number; /* unique */
	struct loop *loop;
	struct play_session_key key; /* empty: a pass opened it */
	char item_id[33];
	char play_session_id[65];
	void (*cut)(void *arg);
	void *arg;
};

/* What a stream is for. */
struct running_what {
	const struct play_session_key *key; /* NULL: nobody knows */
	const char *item_id;
	const char *play_session_id; /* NULL or "": the request does not say */
};

struct running_streams *running_streams_new(void);
/* When no worker uses it any more. Accepts NULL. */
void running_streams_free(struct running_streams *streams);

/* On the stream's loop, where `cut` is called at most once, from nobody's stack, and not
 * after running_streams_remove. False: it was stopped; nothing was added. */
MUST_CHECK bool running_streams_add(struct running_streams *streams,
	struct running_stream *stream, struct loop *loop, const struct running_what *what,
	void (*cut)(void *arg), void *arg);
/* Harmless when it was not added. */
void running_streams_remove(struct running_streams *streams, struct running_stream *stream);

/* Any thread. Cuts the streams of that play and refuses more. */
void running_streams_stop(struct running_streams *streams, const struct play *play);
/* Any thread. The listener begins that item anew. */
void running_streams_allow(struct running_streams *streams,
	const struct play_session_key *key, const char *item_id);

#endif
