/* Relay: an exchange answered by Jellyfin, byte for byte.
 *
 *   asking ──> head ──> copying ──> over
 *                  └──> splicing ──┘
 *
 * The request goes on with a head of ours (proxy/headers.h), the answer with Jellyfin's own
 * bytes minus what concerns one connection. Long bodies go through the kernel (splice), the
 * rest is copied with back-pressure. A client that leaves cancels the upstream at once; an
 * upstream that breaks breaks the client's transfer too, never a clean end. Before the
 * head: 502 jellyfin_unreachable, 504 jellyfin_timeout, 503 jellyfin_busy.
 *
 * A worker owns its relays, fetches (proxy/fetch.h), tunnels and upstream connections; all
 * on its loop.
 */
#ifndef PROXY_RELAY_H
#define PROXY_RELAY_H

#include "core/http_exchange.h"
#include "proxy/headers.h"
#include "proxy/splice.h"
#include "proxy/upstream.h"
#include "ws/tunnel.h"

struct relay_worker;

struct relay_options {
	struct headers_target target; /* its strings are borrowed */
	/* Where Jellyfin is now; false: not known (yet). */
	bool (*address)(void *arg, struct sockaddr_storage *address);
	/* It could not be connected there: is there another address now? May be NULL. */
	bool (*address_failed)(void *arg, const struct sockaddr_storage *address);
	/* As in proxy/upstream.h; may both be NULL. */
	unsigned (*address_changes)(void *arg);
	bool (*address_is_known)(void *arg, const struct sockaddr_storage *address);
	void *address_arg;
	const struct stream_tls *tls; /* how it is spoken to; NULL: plain TCP; borrowed */
	/* Jellyfin said 401 to it; the exchange is still there. May be NULL. */
	void (*refused)(void *arg, struct exchange *exchange);
	void *refused_arg;
	size_t upstream_idle;
	struct upstream_cap *upstream_cap; /* of all workers; borrowed */
	int64_t upstream_connect_ms;
	int64_t upstream_silence_ms;
	struct splice_budget *pipes; /* of all workers; NULL: always copy; borrowed */
};

/* `options` is copied. */
struct relay_worker *relay_worker_new(
	struct loop *loop, const struct relay_options *options);
/* What may change while it runs; for requests from now on. */
struct relay_changes {
	bool translate_legacy;
	int64_t upstream_connect_ms;
	int64_t upstream_silence_ms;
};
void relay_worker_change(struct relay_worker *worker, const struct relay_changes *changes);
/* Ends every tunnel with a close frame (1001, going away): for an orderly stop. */
void relay_worker_close_tunnels(struct relay_worker *worker);
/* After http_server_free (which ends all exchanges) and after every fetch was cancelled;
 * the memory goes in the loop's next turn. Accepts NULL. */
void relay_worker_free(struct relay_worker *worker);

/* How somebody hears of a relay; on the worker's loop, never before relay_start returned.
 */
struct relay_watch {
	/* Jellyfin has answered, and the client does not know yet. May be NULL. */
	void (*answered)(void *arg, int status);
	/* Once: the answer is over or the client left. `status` is what the client was
	 * sent, 0 for nothing; `complete`: all of it. May be NULL. */
	void (*done)(void *arg, int status, bool complete);
	void *arg;
};

/* What a client is told when Jellyfin did not answer: 504, 503 or 502. Ends the exchange.
 */
void relay_reply_error(struct exchange *take_exchange, enum err err);

/* Answers the exchange. `watch` is copied; NULL for none. */
void relay_start(struct relay_worker *worker, struct exchange *take_exchange,
	const struct relay_watch *watch);

/* The same for a request to open a WebSocket (headers_want_socket): after Jellyfin's 101 it
 * becomes a tunnel, any other answer is relayed as usual. `owner` is copied; NULL for none.
 * owner->closed fires exactly once in every case. */
void relay_start_socket(struct relay_worker *worker, struct exchange *take_exchange,
	const struct tunnel_owner *owner, void *arg);

/* For proxy/fetch. */
struct upstream_pool *relay_worker_pool(struct relay_worker *worker);
const struct relay_options *relay_worker_options(const struct relay_worker *worker);

#endif
