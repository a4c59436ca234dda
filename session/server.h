/* Server: is the Jellyfin we front well, and who is it?
 *
 * Asks /health every 5 s (every second while it is down), because during its start another
 * program answers on the port, /System/Info/Public included (measured); only after
 * "Healthy" is /System/Info/Public believed. Asks without any credential. Control thread,
 * but for server_read.
 */
#ifndef SESSION_SERVER_H
#define SESSION_SERVER_H

#include <stdbool.h>

#include "core/url.h"
#include "session/jellyfin.h"

struct server;

struct server_facts {
	bool healthy;
	char id[33]; /* "" until it was healthy once; these stay while it is down */
	char name[128];
	char version[32];
	char local_address[256];
};

/* Called on the control loop after healthy or id have changed. */
struct server_observer {
	void (*changed)(void *arg, const struct server_facts *facts);
	void *arg;
};

/* Asks at once. `base` is copied. On the control loop. */
struct server *server_start(
	const struct base_url *base, struct loop *loop, struct errands *errands);
/* The same with calls of the caller's making, for tests. */
struct server *server_start_over(const struct base_url *base, struct loop *loop,
	struct jellyfin_transport transport);
/* Accepts NULL. */
void server_stop(struct server *server);
/* At most 4. Not from within an observer. */
void server_observe(struct server *server, struct server_observer observer);
/* A copy of what is known. Any thread. */
void server_read(struct server *server, struct server_facts *facts);
/* The id alone, "" while it is unknown. Any thread. */
void server_id_copy(struct server *server, char id[33]);

/* Pure: what /System/Info/Public says; false when it is no such answer. */
MUST_CHECK bool server_info_parse(
	struct server_facts *facts, const void *body, size_t size);

#endif
