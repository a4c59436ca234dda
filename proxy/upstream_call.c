#include "proxy/upstream_call.h"

#include <event2/buffer.h>

#include "core/clock.h"
#include "proxy/metrics.h"

enum {
	CALL_MAGIC = 0xca110001,
	WRITE_PARTS = 8,
	READS_PER_TURN = 4, /* then others have their turn */
	INTERIM_MAX = 16,
};

/* ---- the end ---- */

static void
reset(struct upstream_call *call)
{
	call->generation++;
	timer_stop(&call->silence);
	if (call->body != NULL)
		evbuffer_drain(call->body, evbuffer_get_length(call->body));
}

static bool
request_is_sent(const struct upstream_call *call)
{
	return call->request_sent == call->request.size &&
	       (call->body == NULL || evbuffer_get_length(call->body) == 0);
}

/* The answer is whole; `extra`: bytes followed that nobody asked for. */
static void
release(struct upstream_call *call, bool extra)
{
	struct upstream *upstream = call->upstream;
	bool reusable =
		call->keep_alive && !extra && !call->write_broken && request_is_sent(call);

	call->upstream = NULL;
	reset(call);
	if (reusable)
		upstream_give_back(upstream);
	else
		upstream_close(upstream);
}

void
upstream_call_cancel(struct upstream_call *call)
{
	struct upstream *upstream = call->upstream;

	upstream_ticket_cancel(&call->ticket);
	call->upstream = NULL;
	reset(call);
	if (upstream != NULL)
		upstream_close(upstream);
}

static void
fail(struct upstream_call *call, enum err err, const char *why)
{
	upstream_call_cancel(call);
	call->handler->failed(call->arg, err, why);
}

void
upstream_call_finish(struct upstream_call *call)
{
	assert(call->diverted && call->left == 0);
	release(call, false);
}

struct stream *
upstream_call_take_stream(struct upstream_call *call)
{
	struct upstream *upstream = call->upstream;

	call->upstream = NULL;
	reset(call);
	return upstream_detach(upstream);
}

/* The connection broke. Was it only stale? */
static void
on_broken(struct upstream_call *call, const char *why)
{
	if (call->heard || call->repeated || call->had_body || !call->options.repeatable ||
		!upstream_is_used(call->upstream)) {
		fail(call, ERR_UNREACHABLE, why);
		return;
	}
	metric_add(&proxy_metric_upstream_retries, 1);
	upstream_close(call->upstream);
	call->upstream = NULL;
	call->repeated = true;
	call->request_sent = 0;
	call->write_broken = false;
	upstream_ask(&call->ticket, true);
}

/* ---- sending ---- */

/* Lets the stream watch for what is wanted now. */
static void
want(struct upstream_call *call)
{
	stream_want(upstream_stream(call->upstream), !call->paused,
		!call->write_broken && !request_is_sent(call));
}

static int
gather(struct upstream_call *call, struct iovec parts[WRITE_PARTS])
{
	struct evbuffer_iovec pieces[WRITE_PARTS];
	int count = 0;

	if (call->request_sent < call->request.size)
		parts[count++] = (struct iovec){ call->request.data + call->request_sent,
			call->request.size - call->request_sent };
	if (call->body == NULL || evbuffer_get_length(call->body) == 0)
		return count;
	int room = WRITE_PARTS - count;
	int found = evbuffer_peek(call->body, -1, NULL, pieces, room);
	for (int i = 0; i < found && i < room; i++)
		parts[count++] = (struct iovec){ pieces[i].iov_base, pieces[i].iov_len };
	return count;
}

static void
note_sent(struct upstream_call *call, size_t size)
{
	size_t of_head = call->request.size - call->request_sent;

	if (of_head > size)
		of_head = size;
	call->request_sent += of_head;
	if (size > of_head)
		evbuffer_drain(call->body, size - of_head);
}

/* A peer that takes no more may have answered already: reading tells. */
static void
send_more(struct upstream_call *call)
{
	enum stream_result result = STREAM_OK;

	while (result == STREAM_OK && !request_is_sent(call)) {
		struct iovec parts[WRITE_PARTS];
		size_t size;
		int count = gather(call, parts);
		result = stream_write(upstream_stream(call->upstream), parts, count, &size);
		note_sent(call, size);
	}
	if (result == STREAM_BROKEN)
		call->write_broken = true;
	want(call);
}

/* ---- the answer ---- */

/* Hands a piece out; with `last` nothing of the call may be touched after. Returns whether
 * the call goes on. */
