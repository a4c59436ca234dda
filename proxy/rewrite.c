#include "proxy/rewrite.h"

#include <string.h>

#include "proxy/fetch.h"
#include "proxy/local.h"

enum { REWRITE_TIMEOUT_MS = 60 * 1000 };

struct rewrite {
	struct intercept *intercept;
	size_t hold;
	void (*write)(void *arg, struct text *to, struct slice body);
	void *arg;
};

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
copy_headers(
	struct arena *arena, const struct http_head *head, bool same_body, size_t *count)
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
		if (goes_on(head, &line) &&
			(same_body || !slice_equal_text_ci(line.name, "ETag")))
			headers[(*count)++] = (struct http_header){
				arena_slice_dup(arena, line.name),
				arena_slice_dup(arena, line.value),
			};
	}
	return headers;
}

static void
reply(struct rewrite *rewrite, const struct fetch_answer *answer)
{
	struct intercept *intercept = rewrite->intercept;
	struct slice body = { answer->body, answer->body_size };
	struct text written;
	size_t count;

	text_init(&written);
	rewrite->write(rewrite->arg, &written, body);
	bool same = slice_equal(body, (struct slice){ text_get(&written), written.size });
	struct http_header *headers =
		copy_headers(intercept_arena(intercept), &answer->head, same, &count);
	exchange_reply_with(http_job_take(intercept->job), answer->status, headers, count,
		text_get(&written), written.size);
	text_fini(&written);
}

static void
on_fetched(void *arg, const struct fetch_answer *answer)
{
	struct rewrite *rewrite = arg;
	struct intercept *intercept = rewrite->intercept;

	http_job_release(intercept->job, rewrite->hold);
	if (answer->err != ERR_NONE) {
		const struct local_answer failed = { .err = answer->err };
		local_reply(intercept, &failed);
		return;
	}
	if (answer->status == 401)
		front_refused(intercept->worker->services, intercept_exchange(intercept));
	reply(rewrite, answer);
}

static void
cancel_fetch(void *operation)
{
	fetch_cancel(operation);
}

void
rewrite_start(struct intercept *intercept, size_t max_body,
	void (*write)(void *arg, struct text *to, struct slice body), void *arg)
{
	struct exchange *exchange = intercept_exchange(intercept);
	const struct http_request *request = exchange_request(exchange);
	struct rewrite *rewrite = arena_alloc(intercept_arena(intercept), sizeof *rewrite);
	const struct fetch_request fetch = {
		.target = request->target,
		.headers = request->headers,
		.header_count = request->header_count,
		.identity = true,
		.timeout_ms = REWRITE_TIMEOUT_MS,
		.max_body = max_body,
		.in_name_of = exchange,
	};

	*rewrite = (struct rewrite){ .intercept = intercept, .write = write, .arg = arg };
	rewrite->hold = http_job_hold(intercept->job, cancel_fetch,
		fetch_start(intercept->worker->relay, &fetch, on_fetched, rewrite));
}
