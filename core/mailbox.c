#include "core/mailbox.h"

void
mailbox_init(struct mailbox *mailbox, void (*wake)(void *arg), void *wake_arg)
{
	pthread_mutex_init(&mailbox->mutex, NULL);
	mailbox->first = NULL;
	mailbox->last = NULL;
	mailbox->wake = wake;
	mailbox->wake_arg = wake_arg;
}

void
mailbox_fini(struct mailbox *mailbox)
{
	pthread_mutex_destroy(&mailbox->mutex);
}

void
mailbox_post_named(struct mailbox *mailbox, struct message *message,
	void (*run)(struct message *message), const char *name)
{
	message->next = NULL;
	message->run = run;
	message->name = name;
	pthread_mutex_lock(&mailbox->mutex);
	bool was_empty = mailbox->first == NULL;
	if (was_empty)
		mailbox->first = message;
	else
		mailbox->last->next = message;
	mailbox->last = message;
	pthread_mutex_unlock(&mailbox->mutex);
	if (was_empty)
		mailbox->wake(mailbox->wake_arg);
}

struct message *
mailbox_take(struct mailbox *mailbox)
{
	pthread_mutex_lock(&mailbox->mutex);
	struct message *message = mailbox->first;
	mailbox->first = NULL;
	mailbox->last = NULL;
	pthread_mutex_unlock(&mailbox->mutex);
	return message;
}

bool
mailbox_drain(struct mailbox *mailbox)
{
	struct message *message = mailbox_take(mailbox);
	bool any = message != NULL;

	while (message != NULL) {
		struct message *next = message->next;
		message->run(message);
		message = next;
	}
	return any;
}
