/* Relay socket: what becomes of a relay after Jellyfin's 101, and the worker's list of open
 * tunnels. Part of the relay; others use proxy/relay.h.
 */
#ifndef PROXY_RELAY_SOCKET_H
#define PROXY_RELAY_SOCKET_H

#include <sys/queue.h>

#include "ws/tunnel.h"

struct relay_socket;
TAILQ_HEAD(relay_socket_list, relay_socket);

/* An upgrade under way. `owner` may be NULL. */
struct relay_socket *relay_socket_new(
	struct relay_socket_list *list, const struct tunnel_owner *owner, void *arg);
/* Jellyfin agreed and the client has its 101: the tunnel begins. It owns the socket. */
void relay_socket_open(struct relay_socket *take_socket, struct exchange *take_exchange,
	struct stream *take_stream, const char *early, size_t early_size);
/* It came to nothing: tells the owner and frees. */
void relay_socket_refuse(struct relay_socket *take_socket);
/* Every tunnel ends at once, without a word to its peers. */
void relay_socket_end_all(struct relay_socket_list *list);
/* A close frame for every open tunnel. */
void relay_socket_close_all(
	struct relay_socket_list *list, uint16_t code, const char *reason);

#endif
