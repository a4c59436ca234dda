#include "proxy/intercept.h"

#include <string.h>

#include "core/json.h"
#include "providers/lyrics_finder.h"

#define JSON_TYPE       "application/json; charset=utf-8"
#define JSON_TYPE_CAMEL "application/json; profile=\"CamelCase\"; charset=utf-8"

struct intercept *
intercept_start(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match)
{
	struct intercept *intercept =
		arena_alloc(exchange_arena(exchange), sizeof *intercept);

	*intercept = (struct intercept){ .worker = worker };
	if (match != NULL)
		intercept->match = *match;
	server_id_copy(worker->services->server, intercept->server_id);
	intercept->job = http_job_new(exchange);
	return intercept;
}

struct arena *
intercept_arena(struct intercept *intercept)
{
	return http_job_arena(intercept->job);
}

struct exchange *
intercept_exchange(struct intercept *intercept)
{
	return http_job_exchange(intercept->job);
}

void
intercept_refuse(struct intercept *intercept)
{
	enum err err = intercept->caller->err;

	if (err == ERR_NONE)
		intercept_reply_status(intercept, 404);
	else if (err == ERR_DENIED)
		intercept_reply_status(intercept, 401);
	else
		intercept_reply_err(intercept, err);
}

static void
set_caller(struct intercept *intercept, const struct caller *caller)
{
	intercept->caller = caller;
	if (caller->err != ERR_NONE)
		return;
	exchange_set_user(intercept_exchange(intercept), caller->facts.user_name);
	if (intercept->server_id[0] == '\0')
		copy_text(intercept->server_id, sizeof intercept->server_id,
			caller->facts.server_id);
}

/* ---- what the caller has done so far ---- */

static void
release_view(void *operation)
{
	user_view_unref(operation);
}

static void
cancel_open(void *operation)
{
	user_items_cancel(operation);
}

static void
on_opened(void *arg, enum err err, struct user_view *view)
{
	struct intercept *intercept = arg;

	http_job_release(intercept->job, intercept->opening);
	/* Without it things look untouched, which is better than no music. */
	if (err == ERR_NONE) {
		intercept->user = user_view_ref(view);
		http_job_hold(intercept->job, release_view, intercept->user);
	}
	intercept->allowed(intercept);
}

static void
open_user(struct intercept *intercept)
{
	struct user_items *items = intercept->worker->services->user_items;
	const char *user_id = intercept->caller->facts.user_id;

	if (items != NULL)
		intercept->user = user_items_peek(items, user_id);
	if (intercept->user != NULL)
		http_job_hold(intercept->job, release_view, intercept->user);
	if (items == NULL || intercept->user != NULL) {
		intercept->allowed(intercept);
		return;
	}
	intercept->opening = http_job_hold(intercept->job, cancel_open,
		user_items_open(items, http_job_loop(intercept->job), user_id, on_opened,
			intercept));
}

static void
on_confirmed_only(void *arg, const struct caller *caller)
{
	struct intercept *intercept = arg;

	set_caller(intercept, caller);
	if (caller_may_listen(caller, &intercept->worker->settings->sessions))
		intercept->allowed(intercept);
	else if (intercept->refused != NULL)
		intercept->refused(intercept);
	else
		intercept_refuse(intercept);
}

static void
on_confirmed(void *arg, const struct caller *caller)
{
	struct intercept *intercept = arg;

	set_caller(intercept, caller);
	if (caller_may_listen(caller, &intercept->worker->settings->sessions))
		open_user(intercept);
	else
		on_confirmed_only(intercept, caller);
}

static void
confirm(struct intercept *intercept, void (*done)(void *arg, const struct caller *caller),
	void (*allowed)(struct intercept *intercept),
	void (*refused)(struct intercept *intercept))
{
	intercept->allowed = allowed;
	intercept->refused = refused;
	caller_confirm(
		intercept->job, intercept->worker->services->tokens, done, intercept);
}

