/* User listeners: the listeners of each user, so that nobody has more than their share.
 *
 * Whoever reports under invented device ids makes a session of each, with a socket and
 * reports of ours. Pure bookkeeping; control thread.
 */
#ifndef SESSION_USER_LISTENERS_H
#define SESSION_USER_LISTENERS_H

#include <sys/queue.h>

#include "session/listener.h"

enum { USER_BUCKETS = 256 };

/* One user's, oldest first. */
struct listener_user {
	struct listener_user *next; /* of its bucket */
	char user_id[33];
	size_t count;
	TAILQ_HEAD(, listener) listeners;
};

/* Zeroed is empty. */
struct user_listeners {
	struct listener_user *buckets[USER_BUCKETS];
};

void user_listeners_add(struct user_listeners *users, struct listener *listener);
void user_listeners_remove(struct user_listeners *users, struct listener *listener);
size_t user_listeners_count(const struct user_listeners *users, const char *user_id);
/* The one that has been there longest of those that do nothing; NULL: none. */
struct listener *user_listeners_oldest_idle(
	const struct user_listeners *users, const char *user_id);

#endif
