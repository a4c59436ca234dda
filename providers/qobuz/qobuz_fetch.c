#include "providers/qobuz/qobuz_fetch.h"

#include "core/clock.h"
#include "core/log.h"
#include "providers/qobuz/qobuz_call.h"
#include "providers/qobuz/qobuz_media.h"
#include "providers/qobuz/qobuz_search.h"

enum {
	FETCH_MAGIC = 0x51465443,
	TOTAL_MS = 20 * 1000,
	/* A search that cannot be asked by then is outdated by the next keystroke. */
	SEARCH_PATIENCE_MS = 1000,
};

struct qobuz_fetch {
	unsigned magic;
	struct qobuz_seat *seat;
	struct catalog_query query;
	char *text; /* what query.text points at */
	int64_t end_ms;
	int64_t patience_ms;        /* for the next call */
	int64_t offset, offset_end; /* of the next page, and where to stop */
	struct qobuz_question question;
	struct qobuz_call *call; /* or, of a search: */
	struct qobuz_search_wait *wait;
	bool alone; /* what it shared a call with others for was not in the answer */
	struct timer timer;      /* tells what cannot be asked */
	struct media_list *list; /* so far */
	void (*done)(void *arg, enum err err, struct media_list *list);
	void *arg;
};

static void
fetch_free(void *arg)
{
	struct qobuz_fetch *fetch = arg;

	fetch->magic = 0;
	xfree(fetch->text);
	media_list_unref(fetch->list);
	xfree(fetch);
}

static void
finish(struct qobuz_fetch *fetch, enum err err)
{
	fetch->done(fetch->arg, err, err == ERR_NONE ? fetch->list : NULL);
	loop_later(fetch->seat->loop, fetch_free, fetch);
}

static void ask(struct qobuz_fetch *fetch);

static void
take_page(struct qobuz_fetch *fetch, struct media_list *take_page)
{
	int64_t received = take_page->received, total = take_page->total;

	if (fetch->list == NULL) {
		fetch->list = take_page;
	} else {
		media_list_append(fetch->list, take_page);
		media_list_unref(take_page);
	}
	fetch->offset += received;
	if (catalog_query_is_item(&fetch->query) || received == 0 ||
		fetch->offset >= total || fetch->offset >= fetch->offset_end) {
		finish(fetch, ERR_NONE);
		return;
	}
	/* The first page is awaited by a person; the others only by the whole. */
	fetch->patience_ms = TOTAL_MS;
	ask(fetch);
}

static void
on_reply(void *arg, const struct qobuz_reply *reply)
{
	struct qobuz_fetch *fetch = CAST(arg, FETCH_MAGIC);
	const struct qobuz_context context = { .kind = qobuz_api_kind(&fetch->query),
		.offset = fetch->offset,
		.seen_ms = clock_wall_ms() };
	struct media_list *page = NULL;
	enum err err = reply->err;
	bool shared = fetch->wait != NULL;
	char why[200] = "";

	fetch->call = NULL;
	fetch->wait = NULL;
	if (err == ERR_NONE && catalog_query_is_item(&fetch->query))
		err = qobuz_media_read_item(&page, reply->root, &context, why, sizeof why);
	else if (err == ERR_NONE)
		err = qobuz_media_read_list(&page, reply->root, &context, why, sizeof why);
	if (err == ERR_PROTOCOL && reply->err == ERR_NONE && shared) {
		fetch->alone = true;
		ask(fetch);
		return;
	}
	if (why[0] != '\0')
		log_warn_limited("qobuz_answer_unreadable",
			LOG_TEXT("method", fetch->question.method), LOG_TEXT("why", why));
	if (err == ERR_NONE)
		take_page(fetch, page);
	else
		/* Asked for what cannot be. */
		finish(fetch, err == ERR_INVALID ? ERR_NOT_FOUND : err);
}

static void
ask(struct qobuz_fetch *fetch)
{
	struct qobuz_seat *seat = fetch->seat;
	int64_t now_ms = clock_now_ms(), limit = fetch->offset_end - fetch->offset;
	const struct qobuz_search_page page = { fetch->offset, limit, fetch->patience_ms,
		fetch->end_ms - now_ms };

	if (!qobuz_api_ask(&fetch->question, &fetch->query, fetch->offset, limit)) {
		timer_start(&fetch->timer, 0);
		return;
	}
	if (fetch->query.ask == CATALOG_SEARCH && !fetch->alone) {
		fetch->wait =
			qobuz_search_join(seat, &fetch->query, &page, on_reply, fetch);
		return;
	}
	const struct qobuz_call_options options = { .question = &fetch->question,
		.account = qobuz_accounts_reader(seat->qobuz->accounts, now_ms),
		.patience_ms = page.patience_ms,
		.deadline_ms = page.deadline_ms };
	fetch->call = qobuz_call_start(seat, &options, on_reply, fetch);
}

static void
on_timer(void *arg)
{
	finish(CAST(arg, FETCH_MAGIC), ERR_INVALID);
}

struct qobuz_fetch *
qobuz_fetch_start(struct qobuz_seat *seat, const struct catalog_query *query,
	int64_t patience_ms, void (*done)(void *arg, enum err err, struct media_list *list),
	void *arg)
{
	struct qobuz_fetch *fetch = xcalloc(1, sizeof *fetch);
	bool search = query->ask == CATALOG_SEARCH;

	fetch->magic = FETCH_MAGIC;
	fetch->seat = seat;
	fetch->query = *query;
	fetch->text = xstrdup_or_null(query->text);
	fetch->query.text = fetch->text;
	fetch->end_ms = clock_now_ms() + TOTAL_MS;
	fetch->patience_ms = patience_ms;
	if (search && patience_ms > SEARCH_PATIENCE_MS)
		fetch->patience_ms = SEARCH_PATIENCE_MS;
	fetch->offset = search ? query->offset : 0;
	fetch->offset_end = fetch->offset + qobuz_api_most(query);
	fetch->done = done;
	fetch->arg = arg;
	timer_init(&fetch->timer, seat->loop, on_timer, fetch);
	ask(fetch);
	return fetch;
}

void
qobuz_fetch_cancel(struct qobuz_fetch *fetch)
{
	timer_stop(&fetch->timer);
	if (fetch->call != NULL)
		qobuz_call_cancel(fetch->call);
	if (fetch->wait != NULL)
		qobuz_search_leave(fetch->wait);
	loop_later(fetch->seat->loop, fetch_free, fetch);
}
