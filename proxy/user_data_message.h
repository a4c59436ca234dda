/* User data message: what Jellyfin tells the sockets of a user of whom one client has given
 * a heart or played a song, so that the others show it: `UserDataChanged`.
 */
#ifndef PROXY_USER_DATA_MESSAGE_H
#define PROXY_USER_DATA_MESSAGE_H

#include "providers/user_item.h"
#include "proxy/client_tunnels.h"

/* Any thread. To every socket of that user that comes through us. */
void user_data_message_send(struct client_tunnels *tunnels, const char *user_id,
	const char *item_id, const struct user_item *item);

#endif
