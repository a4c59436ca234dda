/* Session id: by what Jellyfin names the session of a client on a device. Pure; any thread.
 *
 * The MD5 of client and device id, written one behind the other as UTF-16LE, shown as a
 * GUID (measured; a contract test says so). So a session can be found by its id without
 * asking Jellyfin.
 */
#ifndef SESSION_SESSION_ID_H
#define SESSION_SESSION_ID_H

#include "tracker/play_key.h"

/* 32 lower-case hex. `client` and `device_id` are UTF-8, in the case the client wrote them.
 */
void session_id_of(char id[33], const char *client, const char *device_id);

#endif
