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
mailbox_post(struct mailbox *mailbox, struct message *message,
	void (*run)(struct message *message))
{
	message->next = NULL;
	message->run = run;
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

bool
mailbox_drain(struct mailbox *mailbox)
{
	pthread_mutex_lock(&mailbox->mutex);
	struct message *message = mailbox->first;
	mailbox->first = NULL;
	mailbox->last = NULL;
	pthread_mutex_unlock(&mailbox->mutex);
	bool any = message != NULL;
	while (message != NULL) {
		struct message *next = message->next;
		message->run(message);
		message = next;
	}
	return any;
}
