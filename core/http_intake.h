/* Intake: turns what a client sends into exchanges, piece by piece: a proxy's
 * header, heads, bodies, requests sent ahead, a tunnel's bytes. Internal to core/http_*; on
 * the connection's worker.
 *
 * What has been read is used in a loop, never from within itself: an exchange that is
 * answered at once lets the loop go on with the next request; one that is answered later
 * makes the intake resume in a later turn of the stack (loop_later).
 */
#ifndef CORE_HTTP_INTAKE_H
#define CORE_HTTP_INTAKE_H

#include "core/http_connection.h"

/* The client has just connected: what it has said already is read, and if that is nothing,
 * waited for. */
void http_intake_begin(struct connection *connection);
/* The socket is readable. */
void http_intake_read(struct connection *connection);
/* The exchange is over and the connection stays: the next request may be there already. */
void http_intake_next(struct connection *connection);
/* The exchange is a tunnel now, or wants to hear again: what has been kept is for it. */
void http_intake_tunnel(struct connection *connection);

#endif
