#include "session/user_listeners.h"

static struct listener_user **
find_link(struct user_listeners *users, const char *user_id)
{
	struct listener_user **link = &users->buckets[text_hash(0, user_id) % USER_BUCKETS];

	while (*link != NULL && !text_equal_ci((*link)->user_id, user_id))
		link = &(*link)->next;
	return link;
}

static const struct listener_user *
find(const struct user_listeners *users, const char *user_id)
{
	const struct listener_user *user =
		users->buckets[text_hash(0, user_id) % USER_BUCKETS];

	while (user != NULL && !text_equal_ci(user->user_id, user_id))
		user = user->next;
	return user;
}

void
user_listeners_add(struct user_listeners *users, struct listener *listener)
{
	const char *user_id = listener_key(listener)->user_id;
	struct listener_user **link = find_link(users, user_id);

	if (*link == NULL) {
		*link = xcalloc(1, sizeof **link);
		copy_text((*link)->user_id, sizeof(*link)->user_id, user_id);
		TAILQ_INIT(&(*link)->listeners);
	}
	(*link)->count++;
	TAILQ_INSERT_TAIL(&(*link)->listeners, listener, place_of_user);
}

void
user_listeners_remove(struct user_listeners *users, struct listener *listener)
{
	struct listener_user **link = find_link(users, listener_key(listener)->user_id);
	struct listener_user *user = *link;

	TAILQ_REMOVE(&user->listeners, listener, place_of_user);
	if (--user->count > 0)
		return;
	*link = user->next;
	xfree(user);
}

size_t
user_listeners_count(const struct user_listeners *users, const char *user_id)
{
	const struct listener_user *user = find(users, user_id);

	return user != NULL ? user->count : 0;
}

struct listener *
user_listeners_oldest_idle(const struct user_listeners *users, const char *user_id)
{
	const struct listener_user *user = find(users, user_id);
	struct listener *listener = NULL;

	if (user == NULL)
		return NULL;
	TAILQ_FOREACH (listener, &user->listeners, place_of_user) {
		if (listener_is_idle(listener))
			break;
	}
	return listener;
}
