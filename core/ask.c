#include "core/ask.h"

struct ask {
	struct message message; /* first to the one asked, then back with the answer */
	struct loop *from;
	void *(*answer)(void *context);
	void *context;
	void (*free_result)(void *result);
	void (*done)(void *arg, void *result);
	void *arg;
	void *result;
	bool cancelled; /* touched on `from` only */
};

static void
on_answered(struct message *message)
{
	struct ask *ask = CONTAINER_OF(message, struct ask, message);

	if (ask->cancelled)
		ask->free_result(ask->result);
	else
		ask->done(ask->arg, ask->result);
	xfree(ask);
}

static void
on_asked(struct message *message)
{
	struct ask *ask = CONTAINER_OF(message, struct ask, message);

	ask->result = ask->answer(ask->context);
	loop_post(ask->from, &ask->message, on_answered);
}

struct ask *
ask_start(struct loop *from, struct loop *to, void *(*answer)(void *context), void *context,
	void (*free_result)(void *result), void (*done)(void *arg, void *result), void *arg)
{
	struct ask *ask = xcalloc(1, sizeof *ask);

	ask->from = from;
	ask->answer = answer;
	ask->context = context;
	ask->free_result = free_result;
	ask->done = done;
	ask->arg = arg;
	loop_post(to, &ask->message, on_asked);
	return ask;
}

void
ask_cancel(struct ask *ask)
{
	ask->cancelled = true;
}
