/* Client tunnels: those of all workers, found by the session they belong to.
 *
 * Shared between workers behind a lock of its own. A tunnel belongs to its worker's loop,
 * so what is sent to it travels there by mail, and finds it gone or not. Of several sockets
 * of one session (two tabs) the one that spoke last is meant, as in Jellyfin (measured).
 */
#ifndef PROXY_CLIENT_TUNNELS_H
#define PROXY_CLIENT_TUNNELS_H

#include <sys/queue.h>

#include "core/loop.h"
#include "session/token.h"
#include "tracker/play_key.h"
#include "ws/tunnel.h"

struct client_tunnels;

/* Embedded in whoever owns the tunnel; zeroed before. Only client_tunnels looks inside. */
struct client_tunnel {
	TAILQ_ENTRY(client_tunnel) place;
	bool added;
	uint64_t number; /* unique */
	uint64_t spoke;  /* the larger, the later */
	struct loop *loop;
	struct tunnel *tunnel;
	struct play_session_key key;
	/* Who they are, until their client's name is known; owned, may be NULL. */
	struct identity *identity;
};

/* `tokens` is borrowed: where the name of a client is learnt later. */
struct client_tunnels *client_tunnels_new(struct token_cache *tokens);
/* When no worker uses it any more. Accepts NULL. */
void client_tunnels_free(struct client_tunnels *tunnels);

/* The tunnel is open; on its loop. `identity` is copied when it may be needed. */
void client_tunnels_add(struct client_tunnels *tunnels, struct client_tunnel *entry,
	struct loop *loop, struct tunnel *tunnel, const struct play_session_key *key,
	const struct identity *identity);
/* Its client has said something. */
void client_tunnels_spoke(struct client_tunnels *tunnels, struct client_tunnel *entry);
/* Harmless when it was not added. On its loop. */
void client_tunnels_remove(struct client_tunnels *tunnels, struct client_tunnel *entry);

struct client_tunnel_target {
	uint64_t number;
	struct loop *loop;
	char user_id[33]; /* whose session it is */
};

/* Any thread. False: no socket of that session (Jellyfin's id) comes through us. */
MUST_CHECK bool client_tunnels_find(struct client_tunnels *tunnels,
	struct client_tunnel_target *target, const char *session_id);
/* Any thread. Calls `each` for every socket of that user, with the lock held: it may send,
 * nothing else. */
void client_tunnels_each_of_user(struct client_tunnels *tunnels, const char *user_id,
	void (*each)(void *arg, const struct client_tunnel_target *target), void *arg);
/* Any thread. Sends its client a text message; whether it was still there, and took it, is
 * told to the log. `what` is a literal. */
void client_tunnels_send(struct client_tunnels *tunnels,
	const struct client_tunnel_target *target, const char *text, size_t size,
	const char *what);

#endif
