#include "api/api_servers.h"

#include "api/api_inquiry.h"
#include "core/json.h"

static void *
servers_answer(void *arg)
{
	struct api_services *services = arg;
	json_t *answer = json_object();

	json_put_new(answer, "servers", feed_json_new(services->feed));
	return answer;
}

void
api_servers(struct api_services *services, struct exchange *exchange)
{
	api_inquire(services, exchange, servers_answer);
}
