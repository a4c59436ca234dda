/* Access log: one line per exchange when it is over: who, what, how it ended, how long.
 *
 * What somebody did is logged at level info; what programs ask for by themselves, every few
 * seconds or thirty at once, at debug. The path is logged without its query, where clients
 * put tokens.
 */
#ifndef PROXY_ACCESS_LOG_H
#define PROXY_ACCESS_LOG_H

#include "core/http_server.h"
#include "core/log.h"

/* For http_server_on_done; `arg` is not used. Any worker. */
void access_log_write(void *arg, const struct exchange_summary *summary);

/* Pure: by the route, and whether we failed. */
enum log_level access_log_level(const struct exchange_summary *summary);

#endif
