#include "core/http_client.h"

#include <curl/curl.h>
#include <string.h>
#include <sys/queue.h>

#include "core/curl_loop.h"
#include "core/curl_request.h"
#include "core/loop.h"
#include "core/mem.h"

enum {
	MAX_CALLS = 4096,
	MAX_HEAD_BYTES = 256 * 1024,
	DEFAULT_MAX_BODY = 1024 * 1024,
	DEFAULT_TIMEOUT_MS = 30 * 1000,
	DEFAULT_CONNECTIONS = 16,
};

TAILQ_HEAD(call_list, http_call);

struct http_client {
	struct loop *loop;
	struct curl_loop *curl;
	char *user_agent;
	char *ca_file;
	bool unverified;
	struct call_list calls; /* RUNNING and ENDED ones */
	size_t call_count;
};

/* RUNNING -> ENDED -> freed after `done`; or -> SILENT by a cancel, then freed. Whoever
 * leaves RUNNING schedules the one loop_later that frees the call; those scheduled before
 * it (attach, unpause) run before it. */
enum call_state { CALL_RUNNING, CALL_ENDED, CALL_SILENT };

struct http_call {
	struct http_client *client; /* NULL once the client was freed */
	TAILQ_ENTRY(http_call) link;
	enum call_state state;
	struct curl_request curl;
	bool attached; /* to the multi handle */
	struct timer deadline;
	int64_t timeout_ms;
	size_t max_body;
	bool follow;

	struct text head; /* the present head: name NUL value NUL, … */
	struct text answer_body;
	bool head_told; /* on_head has had its turn: later lines are trailers */
	bool paused;    /* the owner wants no bytes */
	bool held_back; /* libcurl holds bytes for us */

	bool (*on_head)(void *arg, const struct http_answer *answer);
	bool (*on_data)(void *arg, const void *data, size_t size);
	void (*done)(void *arg, const struct http_answer *answer);
	void *arg;
	enum err err; /* why we made libcurl stop, or how it ended */
	const char *reason;
	struct loop *loop;
};

/* ---- the answer ---- */

