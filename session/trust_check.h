/* Trust check: does Jellyfin believe what we say about clients, and does it send them past
 * us? Looked at each time it has become healthy (its network settings change with a
 * restart), told to the log when the finding is another than before.
 *
 * X-Forwarded-For: /System/Endpoint would say it in so many words, but wants a token
 * (openapi: 403), and a client's is not ours to use. What Jellyfin does with forwarding
 * headers it does with all of them at once, and one is visible without a token: /web is
 * redirected to /web/ at the scheme and host that Jellyfin believes in. So we ask for /web
 * with a documentation address (RFC 5737) and a reserved host (RFC 6761). Without a web
 * client there is no redirect and nothing to learn.
 *
 * LocalAddress: at what address clients reach us is known to nobody here, so only this much
 * is said: that it names Jellyfin's own port, while clients should come to ours.
 *
 * Control thread.
 */
#ifndef SESSION_TRUST_CHECK_H
#define SESSION_TRUST_CHECK_H

#include "session/server.h"

struct trust_check;

struct trust_check_options {
	const struct base_url *jellyfin; /* borrowed for its life */
	struct loop *loop;
	struct jellyfin_transport transport;
	struct server *server;
	uint16_t listen_port; /* ours, 0: not known */
	/* SIDETRACK_PUBLIC_URL is set: what Jellyfin calls itself reaches no client. */
	bool replaces_local_address;
};

/* `options` is copied. */
struct trust_check *trust_check_start(const struct trust_check_options *options);
/* SIDETRACK_PUBLIC_URL has been set, or taken away. */
void trust_check_set_replaces(struct trust_check *check, bool replaces_local_address);
/* Before the server stops to exist, when nothing runs on its loop. Accepts NULL. */
void trust_check_stop(struct trust_check *check);

enum trust_finding {
	TRUST_UNKNOWN,  /* the answer shows nothing */
	TRUST_BELIEVED, /* forwarding headers count */
	TRUST_IGNORED,  /* every client has our address there */
};

/* Pure: what the answer to our question about /web means. `location` may be NULL. */
enum trust_finding trust_check_judge(int status, const char *location);
/* Pure: does this LocalAddress lead to Jellyfin itself? Sure when it is the address by
 * which we reach it; another host with Jellyfin's port is taken for its other name, unless
 * that port is ours as well. */
bool trust_check_leads_past(
	const char *local_address, const struct base_url *jellyfin, uint16_t listen_port);

#endif
