/* Access log: one line per exchange when it is over: who, what, how it ended, how long.
 *
 * What we answer ourselves is logged at level info, what is only relayed at debug. The path
 * is logged without its query, where clients put tokens.
 */
#ifndef PROXY_ACCESS_LOG_H
#define PROXY_ACCESS_LOG_H

#include "core/http_server.h"

/* For http_server_on_done; `arg` is not used. Any worker. */
void access_log_write(void *arg, const struct exchange_summary *summary);

#endif