static bool
deliver(struct upstream_call *call, const struct http_head *head, char *data, size_t size,
	bool last)
{
	unsigned generation = call->generation;

	if (head == NULL && size == 0 && !last)
		return true;
	call->handler->answer(call->arg, head, data, size, last);
	return !last && call->generation == generation;
}

/* Body bytes; `head` when they came with it. */
static bool
feed_body(struct upstream_call *call, const struct http_head *head, char *data, size_t size)
{
	size_t used = size;
	size_t given = size;
	bool last = false;
	enum http_scan scan;

	switch (call->framing) {
	case HTTP_FRAMING_NONE:
		/* Behind a 101 another protocol begins: the taker of the stream gets it. */
		last = head->status != 101;
		used = given = last ? 0 : size;
		break;
	case HTTP_FRAMING_LENGTH:
		if (used > call->left)
			used = given = (size_t)call->left;
		call->left -= used;
		last = call->left == 0;
		break;
	case HTTP_FRAMING_CHUNKED:
		scan = http_chunk_scan(&call->chunk, data, size, &used,
			call->options.dechunk ? data : NULL, &given);
		if (!call->options.dechunk)
			given = used;
		if (scan == HTTP_SCAN_BAD) {
			fail(call, ERR_PROTOCOL, "a bad chunk");
			return false;
		}
		last = scan == HTTP_SCAN_DONE;
		break;
	case HTTP_FRAMING_UNTIL_CLOSE:
		break;
	}
	if (last)
		release(call, used < size);
	return deliver(call, head, data, given, last);
}

static bool
enter_body(
	struct upstream_call *call, const struct http_head *head, char *data, size_t size)
{
	if (head->status == 101 && !call->options.upgrade) {
		fail(call, ERR_PROTOCOL, "101 to a request that did not ask for it");
		return false;
	}
	call->in_body = true;
	call->keep_alive = head->keep_alive;
	call->framing = head->framing;
	call->left = head->length;
	if (head->framing == HTTP_FRAMING_CHUNKED)
		http_chunk_init(&call->chunk);
	return feed_body(call, head, data, size);
}

/* Bytes up to the end of the final head. They may come in pieces and after 1xx heads. */
static bool
feed_head(struct upstream_call *call, char *data, size_t size)
{
	bool in_pieces = call->head.size > 0;

	if (in_pieces) {
		text_add_bytes(&call->head, data, size);
		data = call->head.data;
		size = call->head.size;
	}
	for (;;) {
		struct http_head head;
		const char *why = "a head without proper line ends, or beyond 128 KB";
		size_t head_size = 0;
		enum http_scan scan =
			http_head_find_end(data, size, &call->head_scanned, &head_size);
		if (scan == HTTP_SCAN_MORE)
			break;
		if (scan == HTTP_SCAN_BAD || !http_head_parse(&head, data, head_size,
						     call->options.to_head_request, &why)) {
			fail(call, ERR_PROTOCOL, why);
			return false;
		}
		data += head_size;
		size -= head_size;
		call->head_scanned = 0;
		if (!http_head_is_interim(&head))
			return enter_body(call, &head, data, size);
		if (++call->interim_count > INTERIM_MAX) {
			fail(call, ERR_PROTOCOL, "no end of interim answers");
			return false;
		}
	}
	if (in_pieces && data == call->head.data)
		return true;
	/* What is left is kept for the next read. */
	struct text rest;
	text_init(&rest);
	text_add_bytes(&rest, data, size);
	text_fini(&call->head);
	call->head = rest;
	return true;
}

static void
on_end(struct upstream_call *call)
{
	if (call->in_body && call->framing == HTTP_FRAMING_UNTIL_CLOSE) {
		release(call, false);
		deliver(call, NULL, NULL, 0, true);
		return;
	}
	on_broken(call, call->in_body ? "Jellyfin broke off amid an answer"
				      : "Jellyfin closed the connection");
}

static void
on_readable(void *arg)
{
	struct upstream_call *call = CAST(arg, CALL_MAGIC);
	char *buffer = upstream_pool_buffer(call->pool);
	unsigned generation = call->generation;

	for (int i = 0; i < READS_PER_TURN && !call->paused; i++) {
		size_t size;
		if (call->diverted) {
			call->handler->readable(call->arg);
			return;
		}
		enum stream_result result = stream_read(upstream_stream(call->upstream),
			buffer, UPSTREAM_BUFFER_BYTES, &size);
		if (result == STREAM_AGAIN)
			return;
		if (result == STREAM_BROKEN) {
			on_broken(call, "the connection to Jellyfin broke");
			return;
		}
		if (result == STREAM_END) {
			on_end(call);
			return;
		}
		call->heard = true;
		call->last_heard_ms = clock_now_ms();
		bool goes_on = call->in_body ? feed_body(call, NULL, buffer, size)
					     : feed_head(call, buffer, size);
		if (!goes_on || call->generation != generation ||
			size < UPSTREAM_BUFFER_BYTES)
			return;
	}
}

