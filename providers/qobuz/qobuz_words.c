#include "providers/qobuz/qobuz_words.h"

#include "core/clock.h"
#include "core/json.h"
#include "providers/qobuz/qobuz_call.h"
#include "providers/qobuz/qobuz_lyrics.h"

enum {
	WORDS_MAGIC = 0x51575244,
	TOTAL_MS = 10 * 1000,
	PATIENCE_MS = 3 * 1000, /* for a place in the rate window */
	SPARE_PLACES = 10,      /* of it, for what is played */
	DOCUMENT_MS = 8 * 1000,
	CONNECT_MS = 3 * 1000,
	MAX_DOCUMENT = 512 * 1024,
	HTTP_OK = 200,
	HTTP_FORBIDDEN = 403,
	HTTP_NOT_FOUND = 404,
};

struct qobuz_words {
	unsigned magic;
	struct qobuz_seat *seat;
	struct external_id id;
	struct qobuz_question question;
	struct qobuz_call *call;
	struct http_call *document;
	struct timer timer; /* tells what is known at once */
	enum err err;
	void (*done)(void *arg, enum err err, const struct lyrics *lyrics);
	void *arg;
};

static void
words_free(void *arg)
{
	struct qobuz_words *words = arg;

	words->magic = 0;
	xfree(words);
}

static void
finish(struct qobuz_words *words, enum err err, const struct lyrics *lyrics)
{
	timer_stop(&words->timer);
	words->done(words->arg, err, lyrics);
	loop_later(words->seat->loop, words_free, words);
}

/* ---- the document ---- */

static enum err
err_of(const struct http_answer *answer)
{
	if (answer->err != ERR_NONE)
		return answer->err;
	if (answer->status == HTTP_NOT_FOUND || answer->status == HTTP_FORBIDDEN)
		return ERR_NOT_FOUND;
	return answer->status == HTTP_OK ? ERR_NONE : ERR_UNREACHABLE;
}

static void
on_document(void *arg, const struct http_answer *answer)
{
	struct qobuz_words *words = CAST(arg, WORDS_MAGIC);
	enum err err = err_of(answer);
	struct lyrics lyrics = { .lines = NULL };
	json_t *root = NULL;

	words->document = NULL;
	if (err == ERR_NONE) {
		root = json_parse_new(answer->body, answer->body_size);
		if (!json_is_object(root))
			err = ERR_PROTOCOL;
		else if (!qobuz_lyrics_read(&lyrics, root))
			err = ERR_NOT_FOUND;
	}
	finish(words, err, err == ERR_NONE ? &lyrics : NULL);
	lyrics_fini(&lyrics);
	json_decref(root);
}

static void
on_reply(void *arg, const struct qobuz_reply *reply)
{
	struct qobuz_words *words = CAST(arg, WORDS_MAGIC);
	const char *url = qobuz_lyrics_url(reply->root);

	words->call = NULL;
	if (reply->err != ERR_NONE || url == NULL) {
		finish(words, reply->err != ERR_NONE ? reply->err : ERR_NOT_FOUND, NULL);
		return;
	}
	const struct http_call_request request = { .url = url,
		.timeout_ms = DOCUMENT_MS,
		.connect_timeout_ms = CONNECT_MS,
		.max_body = MAX_DOCUMENT };
	words->document =
		http_client_start(words->seat->client, &request, on_document, words);
}

/* ---- asking ---- */

static void
on_timer(void *arg)
{
	struct qobuz_words *words = CAST(arg, WORDS_MAGIC);

	finish(words, words->err, NULL);
}

/* What can be said without asking. Words may be had where songs are not: the app's secret
 * and a token is all they take. */
static enum err
check(struct qobuz_words *words, const struct account_entry *account)
{
	struct qobuz_accounts *accounts = words->seat->qobuz->accounts;
	enum qobuz_bar bar = qobuz_accounts_bar(accounts, account, clock_now_ms());

	if (words->id.provider != PROVIDER_QOBUZ || words->id.kind != MEDIA_SONG)
		return ERR_NOT_FOUND;
	return bar == QOBUZ_OPEN || bar == QOBUZ_BAR_GONE || bar == QOBUZ_BAR_PLAN
		       ? ERR_NONE
		       : ERR_DENIED;
}

struct qobuz_words *
qobuz_words_start(struct qobuz_seat *seat, const struct track_wish *wish,
	void (*done)(void *arg, enum err err, const struct lyrics *lyrics), void *arg)
{
	struct qobuz_accounts *accounts = seat->qobuz->accounts;
	struct qobuz_words *words = xcalloc(1, sizeof *words);
	const struct account_entry *account =
		qobuz_accounts_find(accounts, &wish->listener);

	if (account == NULL)
		account = qobuz_accounts_reader(accounts, clock_now_ms());
	words->magic = WORDS_MAGIC;
	words->seat = seat;
	words->id = wish->id;
	words->done = done;
	words->arg = arg;
	timer_init(&words->timer, seat->loop, on_timer, words);
	words->err = check(words, account);
	if (words->err != ERR_NONE) {
		timer_start(&words->timer, 0);
		return words;
	}
	qobuz_api_lyrics(&words->question, &words->id);
	const struct qobuz_call_options options = { .question = &words->question,
		.account = account,
		.sign = true,
		.spare = SPARE_PLACES,
		.patience_ms = PATIENCE_MS,
		.deadline_ms = TOTAL_MS };
	words->call = qobuz_call_start(seat, &options, on_reply, words);
	return words;
}

void
qobuz_words_cancel(struct qobuz_words *words)
{
	timer_stop(&words->timer);
	if (words->call != NULL)
		qobuz_call_cancel(words->call);
	if (words->document != NULL)
		http_call_cancel(words->document);
	loop_later(words->seat->loop, words_free, words);
}
