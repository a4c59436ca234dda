#include "session/feed.h"

#include <string.h>

#include "core/json.h"
#include "core/log.h"
#include "core/resolve.h"
#include "session/feed_server.h"

enum { MAX_OBSERVERS = 4 };

/* A server that is only watched, and where it is. */
struct watched {
	struct feed_server *server;
	struct resolve *resolve;
	struct base_url base;
};

struct feed {
	struct feed_options options;
	struct base_url jellyfin;
	struct feed_server *fronted; /* NULL: off */
	struct watched others[FEED_NAMED_MOST];
	size_t count;
	struct feed_observer observers[MAX_OBSERVERS];
	size_t observer_count;
};

static void
on_report(void *arg, const struct play_report *report)
{
	struct feed *feed = arg;

	tracker_report(feed->options.tracker, report);
}

static void
on_changed(void *arg, const struct feed_server *server, bool up)
{
	struct feed *feed = arg;

	for (size_t i = 0; i < feed->observer_count; i++)
		feed->observers[i].changed(
			feed->observers[i].arg, feed_server_name(server), up);
}

static bool
resolved_address(void *arg, char *address, size_t size)
{
	return resolve_text(arg, address, size);
}

/* A host may have several addresses, and listen on one. */
static void
doubt_address(void *arg)
{
	struct sockaddr_storage address;

	if (resolve_address(arg, &address))
		resolve_doubt(arg, &address);
}

/* What all have in common. */
static struct feed_server_options
server_options(struct feed *feed)
{
	return (struct feed_server_options){ .loop = feed->options.loop,
		.transport = feed->options.transport,
		.sockets = feed->options.sockets,
		.report = on_report,
		.report_arg = feed,
		.changed = on_changed,
		.changed_arg = feed };
}

static void
start_fronted(struct feed *feed)
{
	struct feed_server_options options = server_options(feed);

	if (feed->options.api_key == NULL) {
		log_info("feed_off",
			LOG_TEXT("why", "SIDETRACK_JELLYFIN_API_KEY is not set: who plays "
					"past us is not seen"));
		return;
	}
	options.name = "";
	options.base = &feed->jellyfin;
	options.api_key = feed->options.api_key;
	options.address = feed->options.address;
	options.address_arg = feed->options.address_arg;
	options.is_ours = feed->options.is_ours;
	options.is_ours_arg = feed->options.is_ours_arg;
	feed->fronted = feed_server_start(&options);
}

static void
start_other(struct feed *feed, const struct feed_named *named)
{
	struct feed_server_options options = server_options(feed);
	struct watched *watched = &feed->others[feed->count++];

	watched->base = named->base;
	watched->resolve = resolve_start(named->base.host, named->base.port);
	options.name = named->name;
	options.base = &watched->base;
	options.api_key = named->api_key;
	options.address = resolved_address;
	options.address_failed = doubt_address;
	options.address_arg = watched->resolve;
	watched->server = feed_server_start(&options);
}

struct feed *
feed_start(const struct feed_options *options)
{
	struct feed *feed = xcalloc(1, sizeof *feed);

	feed->options = *options;
	feed->jellyfin = *options->jellyfin;
	start_fronted(feed);
	for (size_t i = 0; i < options->others->count; i++)
		start_other(feed, &options->others->servers[i]);
	feed->options.api_key = NULL;
	feed->options.others = NULL;
	feed->options.jellyfin = NULL;
	return feed;
}

void
feed_stop(struct feed *feed)
{
	if (feed == NULL)
		return;
	feed_server_stop(feed->fronted);
	for (size_t i = 0; i < feed->count; i++) {
		feed_server_stop(feed->others[i].server);
		resolve_stop(feed->others[i].resolve);
	}
	xfree(feed);
}

void
feed_observe(struct feed *feed, struct feed_observer observer)
{
	assert(feed->observer_count < MAX_OBSERVERS);
	feed->observers[feed->observer_count++] = observer;
}

static json_t *
server_json_new(const struct feed_server *server, const char *name,
	const struct base_url *base, bool fronted)
{
	json_t *json = server != NULL ? feed_server_json_new(server) : json_object();
	struct text url = { 0 };

	jellyfin_url(&url, base, "");
	if (server == NULL)
		json_put_text(json, "state", "off");
	json_put_text(json, "name", name);
	json_put_text(json, "url", text_get(&url));
	json_put_bool(json, "fronted", fronted);
	text_fini(&url);
	return json;
}

json_t *
feed_json_new(const struct feed *feed)
{
	struct server_facts facts = { 0 };
	json_t *list = json_array();

	if (feed->options.server != NULL)
		server_read(feed->options.server, &facts);
	json_array_append_new(
		list, server_json_new(feed->fronted, facts.name, &feed->jellyfin, true));
	for (size_t i = 0; i < feed->count; i++) {
		const struct watched *watched = &feed->others[i];
		json_array_append_new(list,
			server_json_new(watched->server, feed_server_name(watched->server),
				&watched->base, false));
	}
	return list;
}
