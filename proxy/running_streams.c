#include "proxy/running_streams.h"

#include <pthread.h>
#include <string.h>

#include "core/clock.h"
#include "core/log.h"

enum { STOPPED_KEPT = 256 };

/* A play that was stopped. */
struct stopped {
	struct play_session_key key;
	char item_id[33]; /* "" = unused */
	char play_session_id[65];
	int64_t at_ms;
};

struct running_streams {
	pthread_mutex_t mutex; /* guards what follows */
	TAILQ_HEAD(, running_stream) list;
	uint64_t last_number;
	struct stopped stopped[STOPPED_KEPT];
	size_t next_stopped; /* the oldest, which makes room */
};

/* A cut on its way to a stream's loop. */
struct cutting {
	struct message message;
	struct running_streams *streams;
	uint64_t number;
};

struct running_streams *
running_streams_new(void)
{
	struct running_streams *streams = xcalloc(1, sizeof *streams);

	pthread_mutex_init(&streams->mutex, NULL);
	TAILQ_INIT(&streams->list);
	return streams;
}

void
running_streams_free(struct running_streams *streams)
{
	if (streams == NULL)
		return;
	assert(TAILQ_EMPTY(&streams->list));
	pthread_mutex_destroy(&streams->mutex);
	xfree(streams);
}

/* ---- what belongs to what ---- */

/* Are they of one play? Play sessions tell when both have one, else the session does. */
static bool
same_play(const struct play_session_key *key, const char *play_session_id,
	const struct play_session_key *other_key, const char *other_play_session_id)
{
	bool said = play_session_id[0] != '\0' && other_play_session_id[0] != '\0';

	if (said && strcmp(play_session_id, other_play_session_id) == 0)
		return true;
	return !said && key->user_id[0] != '\0' && play_session_key_equal(key, other_key);
}

static bool
is_stopped(const struct stopped *stopped, const struct running_stream *stream)
{
	return strcmp(stopped->item_id, stream->item_id) == 0 &&
	       clock_now_ms() - stopped->at_ms < RUNNING_STOPPED_MS &&
	       same_play(&stream->key, stream->play_session_id, &stopped->key,
		       stopped->play_session_id);
}

/* ---- the workers' side ---- */

bool
running_streams_add(struct running_streams *streams, struct running_stream *stream,
	struct loop *loop, const struct running_what *what, void (*cut)(void *arg),
	void *arg)
{
	bool allowed = true;

	stream->loop = loop;
	stream->cut = cut;
	stream->arg = arg;
	if (what->key != NULL)
		stream->key = *what->key;
	copy_text(stream->item_id, sizeof stream->item_id, what->item_id);
	copy_text(stream->play_session_id, sizeof stream->play_session_id,
		what->play_session_id);
	pthread_mutex_lock(&streams->mutex);
	for (size_t i = 0; i < STOPPED_KEPT && allowed; i++)
		allowed = !is_stopped(&streams->stopped[i], stream);
	if (allowed) {
		stream->added = true;
		stream->number = ++streams->last_number;
		TAILQ_INSERT_TAIL(&streams->list, stream, place);
	}
	pthread_mutex_unlock(&streams->mutex);
	return allowed;
}

void
running_streams_remove(struct running_streams *streams, struct running_stream *stream)
{
	if (!stream->added)
		return;
	pthread_mutex_lock(&streams->mutex);
	TAILQ_REMOVE(&streams->list, stream, place);
	pthread_mutex_unlock(&streams->mutex);
	stream->added = false;
}

/* On the stream's loop: it is removed on this thread only, so it cannot go meanwhile. */
static void
on_cutting(struct message *message)
{
	struct cutting *cutting = CONTAINER_OF(message, struct cutting, message);
	struct running_streams *streams = cutting->streams;
	struct running_stream *stream;

	pthread_mutex_lock(&streams->mutex);
	TAILQ_FOREACH (stream, &streams->list, place) {
		if (stream->number == cutting->number)
			break;
	}
	pthread_mutex_unlock(&streams->mutex);
	xfree(cutting);
	if (stream != NULL)
		stream->cut(stream->arg);
}

/* ---- anybody's ---- */

/* With the mutex held. */
static void
cut(struct running_streams *streams, const struct running_stream *stream)
{
	struct cutting *cutting = xcalloc(1, sizeof *cutting);

	cutting->streams = streams;
	cutting->number = stream->number;
	loop_post(stream->loop, &cutting->message, on_cutting);
}

void
running_streams_stop(struct running_streams *streams, const struct play *play)
{
	struct stopped stopped = { .key = play->last.key, .at_ms = clock_now_ms() };
	struct running_stream *stream;
	size_t count = 0;

	copy_text(stopped.item_id, sizeof stopped.item_id, play->last.item.id);
	copy_text(stopped.play_session_id, sizeof stopped.play_session_id,
		play->last.play_session_id);
	pthread_mutex_lock(&streams->mutex);
	streams->stopped[streams->next_stopped] = stopped;
	streams->next_stopped = (streams->next_stopped + 1) % STOPPED_KEPT;
	TAILQ_FOREACH (stream, &streams->list, place) {
		if (!is_stopped(&stopped, stream))
			continue;
		cut(streams, stream);
		count++;
	}
	pthread_mutex_unlock(&streams->mutex);
	log_info("streams_cut", LOG_NUMBER("play", play->id), LOG_NUMBER("streams", count));
}

void
running_streams_allow(struct running_streams *streams, const struct play_session_key *key,
	const char *item_id)
{
	pthread_mutex_lock(&streams->mutex);
	for (size_t i = 0; i < STOPPED_KEPT; i++) {
		struct stopped *stopped = &streams->stopped[i];
		if (strcmp(stopped->item_id, item_id) == 0 &&
			play_session_key_equal(&stopped->key, key))
			stopped->item_id[0] = '\0';
	}
	pthread_mutex_unlock(&streams->mutex);
}