static struct http_answer
make_answer(struct http_call *call)
{
	curl_off_t length = -1;
	long status = 0;

	curl_easy_getinfo(call->curl.easy, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(call->curl.easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
	return (struct http_answer){
		.err = call->err,
		.reason = call->reason,
		.status = (int)status,
		.body = text_get(&call->answer_body),
		.body_size = call->answer_body.size,
		.content_length = length,
		.call = call,
	};
}

const char *
http_answer_header(const struct http_answer *answer, const char *name)
{
	if (answer->call == NULL)
		return NULL;
	const struct text *head = &answer->call->head;
	for (size_t at = 0; at < head->size;) {
		const char *found = head->data + at;
		const char *value = found + strlen(found) + 1;
		if (text_equal_ci(found, name))
			return value;
		at = (size_t)(value - head->data) + strlen(value) + 1;
	}
	return NULL;
}

/* ---- the end of a call ---- */

/* Takes the call out of libcurl and of its client, which may be freed from now on. */
static void
detach(struct http_call *call)
{
	timer_stop(&call->deadline);
	if (call->attached)
		curl_multi_remove_handle(
			curl_loop_multi(call->client->curl), call->curl.easy);
	curl_request_fini(&call->curl);
	TAILQ_REMOVE(&call->client->calls, call, link);
	call->client->call_count--;
	call->client = NULL;
}

static void
free_call(void *arg)
{
	struct http_call *call = arg;

	if (call->client != NULL)
		detach(call);
	text_fini(&call->head);
	text_fini(&call->answer_body);
	xfree(call);
}

static void
report_call(void *arg)
{
	struct http_call *call = arg;

	if (call->state == CALL_ENDED) {
		struct http_answer answer = make_answer(call);
		detach(call);
		call->done(call->arg, &answer);
	}
	free_call(call);
}

/* The first reason stands. */
static bool
set_failure(struct http_call *call, enum err err, const char *reason)
{
	if (call->err == ERR_NONE) {
		call->err = err;
		call->reason = reason;
	}
	return false;
}

static void
end_call(struct http_call *call)
{
	if (call->state != CALL_RUNNING)
		return;
	call->state = CALL_ENDED;
	timer_stop(&call->deadline);
	loop_later(call->loop, report_call, call);
}

static enum err
err_of_code(CURL *easy, CURLcode code)
{
	long sent_bytes = 0;

	curl_easy_getinfo(easy, CURLINFO_REQUEST_SIZE, &sent_bytes);
	switch (code) {
	case CURLE_OPERATION_TIMEDOUT:
		return ERR_TIMEOUT;
	case CURLE_URL_MALFORMAT:
	case CURLE_UNSUPPORTED_PROTOCOL:
	case CURLE_LOGIN_DENIED: /* a user name in the URL */
		/* Ours, or that of a redirect; an answer that is no HTTP counts here too.
		 */
		return sent_bytes == 0 ? ERR_INVALID : ERR_PROTOCOL;
	case CURLE_TOO_MANY_REDIRECTS:
	case CURLE_WEIRD_SERVER_REPLY:
	case CURLE_BAD_CONTENT_ENCODING:
		return ERR_PROTOCOL;
	default:
		return ERR_UNREACHABLE;
	}
}

static void
on_deadline(void *arg)
{
	struct http_call *call = arg;

	set_failure(call, ERR_TIMEOUT, "no answer in time");
	end_call(call);
}

/* ---- libcurl's callbacks ---- */

static bool
is_redirect(struct http_call *call, const struct http_answer *answer)
{
	return call->follow && answer->status >= 300 && answer->status < 400 &&
	       http_answer_header(answer, "Location") != NULL;
}

/* The head is complete. False: the call has to end. */
static bool
tell_head(struct http_call *call)
{
	struct http_answer answer = make_answer(call);

	if (call->head_told || answer.status < 200 || is_redirect(call, &answer))
		return true;
	call->head_told = true;
	if (call->on_data == NULL && answer.content_length > 0 &&
		(uint64_t)answer.content_length > call->max_body)
		return set_failure(call, ERR_TOO_LARGE, "the answer is too large");
	if (call->on_head != NULL && !call->on_head(call->arg, &answer))
		return set_failure(call, ERR_DENIED, "the caller refused the answer");
	return call->state == CALL_RUNNING;
}

static bool
keep_header(struct http_call *call, struct slice line)
{
	const char *colon = memchr(line.data, ':', line.size);

	if (call->head.size + line.size + 2 > MAX_HEAD_BYTES)
		return set_failure(call, ERR_TOO_LARGE, "the answer's head is too large");
	if (colon == NULL || memchr(line.data, '\0', line.size) != NULL)
		return true;
	size_t name_size = (size_t)(colon - line.data);
	struct slice value = { colon + 1, line.size - name_size - 1 };
	text_add_slice(&call->head, slice_trim((struct slice){ line.data, name_size }));
	text_add_char(&call->head, '\0');
	text_add_slice(&call->head, slice_trim(value));
	text_add_char(&call->head, '\0');
	return true;
}

static size_t
on_header_line(char *data, size_t one, size_t size, void *arg)
{
	struct http_call *call = arg;
	struct slice line = { data, size };
	bool good = true;

	(void)one;
	if (call->state != CALL_RUNNING)
		return 0;
	if (call->head_told)
		return size;
	while (line.size > 0 && strchr("\r\n", line.data[line.size - 1]) != NULL)
		line.size--;
	if (slice_starts_with_ci(line, "HTTP/"))
		text_clear(&call->head);
	else if (line.size == 0)
		good = tell_head(call);
	else
		good = keep_header(call, line);
	return good ? size : 0;
}

static size_t
on_body(char *data, size_t one, size_t size, void *arg)
{
	struct http_call *call = arg;

	(void)one;
	if (call->state != CALL_RUNNING)
		return 0;
	if (call->on_data == NULL) {
		if (size > call->max_body - call->answer_body.size) {
			set_failure(call, ERR_TOO_LARGE, "the answer is too large");
			return 0;
		}
		text_add_bytes(&call->answer_body, data, size);
		return size;
	}
	if (call->paused) {
		call->held_back = true;
		return CURL_WRITEFUNC_PAUSE;
	}
	timer_start(&call->deadline, call->timeout_ms);
	if (!call->on_data(call->arg, data, size)) {
		set_failure(call, ERR_DENIED, "the caller refused the answer");
		return 0;
	}
	return call->state == CALL_RUNNING ? size : 0;
}

static void
on_transfer_done(void *arg, CURL *easy, CURLcode code)
{
	struct http_call *call = NULL;

	(void)arg;
	curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&call);
	if (code == CURLE_OK && !tell_head(call))
		code = CURLE_WRITE_ERROR;
	if (code != CURLE_OK)
		set_failure(
			call, err_of_code(call->curl.easy, code), curl_easy_strerror(code));
	end_call(call);
}

/* ---- the start of a call ---- */

static void
set_callbacks(struct http_call *call)
{
	CURL *easy = call->curl.easy;

	curl_easy_setopt(easy, CURLOPT_PRIVATE, call);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header_line);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, call);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, call);
}

