#include "core/http_refusal.h"

#include <event2/buffer.h>
#include <string.h>
#include <sys/socket.h>

#include "core/http_answer.h"
#include "core/http_watch.h"
#include "core/log.h"

const struct http_refusal http_refusal_busy = { 503, "busy",
	"Too many uploads are under way." };
const struct http_refusal http_refusal_timeout = { 408, "timeout",
	"The request did not arrive in time." };

/* What evhttp 2.1.12 answers by itself, in HTML. */
static const struct http_refusal pages[] = {
	{ 400, "bad_request", "The request is not HTTP/1.0 or HTTP/1.1." },
	{ 413, "too_large", "The request body is too large, or its chunks are malformed." },
	{ 417, "expectation_failed", "Only 100-continue can be expected." },
	{ 501, "not_implemented", "This method is not supported." },
};
/* Also a 400 to evhttp. */
static const struct http_refusal head_too_large = { 431, "headers_too_large",
	"The request's headers are too large." };

static void
on_write(struct bufferevent *buffers, void *arg)
{
	struct connection *connection = CAST(arg, CONNECTION_MAGIC);

	if (evbuffer_get_length(bufferevent_get_output(buffers)) > 0)
		return;
	if (connection->heard_end) {
		connection_close(connection);
		return;
	}
	/* Closing now would send RST for what the client is still sending, and the RST
	 * would overtake the answer. */
	shutdown(connection->fd, SHUT_WR);
	connection->said_end = true;
}

static void
on_event(struct bufferevent *buffers, short what, void *arg)
{
	struct connection *connection = CAST(arg, CONNECTION_MAGIC);

	(void)buffers;
	if (what == (BEV_EVENT_READING | BEV_EVENT_EOF) && !connection->said_end)
		connection->heard_end = true;
	else
		connection_close(connection);
}

static void
drop_output(struct connection *connection)
{
	struct evbuffer *output = bufferevent_get_output(connection->buffers);

	evbuffer_unfreeze(output, 1);
	evbuffer_drain(output, evbuffer_get_length(output));
	evbuffer_freeze(output, 1);
}

/* The answer as text, in the set's scratch buffer. */
static const struct text *
make_answer(struct connections *set, const struct http_refusal *refusal, bool with_body)
{
	const struct http_header headers[] = {
		{ "Content-Type", "application/json; charset=utf-8" },
		{ "Retry-After", "1" },
	};
	size_t size;
	char *body = http_error_json(refusal->code, refusal->message, &size);

	text_clear(&set->scratch);
	http_answer_head(
		&set->scratch, &(struct http_own_answer){
				       .status = refusal->status,
				       .date = connections_date(set),
				       .headers = headers,
				       .header_count = refusal->status == 503 ? 2 : 1,
				       .framing = HTTP_FRAMING_LENGTH,
				       .content_length = (int64_t)size,
				       .close = true,
			       });
	if (with_body)
		text_add_bytes(&set->scratch, body, size);
	xfree(body);
	return &set->scratch;
}

static void
log_refusal(struct connection *connection, const struct http_refusal *refusal)
{
	char *address = NULL;
	uint16_t port;

	evhttp_connection_get_peer(connection->evhttp, &address, &port);
	log_info("request_refused", LOG_NUMBER("status", refusal->status),
		LOG_TEXT("why", refusal->message), LOG_TEXT("client", address));
}

void
http_refusal_send(
	struct connection *connection, const struct http_refusal *refusal, bool with_body)
{
	struct bufferevent *buffers = connection->buffers;
	struct evbuffer *input = bufferevent_get_input(buffers);

	assert(connection->exchange == NULL);
	log_refusal(connection, refusal);
	connection_enter(connection, CONNECTION_CLOSING);
	/* No read callback: the watch drops what comes, and evhttp may have a deferred read
	 * under way, which would call ours with its own argument. */
	bufferevent_setcb(buffers, NULL, on_write, on_event, connection);
	drop_output(connection);
	evbuffer_drain(input, evbuffer_get_length(input));
	http_watch_uncharge(connection);
	const struct text *answer = make_answer(connection->set, refusal, with_body);
	evbuffer_add(bufferevent_get_output(buffers), answer->data, answer->size);
	bufferevent_enable(buffers, EV_READ | EV_WRITE);
}

/* The status of the answer in the output, 0 when it is only "100 Continue". */
static int
status_in_output(struct connection *connection)
{
	enum { STATUS_LINE = 12, CONTINUE = 25 }; /* "HTTP/1.1 100 Continue\r\n\r\n" */
	char start[CONTINUE + STATUS_LINE];
	struct evbuffer *output = bufferevent_get_output(connection->buffers);
	uint64_t status = 0;

	evbuffer_unfreeze(output, 1);
	ev_ssize_t size = evbuffer_copyout(output, start, sizeof start);
	evbuffer_freeze(output, 1);
	size_t at = size > CONTINUE && memcmp(start + 8, " 100", 4) == 0 ? CONTINUE : 0;
	if (size < (ev_ssize_t)at + STATUS_LINE ||
		!slice_to_u64((struct slice){ start + at + 9, 3 }, &status) ||
		status == 100)
		return 0;
	return (int)status;
}

void
http_refusal_replace_page(struct connection *connection)
{
	int status = status_in_output(connection);
	const struct http_refusal *refusal = &pages[0];

	if (status == 0)
		return;
	for (size_t i = 0; i < COUNT_OF(pages); i++) {
		if (pages[i].status == status)
			refusal = &pages[i];
	}
	if (status == 400 && connection->received >= CONNECTION_HEAD_BYTES)
		refusal = &head_too_large;
	http_refusal_send(connection, refusal, true);
}
