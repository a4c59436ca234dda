/* Tunnel: a client's WebSocket to Jellyfin through us, frame by frame in both directions.
 *
 *   open ──> draining (one side is gone, the other still gets what is queued) ──> closed
 *
 * Begins after Jellyfin's 101 (proxy/relay.h asks for it and leaves the extensions out, so
 * that frames stay readable). Nothing that passes is changed. Frames of ours go to the
 * client between two of the server's, never inside a fragmented message, never after a
 * close frame. Back-pressure: a side that does not take its bytes stops the other. One
 * loop, the exchange's.
 */
#ifndef WS_TUNNEL_H
#define WS_TUNNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/mem.h"

struct exchange;
struct stream;
struct tunnel;

enum {
	TUNNEL_QUEUE_BYTES = 256 * 1024, /* towards Jellyfin, then the client waits */
	TUNNEL_INJECT_BYTES = 64 * 1024, /* waiting for a boundary */
	TUNNEL_CLIENT_MESSAGE_BYTES = 4 * 1024, /* larger ones pass without being told */
};

/* How an owner hears of its tunnel. Never called from within a call it makes. */
struct tunnel_owner {
	/* Jellyfin agreed; the tunnel is open. Not called when it refused. */
	void (*opened)(void *arg, struct tunnel *tunnel);
	/* A whole text message of the client is passing; not terminated. May be NULL. */
	void (*client_message)(void *arg, const char *text, size_t size);
	/* Exactly once, the last call: the tunnel (if there was one) is dead, or the
	 * upgrade came to nothing. */
	void (*closed)(void *arg);
};

/* The client has been sent the 101. `early` is what Jellyfin sent right behind it. The
 * owner is copied; `opened` is the caller's to call. */
struct tunnel *tunnel_start(struct exchange *take_exchange, struct stream *take_stream,
	const char *early, size_t early_size, const struct tunnel_owner *owner, void *arg);

/* Sends the client a text message of ours as soon as a boundary comes. False when too much
 * waits already or the tunnel is closing. */
MUST_CHECK bool tunnel_inject(struct tunnel *tunnel, const char *text, size_t size);
/* Says goodbye to both sides with a close frame (RFC 6455 §7.4 code) where a frame may go,
 * and ends; `closed` follows in a later turn. */
void tunnel_close(struct tunnel *tunnel, uint16_t code, const char *reason);
/* Ends at once, what is queued is lost; `closed` follows in a later turn. */
void tunnel_end(struct tunnel *tunnel);

#endif
