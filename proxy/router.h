/* Router: which requests are not simply relayed. A table of paths and handlers.
 *
 * Adding an intercepted route is one row in router.c and a function in an intercept_* file.
 */
#ifndef PROXY_ROUTER_H
#define PROXY_ROUTER_H

#include "core/route.h"
#include "proxy/front.h"

/* A handler looks at the request and either takes the exchange (true) or leaves it to the
 * relay (false). */
struct front_route {
	int methods; /* of enum http_method */
	const char *pattern;
	const char *name; /* for the access log and metrics */
	bool (*handle)(struct front_worker *worker, struct exchange *exchange,
		const struct route_match *match);
};

/* One per worker. */
struct router *router_new(void);
/* Accepts NULL. */
void router_free(struct router *router);

/* Takes the exchange in any case: a handler's, else the relay's. */
void router_dispatch(struct front_worker *worker, struct exchange *exchange);

#endif
