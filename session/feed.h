/* Feed: what plays on Jellyfin servers, also past us: /Sessions of the server we front and
 * of those that are only watched, polled and pushed, as reports for the tracker (source
 * FEED, docs/ARCHITECTURE.md).
 *
 * One feed_server for each; a server that fails concerns no other. Needs an API key of the
 * fronted server (SIDETRACK_JELLYFIN_API_KEY), else that one is not watched and the log
 * says so once. Plays of external items that we show in the fronted server are not
 * reported: we told it of them. Control thread.
 */
#ifndef SESSION_FEED_H
#define SESSION_FEED_H

#include <jansson.h>

#include "core/errand.h"
#include "session/feed_setting.h"
#include "session/injected.h"
#include "session/jellyfin.h"
#include "session/server.h"
#include "tracker/tracker.h"

struct feed;

struct feed_options {
	struct loop *loop; /* control */
	struct jellyfin_transport transport;
	struct injected_sockets sockets;
	struct tracker *tracker;
	struct server *server; /* who the fronted one is; NULL: not known */
	const struct base_url *jellyfin;
	const char *api_key; /* NULL: the fronted server is not watched */
	bool (*address)(void *arg, char *address, size_t size);
	void *address_arg;
	const struct feed_named_list *others;
	/* Is that item one of ours, as shown in the fronted server? */
	bool (*is_ours)(void *arg, const char *item_id);
	void *is_ours_arg;
};

/* A server went down (three failures in a row), or came back (the first answer after). */
struct feed_observer {
	void (*changed)(void *arg, const char *server, bool up);
	void *arg;
};

/* Everything is copied. */
struct feed *feed_start(const struct feed_options *options);
/* Before the tracker. Accepts NULL. */
void feed_stop(struct feed *feed);
/* At most 4. Not from within an observer. */
void feed_observe(struct feed *feed, struct feed_observer observer);

/* [{"name": …, "url": …, "fronted": true, "state": "up", …}], the fronted one first, its
 * state "off" without a key. */
json_t *feed_json_new(const struct feed *feed);

#endif
