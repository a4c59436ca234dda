/* Listener tell: how a step of session/playing_step becomes a call to Jellyfin, and what
 * the answer means for what the listener knows. The second half of session/listener; nobody
 * else includes this. Control thread.
 */
#ifndef SESSION_LISTENER_TELL_H
#define SESSION_LISTENER_TELL_H

#include "session/listener.h"

/* Starts the step's call; none may be under way but for PLAYING_NOTHING. Its answer wakes
 * the listener. */
void listener_tell(struct listener *listener, enum playing_step step, int64_t now_ms);

#endif