static void
attach(void *arg)
{
	struct http_call *call = arg;

	if (call->state != CALL_RUNNING)
		return;
	if (call->err == ERR_NONE) {
		CURLMcode code = curl_multi_add_handle(
			curl_loop_multi(call->client->curl), call->curl.easy);
		call->attached = code == CURLM_OK;
		if (!call->attached)
			set_failure(call, ERR_INVALID, curl_multi_strerror(code));
	}
	if (!call->attached)
		end_call(call);
}

struct http_call *
http_client_start(struct http_client *client, const struct http_call_request *request,
	void (*done)(void *arg, const struct http_answer *answer), void *arg)
{
	struct http_call *call = xcalloc(1, sizeof *call);

	call->client = client;
	call->loop = client->loop;
	call->on_head = request->on_head;
	call->on_data = request->on_data;
	call->done = done;
	call->arg = arg;
	call->follow = request->follow;
	call->max_body = request->max_body > 0 ? request->max_body : DEFAULT_MAX_BODY;
	call->timeout_ms =
		request->timeout_ms > 0 ? request->timeout_ms : DEFAULT_TIMEOUT_MS;
	const struct http_client_options options = { .user_agent = client->user_agent,
		.ca_file = client->ca_file,
		.unverified = client->unverified };
	if (!curl_request_init(&call->curl, request, &options))
		set_failure(call, ERR_INVALID, "the request contains a line break");
	if (client->call_count >= MAX_CALLS)
		set_failure(call, ERR_BUSY, "too many calls are under way");
	set_callbacks(call);
	timer_init(&call->deadline, client->loop, on_deadline, call);
	timer_start(&call->deadline, call->timeout_ms);
	TAILQ_INSERT_TAIL(&client->calls, call, link);
	client->call_count++;
	/* We may be inside a callback of libcurl, which forbids to add a handle there. */
	loop_later(client->loop, attach, call);
	return call;
}

void
http_call_cancel(struct http_call *call)
{
	enum call_state was = call->state;

	if (call->client == NULL) /* its `done` is on the call stack */
		return;
	call->state = CALL_SILENT;
	timer_stop(&call->deadline);
	if (was == CALL_RUNNING)
		loop_later(call->loop, free_call, call);
}

void
http_call_pause(struct http_call *call)
{
	assert(call->on_data != NULL);
	call->paused = true;
	timer_stop(&call->deadline);
}

static void
unpause(void *arg)
{
	struct http_call *call = arg;

	if (call->state != CALL_RUNNING || call->paused || !call->held_back)
		return;
	call->held_back = false;
	CURLcode code = curl_loop_unpause(call->client->curl, call->curl.easy);
	if (code == CURLE_OK)
		return;
	set_failure(call, err_of_code(call->curl.easy, code), curl_easy_strerror(code));
	end_call(call);
}

void
http_call_resume(struct http_call *call)
{
	if (!call->paused || call->state != CALL_RUNNING)
		return;
	call->paused = false;
	timer_start(&call->deadline, call->timeout_ms);
	loop_later(call->loop, unpause, call);
}

/* ---- the client ---- */

struct http_client *
http_client_new(struct loop *loop, const struct http_client_options *options)
{
	struct http_client *client = xcalloc(1, sizeof *client);
	long connections =
		options->connections > 0 ? options->connections : DEFAULT_CONNECTIONS;

	client->loop = loop;
	client->user_agent = xstrdup_or_null(options->user_agent);
	client->ca_file = xstrdup_or_null(options->ca_file);
	client->unverified = options->unverified;
	TAILQ_INIT(&client->calls);
	client->curl = curl_loop_new(loop, connections, on_transfer_done, client);
	return client;
}

void
http_client_free(struct http_client *client)
{
	struct http_call *call;

	if (client == NULL)
		return;
	assert(!curl_loop_is_inside(client->curl));
	while ((call = TAILQ_FIRST(&client->calls)) != NULL) {
		http_call_cancel(call);
		detach(call);
	}
	curl_loop_free(client->curl);
	xfree(client->user_agent);
	xfree(client->ca_file);
	xfree(client);
}
