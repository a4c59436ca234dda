/* Watch: what a connection's buffers tell while evhttp parses: when a head begins and ends
 * (the phases of http_connection.h), how many bytes of requests the process holds, and that
 * evhttp has put an answer of its own into the output. Internal to core/http_*; on the
 * connection's worker.
 */
#ifndef CORE_HTTP_WATCH_H
#define CORE_HTTP_WATCH_H

#include "core/http_connection.h"

void http_watch_start(struct connection *connection);
/* The connection is about to go; gives back what its bytes were charged. */
void http_watch_stop(struct connection *connection);
/* The request has been answered: the next may already have begun to arrive. */
void http_watch_next_request(struct connection *connection);
/* The request's bytes are held no longer. */
void http_watch_uncharge(struct connection *connection);
/* For the set's trim timer: gives freed memory back to the system. */
void http_watch_trim(void *set);

#endif
