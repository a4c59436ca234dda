#include "proxy/client_tunnels.h"

#include <pthread.h>
#include <string.h>

#include "core/log.h"
#include "session/metrics.h"
#include "session/session_id.h"

struct client_tunnels {
	struct token_cache *tokens;
	pthread_mutex_t mutex; /* guards what follows */
	TAILQ_HEAD(, client_tunnel) list;
	uint64_t last_number;
	uint64_t last_spoke;
};

/* A message on its way to a tunnel's loop. */
struct sending {
	struct message message;
	struct client_tunnels *tunnels;
	uint64_t number;
	const char *what;
	size_t size;
	char text[];
};

struct client_tunnels *
client_tunnels_new(struct token_cache *tokens)
{
	struct client_tunnels *tunnels = xcalloc(1, sizeof *tunnels);

	tunnels->tokens = tokens;
	pthread_mutex_init(&tunnels->mutex, NULL);
	TAILQ_INIT(&tunnels->list);
	return tunnels;
}

void
client_tunnels_free(struct client_tunnels *tunnels)
{
	if (tunnels == NULL)
		return;
	assert(TAILQ_EMPTY(&tunnels->list));
	pthread_mutex_destroy(&tunnels->mutex);
	xfree(tunnels);
}

void
client_tunnels_add(struct client_tunnels *tunnels, struct client_tunnel *entry,
	struct loop *loop, struct tunnel *tunnel, const struct play_session_key *key,
	const struct identity *identity)
{
	entry->added = true;
	entry->loop = loop;
	entry->tunnel = tunnel;
	entry->key = *key;
	if (key->client[0] == '\0') {
		entry->identity = xcalloc(1, sizeof *entry->identity);
		*entry->identity = *identity;
	}
	pthread_mutex_lock(&tunnels->mutex);
	entry->number = ++tunnels->last_number;
	entry->spoke = ++tunnels->last_spoke;
	TAILQ_INSERT_TAIL(&tunnels->list, entry, place);
	pthread_mutex_unlock(&tunnels->mutex);
}

void
client_tunnels_spoke(struct client_tunnels *tunnels, struct client_tunnel *entry)
{
	pthread_mutex_lock(&tunnels->mutex);
	entry->spoke = ++tunnels->last_spoke;
	pthread_mutex_unlock(&tunnels->mutex);
}

/* With the mutex held. */
static void
forget_identity(struct client_tunnel *entry)
{
	if (entry->identity != NULL)
		explicit_bzero(entry->identity, sizeof *entry->identity);
	xfree(entry->identity);
	entry->identity = NULL;
}

void
client_tunnels_remove(struct client_tunnels *tunnels, struct client_tunnel *entry)
{
	if (!entry->added)
		return;
	pthread_mutex_lock(&tunnels->mutex);
	TAILQ_REMOVE(&tunnels->list, entry, place);
	forget_identity(entry);
	pthread_mutex_unlock(&tunnels->mutex);
	entry->added = false;
}

/* What a socket's own request did not say, another one of the same token may have said
 * since. With the mutex held. */
static void
learn_client(struct client_tunnels *tunnels, struct client_tunnel *entry)
{
	struct token_facts facts;

	if (entry->identity == NULL ||
		token_peek(tunnels->tokens, entry->identity, &facts) == TOKEN_UNKNOWN ||
		facts.client[0] == '\0')
		return;
	copy_text(entry->key.client, sizeof entry->key.client, facts.client);
	fill_text(entry->key.device_id, sizeof entry->key.device_id, facts.device_id);
	forget_identity(entry);
}

bool
client_tunnels_find(struct client_tunnels *tunnels, struct client_tunnel_target *target,
	const char *session_id)
{
	struct client_tunnel *entry, *found = NULL;
	char id[33];

	pthread_mutex_lock(&tunnels->mutex);
	TAILQ_FOREACH (entry, &tunnels->list, place) {
		learn_client(tunnels, entry);
		session_id_of(id, entry->key.client, entry->key.device_id);
		if (text_equal_ci(id, session_id) &&
			(found == NULL || entry->spoke > found->spoke))
			found = entry;
	}
	if (found != NULL) {
		*target = (struct client_tunnel_target){ .number = found->number,
			.loop = found->loop };
		copy_text(target->user_id, sizeof target->user_id, found->key.user_id);
	}
	pthread_mutex_unlock(&tunnels->mutex);
	return found != NULL;
}

void
client_tunnels_each_of_user(struct client_tunnels *tunnels, const char *user_id,
	void (*each)(void *arg, const struct client_tunnel_target *target), void *arg)
{
	const struct client_tunnel *entry;

	pthread_mutex_lock(&tunnels->mutex);
	TAILQ_FOREACH (entry, &tunnels->list, place) {
		if (!text_equal_ci(entry->key.user_id, user_id))
			continue;
		struct client_tunnel_target target = { .number = entry->number,
			.loop = entry->loop };
		(void)copy_text(target.user_id, sizeof target.user_id, user_id);
		each(arg, &target);
	}
	pthread_mutex_unlock(&tunnels->mutex);
}

/* ---- on the tunnel's loop ---- */

static struct tunnel *
find_tunnel(struct client_tunnels *tunnels, uint64_t number)
{
	struct client_tunnel *entry;

	pthread_mutex_lock(&tunnels->mutex);
	TAILQ_FOREACH (entry, &tunnels->list, place) {
		if (entry->number == number)
			break;
	}
	struct tunnel *tunnel = entry != NULL ? entry->tunnel : NULL;
	pthread_mutex_unlock(&tunnels->mutex);
	return tunnel;
}

static void
on_sending(struct message *message)
{
	struct sending *sending = CONTAINER_OF(message, struct sending, message);
	/* It is removed on this thread only, so it cannot go meanwhile. */
	struct tunnel *tunnel = find_tunnel(sending->tunnels, sending->number);
	bool sent = tunnel != NULL && tunnel_inject(tunnel, sending->text, sending->size);

	if (!sent)
		metric_add(&session_metric_undeliverable, 1);
	log_info("command_sent", LOG_TEXT("command", sending->what),
		LOG_TEXT("result", sent ? "delivered" : "undeliverable"));
	xfree(sending);
}

void
client_tunnels_send(struct client_tunnels *tunnels,
	const struct client_tunnel_target *target, const char *text, size_t size,
	const char *what)
{
	struct sending *sending = xcalloc(1, sizeof *sending + size);

	sending->tunnels = tunnels;
	sending->number = target->number;
	sending->what = what;
	sending->size = size;
	memcpy(sending->text, text, size);
	loop_post(target->loop, &sending->message, on_sending);
}
