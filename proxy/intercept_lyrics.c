#include "proxy/intercept_lyrics.h"

#include "providers/lyrics_finder.h"
#include "proxy/intercept.h"

struct words_wanted {
	struct intercept *intercept;
	struct external_id id;
	size_t hold;
};

/* Does this caller get whole songs of that provider, whose times are the words'? */
static bool
hears_whole_songs(const struct words_wanted *wanted)
{
	track_quality_set offered =
		intercept_offered(wanted->intercept, wanted->id.provider);

	return (offered & TRACK_ALL_FULL) != 0;
}

static void
reply_words(struct words_wanted *wanted, const struct song_words *words)
{
	struct lyrics shown = words->lyrics;

	shown.synced = shown.synced && hears_whole_songs(wanted);
	intercept_reply_json(wanted->intercept, 200, lyrics_json_new(&shown));
}

static void
on_words(void *arg, enum err err, void *words)
{
	struct words_wanted *wanted = arg;

	http_job_release(wanted->intercept->job, wanted->hold);
	if (err == ERR_NONE)
		reply_words(wanted, words);
	else
		intercept_reply_err(wanted->intercept, err);
}

static void
cancel_wait(void *operation)
{
	flight_leave(operation);
}

static void
on_allowed(struct intercept *intercept)
{
	struct words_wanted *wanted = intercept->state;
	const struct track_listener listener = intercept_listener(intercept);
	struct song_words *words;
	enum err err;

	if (!lyrics_peek(intercept->worker->lyrics, &wanted->id, &listener, &err, &words)) {
		wanted->hold = http_job_hold(intercept->job, cancel_wait,
			lyrics_get(intercept->worker->lyrics, &wanted->id, &listener,
				on_words, wanted));
		return;
	}
	if (err == ERR_NONE)
		reply_words(wanted, words);
	else
		intercept_reply_err(intercept, err);
	song_words_unref(words);
}

bool
intercept_lyrics(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match)
{
	struct external_id id;

	if (!intercept_external_id(&id, match, "id"))
		return false;
	struct words_wanted *wanted = arena_alloc(exchange_arena(exchange), sizeof *wanted);
	*wanted = (struct words_wanted){ .id = id };
	wanted->intercept = intercept_start(worker, exchange, match);
	wanted->intercept->state = wanted;
	intercept_guard_only(wanted->intercept, on_allowed, NULL);
	return true;
}