void
intercept_guard(struct intercept *intercept, void (*allowed)(struct intercept *intercept),
	void (*refused)(struct intercept *intercept))
{
	confirm(intercept, on_confirmed, allowed, refused);
}

void
intercept_guard_only(struct intercept *intercept,
	void (*allowed)(struct intercept *intercept),
	void (*refused)(struct intercept *intercept))
{
	confirm(intercept, on_confirmed_only, allowed, refused);
}

static void
on_identified(void *arg, const struct caller *caller)
{
	struct intercept *intercept = arg;

	set_caller(intercept, caller);
	intercept->allowed(intercept);
}

void
intercept_identify(struct intercept *intercept, void (*known)(struct intercept *intercept))
{
	struct token_cache *tokens = intercept->worker->services->tokens;
	struct caller *caller = arena_alloc(intercept_arena(intercept), sizeof *caller);

	intercept->allowed = known;
	if (caller_peek(caller, intercept_exchange(intercept), tokens)) {
		set_caller(intercept, caller);
		known(intercept);
	} else {
		caller_confirm(intercept->job, tokens, on_identified, intercept);
	}
}

void
intercept_relay(struct intercept *intercept)
{
	front_relay(intercept->worker, http_job_take(intercept->job));
}

bool
intercept_wants_camel_case(const struct exchange *exchange)
{
	const char *accept = exchange_header(exchange, "Accept");
	return accept != NULL && strcasestr(accept, "profile=\"CamelCase\"") != NULL;
}

size_t
intercept_add_cors(
	const struct exchange *exchange, struct http_header *headers, size_t count)
{
	if (exchange_header(exchange, "Origin") != NULL)
		headers[count++] =
			(struct http_header){ "Access-Control-Allow-Origin", "*" };
	return count;
}

void
intercept_reply_text(struct intercept *intercept, int status, const char *content_type,
	const char *body, size_t size)
{
	struct exchange *exchange = http_job_take(intercept->job);
	struct http_header headers[2];
	size_t count = 0;

	if (content_type == NULL)
		content_type =
			intercept_wants_camel_case(exchange) ? JSON_TYPE_CAMEL : JSON_TYPE;
	if (size > 0)
		headers[count++] = (struct http_header){ "Content-Type", content_type };
	count = intercept_add_cors(exchange, headers, count);
	exchange_reply_with(exchange, status, headers, count, body, size);
}

void
intercept_add_json(struct text *to, struct intercept *intercept, json_t *take_json)
{
	size_t size;

	if (intercept_wants_camel_case(intercept_exchange(intercept))) {
		json_t *camel = item_camel_case_new(take_json);
		json_decref(take_json);
		take_json = camel;
	}
	char *json = json_dump_new(take_json, &size);
	json_decref(take_json);
	text_add_bytes(to, json, size);
	xfree(json);
}

void
intercept_reply_json(struct intercept *intercept, int status, json_t *take_json)
{
	struct text body;

	text_init(&body);
	intercept_add_json(&body, intercept, take_json);
	intercept_reply_text(intercept, status, NULL, body.data, body.size);
	text_fini(&body);
}

void
intercept_reply_status(struct intercept *intercept, int status)
{
	intercept_reply_text(intercept, status, NULL, "", 0);
}

void
intercept_reply_items(
	struct intercept *intercept, json_t *take_items, int64_t total, int64_t start)
{
	json_t *answer = json_object();

	json_put_new(answer, "Items", take_items);
	json_put_int(answer, "TotalRecordCount", total);
	json_put_int(answer, "StartIndex", start);
	intercept_reply_json(intercept, 200, answer);
}

void
intercept_reply_media(struct intercept *intercept, const struct media *const *media,
	size_t count, enum err err)
{
	struct item_context context = intercept_item_context(intercept);

	if (count == 0 && intercept_is_failure(err)) {
		intercept_reply_err(intercept, err);
		return;
	}
	json_t *items = json_array();
	for (size_t i = 0; i < count; i++)
		json_array_append_new(items, media_item_new(media[i], &context));
	intercept_reply_items(intercept, items, (int64_t)count, 0);
}

