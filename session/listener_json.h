/* Listener JSON: what /sidetrack/api/sessions says of one listener. Control thread.
 */
#ifndef SESSION_LISTENER_JSON_H
#define SESSION_LISTENER_JSON_H

#include <jansson.h>

#include "session/listener.h"

/* Never a token. New. */
json_t *listener_json_new(const struct listener *listener);

#endif
