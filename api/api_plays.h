/* Who plays what, and the sessions we keep alive, for administrators. */
#ifndef API_API_PLAYS_H
#define API_API_PLAYS_H

#include "api/api.h"

/* {"plays": [play_json_new …]} */
void api_plays(struct api_services *services, struct exchange *exchange);
/* {"sessions": [now_playing_sessions_json_new …]} */
void api_sessions(struct api_services *services, struct exchange *exchange);

#endif
