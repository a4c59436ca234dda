#include "providers/track_limits.h"

#include <pthread.h>
#include <string.h>
#include <sys/queue.h>

#include "core/clock.h"
#include "providers/track_metrics.h"

enum { DAY_MS = 24 * 60 * 60 * 1000 };

/* A song of a user: requests of it that run, and when it was fetched last. */
struct listened {
	TAILQ_ENTRY(listened) link;
	struct external_id song;
	int requests;
	int64_t fetched_ms; /* 0: not in the last day */
};

struct listening_user {
	TAILQ_ENTRY(listening_user) link;
	char id[33];
	TAILQ_HEAD(, listened) songs; /* in the order of fetching */
};

struct track_limits {
	struct track_limits_options options;
	pthread_mutex_t mutex; /* guards what follows */
	TAILQ_HEAD(, listening_user) users;
};

struct track_limits *
track_limits_new(const struct track_limits_options *options)
{
	struct track_limits *limits = xcalloc(1, sizeof *limits);

	limits->options = *options;
	pthread_mutex_init(&limits->mutex, NULL);
	TAILQ_INIT(&limits->users);
	return limits;
}

static void
forget_song(struct listening_user *user, struct listened *song)
{
	TAILQ_REMOVE(&user->songs, song, link);
	xfree(song);
}

static void
forget_user(struct track_limits *limits, struct listening_user *user)
{
	struct listened *song;

	while ((song = TAILQ_FIRST(&user->songs)) != NULL)
		forget_song(user, song);
	TAILQ_REMOVE(&limits->users, user, link);
	xfree(user);
}

void
track_limits_free(struct track_limits *limits)
{
	struct listening_user *user;

	if (limits == NULL)
		return;
	while ((user = TAILQ_FIRST(&limits->users)) != NULL)
		forget_user(limits, user);
	pthread_mutex_destroy(&limits->mutex);
	xfree(limits);
}

/* ---- with the mutex held ---- */

/* What does not count any more goes, users that have nothing left included. */
static void
forget_old(struct track_limits *limits, int64_t now_ms)
{
	struct listening_user *user, *next_user;
	struct listened *song, *next_song;

	for (user = TAILQ_FIRST(&limits->users); user != NULL; user = next_user) {
		next_user = TAILQ_NEXT(user, link);
		for (song = TAILQ_FIRST(&user->songs); song != NULL; song = next_song) {
			next_song = TAILQ_NEXT(song, link);
			if (song->fetched_ms != 0 && now_ms - song->fetched_ms >= DAY_MS)
				song->fetched_ms = 0;
			if (song->requests == 0 && song->fetched_ms == 0)
				forget_song(user, song);
		}
		if (TAILQ_EMPTY(&user->songs))
			forget_user(limits, user);
	}
}

static struct listening_user *
find_user(struct track_limits *limits, const char *id)
{
	struct listening_user *user;

	TAILQ_FOREACH (user, &limits->users, link) {
		if (strcmp(user->id, id) == 0)
			return user;
	}
	user = xcalloc(1, sizeof *user);
	copy_text(user->id, sizeof user->id, id);
	TAILQ_INIT(&user->songs);
	TAILQ_INSERT_TAIL(&limits->users, user, link);
	return user;
}

static struct listened *
find_song(struct listening_user *user, const struct external_id *id)
{
	struct listened *song;

	TAILQ_FOREACH (song, &user->songs, link) {
		if (external_id_equal(&song->song, id))
			return song;
	}
	song = xcalloc(1, sizeof *song);
	song->song = *id;
	TAILQ_INSERT_TAIL(&user->songs, song, link);
	return song;
}

/* ---- listening ---- */

static int64_t
count_running(const struct listening_user *user)
{
	const struct listened *song;
	int64_t count = 0;

	TAILQ_FOREACH (song, &user->songs, link)
		count += song->requests > 0;
	return count;
}

bool
track_limits_enter(
	struct track_limits *limits, const char *user_id, const struct external_id *song)
{
	if (user_id[0] == '\0' || limits->options.streams == 0)
		return true;
	pthread_mutex_lock(&limits->mutex);
	forget_old(limits, clock_now_ms());
	struct listening_user *user = find_user(limits, user_id);
	struct listened *listened = find_song(user, song);
	bool allowed =
		listened->requests > 0 || count_running(user) < limits->options.streams;
	if (allowed)
		listened->requests++;
	else
		metric_add(&track_metric_limited_streams, 1);
	pthread_mutex_unlock(&limits->mutex);
	return allowed;
}

void
track_limits_leave(
	struct track_limits *limits, const char *user_id, const struct external_id *song)
{
	if (user_id[0] == '\0' || limits->options.streams == 0)
		return;
	pthread_mutex_lock(&limits->mutex);
	struct listened *listened = find_song(find_user(limits, user_id), song);
	assert(listened->requests > 0);
	listened->requests--;
	pthread_mutex_unlock(&limits->mutex);
}

/* ---- fetching ---- */

bool
track_limits_download(struct track_limits *limits, const char *user_id,
	const struct external_id *song, int64_t *retry_after_s)
{
	int64_t now_ms = clock_now_ms(), count = 0, oldest_ms = now_ms;
	const struct listened *other;

	if (user_id[0] == '\0' || limits->options.downloads_per_day == 0)
		return true;
	pthread_mutex_lock(&limits->mutex);
	forget_old(limits, now_ms);
	struct listening_user *user = find_user(limits, user_id);
	TAILQ_FOREACH (other, &user->songs, link) {
		count += other->fetched_ms != 0;
		if (other->fetched_ms != 0 && other->fetched_ms < oldest_ms)
			oldest_ms = other->fetched_ms;
	}
	struct listened *listened = find_song(user, song);
	bool allowed =
		listened->fetched_ms != 0 || count < limits->options.downloads_per_day;
	if (allowed && listened->fetched_ms == 0)
		listened->fetched_ms = now_ms > 0 ? now_ms : 1;
	if (!allowed) {
		metric_add(&track_metric_limited_downloads, 1);
		*retry_after_s = (oldest_ms + DAY_MS - now_ms) / 1000 + 1;
	}
	pthread_mutex_unlock(&limits->mutex);
	return allowed;
}
