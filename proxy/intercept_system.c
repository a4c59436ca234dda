#include "proxy/intercept_system.h"

#include "core/json.h"
#include "proxy/intercept.h"
#include "proxy/json_slices.h"
#include "proxy/rewrite.h"

enum { INFO_MAX_BODY = 1 << 20 };

void
intercept_system_write(struct text *to, struct slice body, const char *public_url)
{
	json_t *document = json_parse_new(body.data, body.size);
	struct slice url = slice_of(public_url);
	struct text value;

	while (url.size > 0 && url.data[url.size - 1] == '/')
		url.size--;
	text_init(&value);
	text_add_char(&value, '"');
	text_add_slice(&value, url);
	text_add_char(&value, '"');
	if (json_is_object(document))
		json_slices_put(
			to, body, "LocalAddress", (struct slice){ value.data, value.size });
	else
		text_add_slice(to, body);
	text_fini(&value);
	json_decref(document);
}

static void
write_info(void *arg, struct text *to, struct slice body)
{
	intercept_system_write(to, body, arg);
}

bool
intercept_system_info(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match)
{
	if (worker->settings->public_url == NULL)
		return false;
	char *public_url =
		arena_strdup(exchange_arena(exchange), worker->settings->public_url);
	rewrite_start(intercept_start(worker, exchange, match), INFO_MAX_BODY, write_info,
		public_url);
	return true;
}
