#include "providers/deezer/deezer_words.h"

#include "core/clock.h"
#include "core/json.h"
#include "providers/deezer/deezer_ask.h"

enum {
	WORDS_MAGIC = 0x44575244,
	TOTAL_MS = 15 * 1000,
	MAX_LINES = 4000,
	DAY_MS = 24 * 60 * 60 * 1000,
};

struct deezer_words {
	unsigned magic;
	struct deezer_seat *seat;
	struct timer timer; /* tells that there are none, without an account */
	struct deezer_ask *ask;
	void (*done)(void *arg, enum err err, const struct lyrics *lyrics);
	void *arg;
};

/* ---- reading ---- */

static int64_t
read_ms(const json_t *line, const char *name)
{
	int64_t ms = json_int(line, name, -1);

	return ms <= DAY_MS ? ms : -1;
}

struct reading {
	struct lyrics *lyrics;
	int64_t start_ms, end_ms; /* of the last line with a time */
	bool pause;               /* the last line is one, and none with a time */
};

/* Adds the line; false when it goes back in time. */
static bool
add_line(struct reading *reading, const json_t *line)
{
	struct lyrics *lyrics = reading->lyrics;
	const char *text = json_text_or(line, "line", "");
	int64_t start_ms = read_ms(line, "milliseconds");
	int64_t length_ms = read_ms(line, "duration");

	if (start_ms < 0) {
		/* A pause before the first line is none; words without a time are lost. */
		if (text[0] == '\0' && lyrics->count > 0 && !reading->pause) {
			lyrics_add(lyrics, text, reading->end_ms);
			reading->pause = true;
		}
		return true;
	}
	if (start_ms < reading->start_ms)
		return false;
	/* Lines may overlap, and the pause between them begins with the second then. */
	if (reading->pause && start_ms < reading->end_ms)
		lyrics->lines[lyrics->count - 1].start_ms = start_ms;
	lyrics_add(lyrics, text, start_ms);
	reading->start_ms = start_ms;
	reading->end_ms = start_ms + (length_ms > 0 ? length_ms : 0);
	reading->pause = false;
	lyrics->synced = lyrics->synced || text[0] != '\0';
	return true;
}

/* Synced when there are words with times. */
static bool
read_synced(struct lyrics *lyrics, const json_t *lines)
{
	struct reading reading = { .lyrics = lyrics };
	const json_t *line;
	size_t i;

	json_array_foreach (lines, i, line) {
		if (lyrics->count == MAX_LINES)
			break;
		if (!add_line(&reading, line))
			return false;
	}
	return lyrics->synced;
}

bool
deezer_words_read(struct lyrics *lyrics, const json_t *results)
{
	const char *text = json_text(results, "LYRICS_TEXT");

	*lyrics = (struct lyrics){ 0 };
	if (read_synced(lyrics, json_member(results, "LYRICS_SYNC_JSON")))
		return true;
	lyrics_fini(lyrics);
	return text != NULL && lyrics_parse_lrc(lyrics, text);
}

/* ---- asking ---- */

static void
words_free(void *arg)
{
	struct deezer_words *words = arg;

	words->magic = 0;
	xfree(words);
}

static void
finish(struct deezer_words *words, enum err err, const struct lyrics *lyrics)
{
	words->done(words->arg, err, lyrics);
	loop_later(words->seat->source.loop, words_free, words);
}

static void
on_timer(void *arg)
{
	struct deezer_words *words = CAST(arg, WORDS_MAGIC);

	finish(words, ERR_NOT_FOUND, NULL);
}

static void
on_answer(void *arg, const struct deezer_ask_answer *answer)
{
	struct deezer_words *words = CAST(arg, WORDS_MAGIC);
	struct lyrics lyrics = { 0 };
	enum err err = answer->err;

	words->ask = NULL;
	if (err == ERR_NONE && !deezer_words_read(&lyrics, answer->results))
		err = ERR_NOT_FOUND;
	finish(words, err, err == ERR_NONE ? &lyrics : NULL);
	lyrics_fini(&lyrics);
}

struct deezer_words *
deezer_words_start(struct deezer_seat *seat, const struct track_wish *wish,
	void (*done)(void *arg, enum err err, const struct lyrics *lyrics), void *arg)
{
	struct deezer_words *words = xcalloc(1, sizeof *words);
	struct deezer_account *account =
		deezer_accounts_find(seat->deezer->accounts, &wish->listener);
	struct text body;

	words->magic = WORDS_MAGIC;
	words->seat = seat;
	words->done = done;
	words->arg = arg;
	timer_init(&words->timer, seat->source.loop, on_timer, words);
	if (account == NULL) {
		timer_start(&words->timer, 0);
		return words;
	}
	text_init(&body);
	deezer_gw_lyrics_body(&body, wish->id.key);
	const struct deezer_question question = { .account = account,
		.method = "song.getLyrics",
		.body = text_get(&body),
		.end_ms = clock_now_ms() + TOTAL_MS,
		.can_wait = true };
	words->ask = deezer_ask_start(seat, &question, on_answer, words);
	text_fini(&body);
	return words;
}

void
deezer_words_cancel(struct deezer_words *words)
{
	timer_stop(&words->timer);
	if (words->ask != NULL)
		deezer_ask_cancel(words->ask);
	loop_later(words->seat->source.loop, words_free, words);
}
