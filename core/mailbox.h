/* Mailbox: how threads talk. A message is a function and what it owns.
 *
 * Any thread posts; the owning thread drains. Waking happens only when the mailbox goes
 * from empty to non-empty. First in, first out per sender. The mailbox itself has no bound:
 * its bound is that of the objects the messages are embedded in (credits, exchanges,
 * slots).
 */
#ifndef CORE_MAILBOX_H
#define CORE_MAILBOX_H

#include <pthread.h>
#include <stdbool.h>

#include "core/mem.h"

/* Embedded in the object it is about, which therefore always has a place for a reply.
 * Belongs to the mailbox from mailbox_post until `run` is called on the owning thread. */
struct message {
	struct message *next;
	void (*run)(struct message *message);
	const char *name; /* of `run` */
};

struct mailbox {
	pthread_mutex_t mutex; /* guards first, last */
	struct message *first;
	struct message *last;
	/* Called by the posting thread, outside the mutex. */
	void (*wake)(void *arg);
	void *wake_arg;
};

void mailbox_init(struct mailbox *mailbox, void (*wake)(void *arg), void *wake_arg);
/* Messages still inside are not run; the caller has drained it. */
void mailbox_fini(struct mailbox *mailbox);
/* `run` is called with the message; its name as a literal, for the watchdog. */
void mailbox_post_named(struct mailbox *mailbox, struct message *message,
	void (*run)(struct message *message), const char *name);
#define mailbox_post(mailbox, message, run)                                                \
	mailbox_post_named((mailbox), (message), (run), #run)
/* What is inside now, in order, linked by `next`; whoever takes it runs it. */
struct message *mailbox_take(struct mailbox *mailbox);
/* Runs what is inside now, in order; returns whether there was anything. */
bool mailbox_drain(struct mailbox *mailbox);

#endif
