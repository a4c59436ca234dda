#include "providers/qobuz/qobuz_search.h"

#include <string.h>

#include "core/clock.h"

enum {
	SEARCH_MAGIC = 0x51535243,
	/* Of the rate window: kept for what is opened and played while people type. */
	SPARE_PLACES = 15,
};

struct qobuz_search {
	unsigned magic;
	struct qobuz_seat *seat;
	struct qobuz_search *next;  /* of the seat: may be joined */
	struct catalog_query query; /* of who asked first */
	char *text;                 /* what query.text points at */
	struct qobuz_search_page page;
	bool all_kinds; /* once it is asked */
	bool told;      /* its answer is there: it is retired */
	struct qobuz_question question;
	struct qobuz_call *call;
	struct timer timer; /* asks when the turn is over */
	struct qobuz_search_wait *waits;
};

struct qobuz_search_wait {
	struct qobuz_search *search;
	struct qobuz_search_wait *next;
	enum media_kind kind;
	void (*done)(void *arg, const struct qobuz_reply *reply);
	void *arg;
};

static void
search_free(void *arg)
{
	struct qobuz_search *search = arg;

	search->magic = 0;
	xfree(search->text);
	xfree(search);
}

/* From now on nobody joins it. */
static void
retire(struct qobuz_search *search)
{
	struct qobuz_search **link = &search->seat->searches;

	timer_stop(&search->timer);
	while (*link != search)
		link = &(*link)->next;
	*link = search->next;
	loop_later(search->seat->loop, search_free, search);
}

/* ---- asking ---- */

static void
on_reply(void *arg, const struct qobuz_reply *reply)
{
	struct qobuz_search *search = CAST(arg, SEARCH_MAGIC);

	search->call = NULL;
	search->told = true;
	retire(search);
	/* Whoever is told may make others leave. */
	while (search->waits != NULL) {
		struct qobuz_search_wait *wait = search->waits;
		search->waits = wait->next;
		wait->done(wait->arg, reply);
		xfree(wait);
	}
}

static bool
asks_one_kind(const struct qobuz_search *search)
{
	const struct qobuz_search_wait *wait = search->waits;

	while (wait != NULL && wait->kind == search->waits->kind)
		wait = wait->next;
	return wait == NULL;
}

static void
on_turn_over(void *arg)
{
	struct qobuz_search *search = CAST(arg, SEARCH_MAGIC);
	const struct qobuz_search_page *page = &search->page;

	/* Who asked first may have left. */
	search->query.kind = search->waits->kind;
	search->all_kinds = !asks_one_kind(search);
	if (search->all_kinds)
		qobuz_api_search_all(
			&search->question, &search->query, page->offset, page->limit);
	else if (!qobuz_api_ask(
			 &search->question, &search->query, page->offset, page->limit))
		assert(false);
	const struct qobuz_call_options options = { .question = &search->question,
		.account = qobuz_accounts_reader(
			search->seat->qobuz->accounts, clock_now_ms()),
		.spare = SPARE_PLACES,
		.patience_ms = page->patience_ms,
		.deadline_ms = page->deadline_ms };
	search->call = qobuz_call_start(search->seat, &options, on_reply, search);
}

/* ---- joining ---- */

static bool
may_join(const struct qobuz_search *search, const struct catalog_query *query,
	const struct qobuz_search_page *page)
{
	bool asked = search->call != NULL;

	return search->page.offset == page->offset && search->page.limit == page->limit &&
	       strcmp(search->text, query->text) == 0 && (!asked || search->all_kinds);
}

static struct qobuz_search *
search_new(struct qobuz_seat *seat, const struct catalog_query *query,
	const struct qobuz_search_page *page)
{
	struct qobuz_search *search = xcalloc(1, sizeof *search);

	search->magic = SEARCH_MAGIC;
	search->seat = seat;
	search->query = *query;
	search->text = xstrdup(query->text);
	search->query.text = search->text;
	search->page = *page;
	search->next = seat->searches;
	seat->searches = search;
	timer_init(&search->timer, seat->loop, on_turn_over, search);
	timer_start(&search->timer, 0);
	return search;
}

struct qobuz_search_wait *
qobuz_search_join(struct qobuz_seat *seat, const struct catalog_query *query,
	const struct qobuz_search_page *page,
	void (*done)(void *arg, const struct qobuz_reply *reply), void *arg)
{
	struct qobuz_search_wait *wait = xcalloc(1, sizeof *wait);
	struct qobuz_search *search = seat->searches;

	while (search != NULL && !may_join(search, query, page))
		search = search->next;
	if (search == NULL)
		search = search_new(seat, query, page);
	*wait = (struct qobuz_search_wait){ search, search->waits, query->kind, done, arg };
	search->waits = wait;
	return wait;
}

void
qobuz_search_leave(struct qobuz_search_wait *wait)
{
	struct qobuz_search *search = wait->search;
	struct qobuz_search_wait **link = &search->waits;

	while (*link != wait)
		link = &(*link)->next;
	*link = wait->next;
	xfree(wait);
	/* While the others are told, it is retired already. */
	if (search->waits != NULL || search->told)
		return;
	if (search->call != NULL)
		qobuz_call_cancel(search->call);
	retire(search);
}