bool
intercept_is_failure(enum err err)
{
	return err != ERR_NONE && err != ERR_NOT_FOUND && err != ERR_INVALID;
}

void
intercept_reply_err(struct intercept *intercept, enum err err)
{
	struct exchange *exchange;

	if (err == ERR_NOT_FOUND || err == ERR_DENIED) {
		intercept_reply_status(intercept, 404);
		return;
	}
	exchange = http_job_take(intercept->job);
	if (err == ERR_TIMEOUT)
		exchange_reply_error(exchange, 504, "provider_timeout",
			"The music provider or Jellyfin did not answer in time.");
	else if (err == ERR_BUSY)
		exchange_reply_error(exchange, 503, "provider_busy",
			"The music provider cannot be asked right now. Try again shortly.");
	else
		exchange_reply_error(exchange, 502, "provider_unreachable",
			"The music provider or Jellyfin could not be reached.");
}

struct track_listener
intercept_listener(const struct intercept *intercept)
{
	const struct caller *caller = intercept->caller;

	if (caller != NULL && caller->err == ERR_NONE)
		return (struct track_listener){ caller->facts.user_id,
			caller->facts.user_name };
	if (intercept->pass != NULL)
		return (struct track_listener){ intercept->pass->user_id,
			intercept->pass->user_name };
	return (struct track_listener){ "", "" };
}

track_quality_set
intercept_offered(const struct intercept *intercept, enum provider_id provider)
{
	const struct track_listener listener = intercept_listener(intercept);
	const struct provider *found = provider_find(
		catalog_providers(intercept->worker->services->catalog), provider);

	if (found == NULL)
		return 0;
	return found->ops->lane(found->shared, &listener).qualities;
}

void
intercept_open_list(struct text *to, struct intercept *intercept)
{
	bool camel = intercept_wants_camel_case(intercept_exchange(intercept));

	text_add(to, camel ? "{\"items\":[" : "{\"Items\":[");
}

void
intercept_close_list(
	struct text *to, struct intercept *intercept, int64_t total, int64_t start)
{
	bool camel = intercept_wants_camel_case(intercept_exchange(intercept));

	text_addf(to,
		camel ? "],\"totalRecordCount\":%lld,\"startIndex\":%lld}"
		      : "],\"TotalRecordCount\":%lld,\"StartIndex\":%lld}",
		(long long)total, (long long)start);
}

struct item_context
intercept_item_context(const struct intercept *intercept)
{
	struct item_context context = {
		.server_id = intercept->server_id,
		.can_download =
			intercept->caller != NULL && intercept->caller->facts.downloading,
		.user = intercept->user,
	};

	for (unsigned i = PROVIDER_DEEZER; i < PROVIDER_IDS; i++)
		context.offered[i] = intercept_offered(intercept, (enum provider_id)i);
	return context;
}

bool
intercept_has_lyrics(const struct intercept *intercept, const struct external_id *song)
{
	const struct track_listener listener = intercept_listener(intercept);

	if (lyrics_are_known(intercept->worker->services->lyrics, song))
		return true;
	lyrics_fetch_ahead(intercept->worker->lyrics, song, &listener);
	return false;
}

bool
intercept_external_id(
	struct external_id *id, const struct route_match *match, const char *name)
{
	return external_id_parse(id, slice_of(route_value(match, name)));
}

struct intercept_page
intercept_page(struct exchange *exchange)
{
	const struct query *query = exchange_query(exchange);
	struct intercept_page page = {
		.start = query_int(query, "StartIndex", 0),
		.limit = query_int(query, "Limit", -1),
	};

	if (page.start < 0)
		page.start = 0;
	/* Jellyfin's own are 32 bits wide: what is above is beyond every list, and sums of
	 * two stay numbers. */
	if (page.start > INT32_MAX)
		page.start = INT32_MAX;
	if (page.limit > INT32_MAX)
		page.limit = INT32_MAX;
	return page;
}
