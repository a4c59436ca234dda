#include "proxy/intercept_session_list.h"

#include <string.h>

#include "core/json.h"
#include "proxy/intercept.h"
#include "proxy/json_slices.h"
#include "proxy/rewrite.h"

enum { LIST_MAX_BODY = 32 << 20 };

struct listing {
	struct intercept *intercept;
	size_t hold;
	struct lone_sessions *lone;
};

static bool
is_lone(const struct lone_sessions *lone, const json_t *session)
{
	const char *id = json_string_value(json_member_ci(session, "Id"));

	for (size_t i = 0; id != NULL && i < lone->count; i++) {
		if (strcmp(lone->ids[i], id) == 0)
			return true;
	}
	return false;
}

static void
add_uncontrollable(struct text *to, struct slice session)
{
	struct text half;

	text_init(&half);
	json_slices_put(&half, session, "SupportsRemoteControl", SLICE("false"));
	json_slices_put(to, (struct slice){ half.data, half.size }, "SupportsMediaControl",
		SLICE("false"));
	text_fini(&half);
}

void
intercept_session_list_write(struct text *to, struct arena *arena, struct slice body,
	const struct lone_sessions *lone, bool leave_out)
{
	json_t *list = json_parse_new(body.data, body.size);
	struct json_slices slices;
	size_t added = 0;

	if (!json_is_array(list) || !json_slices_read_array(&slices, arena, body)) {
		text_add_slice(to, body);
		goto out;
	}
	text_add_slice(to, slices.before);
	for (size_t i = 0; i < slices.count; i++) {
		bool alone = is_lone(lone, json_array_get(list, i));
		if (alone && leave_out)
			continue;
		if (added++ > 0)
			text_add_char(to, ',');
		if (alone)
			add_uncontrollable(to, slices.items[i]);
		else
			text_add_slice(to, slices.items[i]);
	}
	text_add_slice(to, slices.after);
out:
	json_decref(list);
}

static void
write_list(void *arg, struct text *to, struct slice body)
{
	const struct listing *listing = arg;
	struct exchange *exchange = intercept_exchange(listing->intercept);
	const char *controllable =
		query_get(exchange_query(exchange), "controllableByUserId");

	intercept_session_list_write(to, intercept_arena(listing->intercept), body,
		listing->lone, controllable != NULL && controllable[0] != '\0');
}

static void
on_lone(void *arg, void *lone)
{
	struct listing *listing = arg;
	struct intercept *intercept = listing->intercept;

	http_job_release(intercept->job, listing->hold);
	listing->lone = lone;
	http_job_hold(intercept->job, xfree, lone);
	if (listing->lone->count > 0)
		rewrite_start(intercept, LIST_MAX_BODY, write_list, listing);
	else
		intercept_relay(intercept);
}

static void
cancel_ask(void *operation)
{
	ask_cancel(operation);
}

bool
intercept_session_list(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match)
{
	struct now_playing *now_playing = worker->services->now_playing;

	if (!now_playing_has_lone(now_playing))
		return false;
	struct intercept *intercept = intercept_start(worker, exchange, match);
	struct listing *listing = arena_alloc(intercept_arena(intercept), sizeof *listing);
	*listing = (struct listing){ .intercept = intercept };
	listing->hold = http_job_hold(intercept->job, cancel_ask,
		now_playing_ask_lone(now_playing, worker->loop, on_lone, listing));
	return true;
}
