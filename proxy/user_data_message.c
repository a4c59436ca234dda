#include "proxy/user_data_message.h"

#include "core/crypto.h"
#include "core/json.h"

struct to_send {
	struct client_tunnels *tunnels;
	char *text;
	size_t size;
};

static json_t *
message_new(const char *user_id, const char *item_id, const struct user_item *item)
{
	json_t *message = json_object(), *data = json_object(), *list = json_array();
	unsigned char random[16];
	char id[33];

	crypto_random(random, sizeof random);
	hex_encode(id, random, sizeof random);
	json_put_text(data, "UserId", user_id);
	json_array_append_new(list, user_item_data_new(item, item_id, 0));
	json_put_new(data, "UserDataList", list);
	json_put_text(message, "MessageId", id);
	json_put_text(message, "MessageType", "UserDataChanged");
	json_put_new(message, "Data", data);
	return message;
}

static void
send(void *arg, const struct client_tunnel_target *target)
{
	const struct to_send *to_send = arg;

	client_tunnels_send(
		to_send->tunnels, target, to_send->text, to_send->size, "UserDataChanged");
}

void
user_data_message_send(struct client_tunnels *tunnels, const char *user_id,
	const char *item_id, const struct user_item *item)
{
	struct to_send to_send = { .tunnels = tunnels };
	json_t *message = message_new(user_id, item_id, item);

	to_send.text = json_dump_new(message, &to_send.size);
	json_decref(message);
	client_tunnels_each_of_user(tunnels, user_id, send, &to_send);
	xfree(to_send.text);
}
