#include "proxy/intercept_system.h"

#include <string.h>

#include "core/json.h"
#include "proxy/fetch.h"
#include "proxy/intercept.h"
#include "proxy/json_slices.h"
#include "proxy/local.h"

enum { INFO_TIMEOUT_MS = 60 * 1000, INFO_MAX_BODY = 1 << 20 };

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

/* Does this line of Jellyfin's go on? Framing and Date are written by the reply. */
static bool
goes_on(const struct http_head *head, const struct http_line *line)
{
	return http_field_of(line->name) == HTTP_FIELD_OTHER &&
	       !slice_equal_text_ci(line->name, "Date") &&
	       !http_head_connection_lists(head, line->name);
}

/* The header lines of Jellyfin's answer, copied into the arena. */
static struct http_header *
copy_headers(struct arena *arena, const struct http_head *head, size_t *count)
{
	struct slice rest = head->lines;
	struct http_line line;
	size_t most = 0;

	while (http_head_next(&rest, &line))
		most++;
	struct http_header *headers = arena_alloc(arena, (most + 1) * sizeof *headers);
	*count = 0;
	rest = head->lines;
	while (http_head_next(&rest, &line)) {
		if (goes_on(head, &line))
			headers[(*count)++] = (struct http_header){
				arena_slice_dup(arena, line.name),
				arena_slice_dup(arena, line.value),
			};
	}
	return headers;
}

static void
reply(struct intercept *intercept, const struct fetch_answer *answer)
{
	const char *public_url = intercept->worker->services->public_url;
	struct slice body = { answer->body, answer->body_size };
	struct text written;
	size_t count;
	struct http_header *headers =
		copy_headers(intercept_arena(intercept), &answer->head, &count);

	text_init(&written);
	intercept_system_write(&written, body, public_url);
	exchange_reply_with(http_job_take(intercept->job), answer->status, headers, count,
		text_get(&written), written.size);
	text_fini(&written);
}

static void
on_fetched(void *arg, const struct fetch_answer *answer)
{
	struct intercept *intercept = arg;
	size_t *hold = intercept->state;

	http_job_release(intercept->job, *hold);
	if (answer->err != ERR_NONE) {
		const struct local_answer failed = { .err = answer->err };
		local_reply(intercept, &failed);
		return;
	}
	if (answer->status == 401)
		front_refused(intercept->worker->services, intercept_exchange(intercept));
	reply(intercept, answer);
}

static void
cancel_fetch(void *operation)
{
	fetch_cancel(operation);
}

bool
intercept_system_info(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match)
{
	if (worker->services->public_url == NULL)
		return false;
	struct intercept *intercept = intercept_start(worker, exchange, match);
	const struct http_request *request = exchange_request(exchange);
	size_t *hold = arena_alloc(intercept_arena(intercept), sizeof *hold);
	const struct fetch_request fetch = {
		.target = request->target,
		.headers = request->headers,
		.header_count = request->header_count,
		.identity = true,
		.timeout_ms = INFO_TIMEOUT_MS,
		.max_body = INFO_MAX_BODY,
		.in_name_of = exchange,
	};

	intercept->state = hold;
	*hold = http_job_hold(intercept->job, cancel_fetch,
		fetch_start(worker->relay, &fetch, on_fetched, intercept));
	return true;
}
