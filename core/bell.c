#include "core/bell.h"

#include <stdatomic.h>

struct bell {
	struct message message;
	struct loop *loop;
	void (*run)(void *arg);
	void *arg;
	atomic_bool rung; /* the message is under way */
	bool gone;
};

struct bell *
bell_new(struct loop *loop, void (*run)(void *arg), void *arg)
{
	struct bell *bell = xcalloc(1, sizeof *bell);

	bell->loop = loop;
	bell->run = run;
	bell->arg = arg;
	return bell;
}

static void
on_ring(struct message *message)
{
	struct bell *bell = CONTAINER_OF(message, struct bell, message);

	if (bell->gone) {
		xfree(bell);
		return;
	}
	atomic_store(&bell->rung, false);
	bell->run(bell->arg);
}

void
bell_ring(struct bell *bell)
{
	if (!atomic_exchange(&bell->rung, true))
		loop_post(bell->loop, &bell->message, on_ring);
}

void
bell_free(struct bell *bell)
{
	if (bell == NULL)
		return;
	/* A ring under way is the last to look at it. */
	if (atomic_load(&bell->rung))
		bell->gone = true;
	else
		xfree(bell);
}
