#include "proxy/intercept_socket.h"

#include <string.h>

#include "proxy/intercept.h"

/* A client's socket, for as long as it lives; outlives its exchange's arena. */
struct watched_socket {
	struct now_playing *now_playing;
	struct front_worker *worker;
	struct play_session_key key;
	struct identity identity;
	bool known; /* whose it is: only then sessions hear of it */
	struct client_tunnel tunnel;
	size_t hold;
};

static void
tell(struct watched_socket *watched, enum client_socket change)
{
	if (watched->known)
		now_playing_post_client_socket(watched->now_playing, &watched->key, change);
}

static void
on_opened(void *arg, struct tunnel *tunnel)
{
	struct watched_socket *watched = arg;

	if (watched->known)
		client_tunnels_add(watched->worker->services->client_tunnels,
			&watched->tunnel, watched->worker->loop, tunnel, &watched->key,
			&watched->identity);
	explicit_bzero(&watched->identity, sizeof watched->identity);
	tell(watched, CLIENT_SOCKET_OPEN);
}

static void
on_client_message(void *arg, const char *text, size_t size)
{
	struct watched_socket *watched = arg;

	(void)text;
	(void)size;
	if (watched->known)
		client_tunnels_spoke(
			watched->worker->services->client_tunnels, &watched->tunnel);
}

static void
on_closed(void *arg)
{
	struct watched_socket *watched = arg;

	client_tunnels_remove(watched->worker->services->client_tunnels, &watched->tunnel);
	tell(watched, CLIENT_SOCKET_CLOSED);
	xfree(watched);
}

static const struct tunnel_owner owner = {
	.opened = on_opened, .client_message = on_client_message, .closed = on_closed
};

static void
on_known(struct intercept *intercept)
{
	struct watched_socket *watched = intercept->state;

	watched->known = intercept->caller->err == ERR_NONE;
	watched->key = caller_session_key(intercept->caller);
	watched->identity = intercept->caller->identity;
	/* Jellyfin goes by the token's device. We may not know it yet, but what clients put
	 * into the URL is the same. */
	if (watched->key.device_id[0] == '\0')
		copy_text(watched->key.device_id, sizeof watched->key.device_id,
			query_get(
				exchange_query(intercept_exchange(intercept)), "deviceId"));
	tell(watched, CLIENT_SOCKET_BEGINS);
	http_job_release(intercept->job, watched->hold);
	relay_start_socket(
		watched->worker->relay, http_job_take(intercept->job), &owner, watched);
}

bool
intercept_socket(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match)
{
	if (!headers_want_socket(exchange_request(exchange)))
		return false;
	struct intercept *intercept = intercept_start(worker, exchange, match);
	struct watched_socket *watched = xcalloc(1, sizeof *watched);
	watched->worker = worker;
	watched->now_playing = worker->services->now_playing;
	watched->hold = http_job_hold(intercept->job, xfree, watched);
	intercept->state = watched;
	intercept_identify(intercept, on_known);
	return true;
}