static void
on_writable(void *arg)
{
	struct upstream_call *call = CAST(arg, CALL_MAGIC);

	call->last_heard_ms = clock_now_ms();
	send_more(call);
}

static const struct stream_handler call_handler = {
	.readable = on_readable,
	.writable = on_writable,
};

/* ---- asking and waiting ---- */

static void
go_on_with(struct upstream_call *call, struct upstream *upstream)
{
	call->upstream = upstream;
	call->last_heard_ms = clock_now_ms();
	stream_set_handler(upstream_stream(upstream), &call_handler, call);
	send_more(call);
	if (!timer_is_started(&call->silence))
		timer_start(&call->silence, call->options.silence_ms);
}

static void
on_ready(void *arg, enum err err, struct upstream *take_upstream)
{
	struct upstream_call *call = CAST(arg, CALL_MAGIC);

	if (take_upstream != NULL)
		go_on_with(call, take_upstream);
	else
		fail(call, err, "Jellyfin cannot be connected");
}

/* Started once per call and moved on when bytes came in the meantime. */
static void
on_silence(void *arg)
{
	struct upstream_call *call = CAST(arg, CALL_MAGIC);
	int64_t now_ms = clock_now_ms();

	if (call->paused || call->upstream == NULL)
		call->last_heard_ms = now_ms;
	int64_t left_ms = call->last_heard_ms + call->options.silence_ms - now_ms;
	if (left_ms > 0)
		timer_start(&call->silence, left_ms);
	else
		fail(call, ERR_TIMEOUT, "Jellyfin fell silent");
}

void
upstream_call_start(struct upstream_call *call, const struct upstream_call_options *options)
{
	assert(call->upstream == NULL);
	call->options = *options;
	call->had_body = call->body != NULL && evbuffer_get_length(call->body) > 0;
	call->request_sent = 0;
	call->write_broken = false;
	text_clear(&call->head);
	call->head_scanned = 0;
	call->interim_count = 0;
	call->heard = false;
	call->in_body = false;
	call->repeated = false;
	call->paused = false;
	call->diverted = false;
	struct upstream *upstream = NULL;
	if (!options->upgrade)
		upstream = upstream_take_idle(
			call->pool, call->had_body || !options->repeatable);
	if (upstream != NULL)
		go_on_with(call, upstream);
	else
		upstream_ask(&call->ticket, options->upgrade);
}

void
upstream_call_pause(struct upstream_call *call, bool pause)
{
	if (call->upstream == NULL || call->paused == pause)
		return;
	call->paused = pause;
	call->last_heard_ms = clock_now_ms();
	want(call);
}

int
upstream_call_divert(struct upstream_call *call)
{
	if (call->upstream == NULL || call->framing != HTTP_FRAMING_LENGTH)
		return -1;
	int fd = stream_splice_fd(upstream_stream(call->upstream));
	if (fd >= 0)
		call->diverted = true;
	return fd;
}

void
upstream_call_undivert(struct upstream_call *call)
{
	assert(call->diverted);
	call->diverted = false;
	upstream_call_pause(call, false);
}

void
upstream_call_took(struct upstream_call *call, uint64_t size)
{
	assert(size <= call->left);
	call->left -= size;
	call->last_heard_ms = clock_now_ms();
}

/* ---- life ---- */

void
upstream_call_init(struct upstream_call *call, struct upstream_pool *pool,
	const struct upstream_call_handler *handler, void *arg)
{
	*call = (struct upstream_call){
		.magic = CALL_MAGIC, .pool = pool, .handler = handler, .arg = arg
	};
	upstream_ticket_init(&call->ticket, pool, on_ready, call);
	timer_init(&call->silence, upstream_pool_loop(pool), on_silence, call);
}

void
upstream_call_fini(struct upstream_call *call)
{
	upstream_call_cancel(call);
	if (call->body != NULL)
		evbuffer_free(call->body);
	text_fini(&call->request);
	text_fini(&call->head);
	call->magic = 0;
}

struct text *
upstream_call_request(struct upstream_call *call)
{
	text_clear(&call->request);
	return &call->request;
}

struct evbuffer *
upstream_call_body(struct upstream_call *call)
{
	if (call->body == NULL)
		call->body = evbuffer_new();
	return call->body;
}
