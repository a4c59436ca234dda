#include "providers/playlist_turns.h"

#include <pthread.h>
#include <string.h>
#include <sys/queue.h>

#include "providers/playlist_order.h"

struct playlist_turn {
	struct message message; /* to its loop: it is your turn */
	TAILQ_ENTRY(playlist_turn) link;
	struct playlist_turns *turns;
	struct loop *loop;
	char playlist[PLAYLIST_ID_HEX];
	/* Guarded by the turns' mutex. */
	bool queued;
	bool mailed; /* the message is on its way */
	bool left;   /* freed when the message arrives */
	/* Its loop's. */
	struct timer deadline;
	void (*done)(void *arg, enum err err);
	void *arg;
};

struct playlist_turns {
	pthread_mutex_t mutex;             /* guards what follows */
	TAILQ_HEAD(, playlist_turn) queue; /* of all playlists */
};

struct playlist_turns *
playlist_turns_new(void)
{
	struct playlist_turns *turns = xcalloc(1, sizeof *turns);

	pthread_mutex_init(&turns->mutex, NULL);
	TAILQ_INIT(&turns->queue);
	return turns;
}

void
playlist_turns_free(struct playlist_turns *turns)
{
	if (turns == NULL)
		return;
	assert(TAILQ_EMPTY(&turns->queue));
	pthread_mutex_destroy(&turns->mutex);
	xfree(turns);
}

static void
tell(struct playlist_turn *turn, enum err err)
{
	void (*done)(void *arg, enum err err) = turn->done;

	timer_stop(&turn->deadline);
	turn->done = NULL;
	if (done != NULL)
		done(turn->arg, err);
}

static void
on_turn(struct message *message)
{
	struct playlist_turn *turn = CONTAINER_OF(message, struct playlist_turn, message);

	pthread_mutex_lock(&turn->turns->mutex);
	bool left = turn->left;
	turn->mailed = false;
	pthread_mutex_unlock(&turn->turns->mutex);
	if (left)
		xfree(turn);
	else
		tell(turn, ERR_NONE);
}

/* The first of a playlist is told. The mutex is held. */
static void
mail_first(struct playlist_turns *turns, const char *playlist)
{
	struct playlist_turn *turn;

	TAILQ_FOREACH (turn, &turns->queue, link) {
		if (strcmp(turn->playlist, playlist) == 0) {
			turn->mailed = true;
			loop_post(turn->loop, &turn->message, on_turn);
			return;
		}
	}
}

static void
on_deadline(void *arg)
{
	tell(arg, ERR_BUSY);
}

static size_t
count_queued(const struct playlist_turns *turns, const char *playlist)
{
	const struct playlist_turn *turn;
	size_t count = 0;

	TAILQ_FOREACH (turn, &turns->queue, link)
		count += strcmp(turn->playlist, playlist) == 0;
	return count;
}

struct playlist_turn *
playlist_turn_wait(struct playlist_turns *turns, struct loop *loop, const char *playlist,
	int64_t deadline_ms, void (*done)(void *arg, enum err err), void *arg)
{
	struct playlist_turn *turn = xcalloc(1, sizeof *turn);

	turn->turns = turns;
	turn->loop = loop;
	turn->done = done;
	turn->arg = arg;
	copy_text(turn->playlist, sizeof turn->playlist, playlist);
	timer_init(&turn->deadline, loop, on_deadline, turn);
	pthread_mutex_lock(&turns->mutex);
	size_t before = count_queued(turns, playlist);
	if (before <= PLAYLIST_TURNS_MOST) {
		TAILQ_INSERT_TAIL(&turns->queue, turn, link);
		turn->queued = true;
		if (before == 0)
			mail_first(turns, playlist);
	}
	pthread_mutex_unlock(&turns->mutex);
	timer_start(&turn->deadline, turn->queued ? deadline_ms : 0);
	return turn;
}

void
playlist_turn_leave(struct playlist_turn *turn)
{
	if (turn == NULL)
		return;
	struct playlist_turns *turns = turn->turns;
	assert(loop_is_mine(turn->loop));
	timer_stop(&turn->deadline);
	turn->done = NULL;
	pthread_mutex_lock(&turns->mutex);
	if (turn->queued) {
		const struct playlist_turn *first = TAILQ_FIRST(&turns->queue);
		while (strcmp(first->playlist, turn->playlist) != 0)
			first = TAILQ_NEXT(first, link);
		TAILQ_REMOVE(&turns->queue, turn, link);
		if (first == turn)
			mail_first(turns, turn->playlist);
	}
	turn->left = turn->mailed;
	bool freed = !turn->mailed;
	pthread_mutex_unlock(&turns->mutex);
	if (freed)
		xfree(turn);
}
