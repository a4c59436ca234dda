/* Access log: one line per exchange when it is over: who, what, how it ended, how long.
 *
 *   event=exchange_done exchange=17 client=192.0.2.7 user=alice method=GET path=/Items
 *   query="SearchTerm=x&api_key=***" route=relay class=list status=200 received=0 sent=5120
 *   upstream_ms=3.251 total_ms=3.407 aborted=0
 *
 * `user`, `query` and `upstream_ms` (until the head of Jellyfin's answer) are left out when
 * there is none. Credentials in the query are masked (proxy/query_mask.h), long texts cut.
 */
#ifndef PROXY_ACCESS_LOG_H
#define PROXY_ACCESS_LOG_H

#include "core/http_server.h"
#include "core/log.h"
#include "proxy/route_class.h"

/* SIDETRACK_ACCESS_LOG */
enum access_log_mode {
	ACCESS_LOG_OFF,
	/* What we answer ourselves, at level info; what programs ask for by themselves,
	 * every few seconds or thirty at once, and relays at debug. */
	ACCESS_LOG_OWN,
	ACCESS_LOG_ALL, /* everything, at info */
};

/* Pure: is this exchange written? Then at `*level`. */
bool access_log_wants(enum access_log_mode mode, const struct exchange_summary *summary,
	enum log_level *level);
void access_log_write(enum log_level level, enum route_class class,
	const struct exchange_summary *summary);

#endif
