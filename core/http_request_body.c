#include "core/http_request_body.h"

#include <event2/buffer.h>

#include "core/clock.h"
#include "core/http_metrics.h"

enum {
	CHARGE_BYTES = 64 * 1024,  /* smaller bodies never touch the shared counter */
	TRIM_BYTES = 1024 * 1024,  /* above this malloc should give back */
	FRAMING_BYTES = 64 * 1024, /* and … */
	FRAMING_FACTOR = 16,       /* times the payload */
	START_MS = 5 * 60 * 1000,
	BYTES_PER_MS = 1,
};

static const struct http_refusal too_large = { 413, "too_large",
	"The request body is too large." };
static const struct http_refusal bad_chunk = { 400, "bad_request",
	"The request body's chunks are malformed." };
static const struct http_refusal busy = { 503, "busy", "Too many uploads are under way." };
static const struct http_refusal too_slow = { 408, "timeout",
	"The request did not arrive in time." };

const struct http_refusal *
http_request_body_begin(struct http_request_body *body,
	const struct http_body_bounds *bounds, const struct http_request_head *head)
{
	body->framing = head->framing;
	if (head->framing == HTTP_FRAMING_NONE)
		return NULL;
	body->left = head->length;
	body->began_ms = clock_now_ms();
	if (head->framing == HTTP_FRAMING_CHUNKED)
		http_chunk_init(&body->chunk);
	else if (body->left > (uint64_t)bounds->limits->body_bytes)
		return &too_large;
	return NULL;
}

bool
http_request_body_is_whole(const struct http_request_body *body)
{
	return body->framing == HTTP_FRAMING_NONE;
}

/* ---- feeding ---- */

static const struct http_refusal *
charge(struct http_request_body *body, const struct http_body_bounds *bounds)
{
	_Atomic int64_t *held = &bounds->shared->buffered_bytes;
	int64_t more = body->received - body->charged;

	if (more < CHARGE_BYTES)
		return NULL;
	if (atomic_fetch_add(held, more) + more > bounds->limits->buffered_bytes) {
		atomic_fetch_sub(held, more);
		return &busy;
	}
	metric_add(&http_metric_held_bytes, more);
	body->charged = body->received;
	return NULL;
}

static const struct http_refusal *
keep(struct http_request_body *body, const struct http_body_bounds *bounds,
	const char *data, size_t size)
{
	if (size == 0)
		return NULL;
	if (body->buffer == NULL)
		body->buffer = evbuffer_new();
	evbuffer_add(body->buffer, data, size);
	body->received += (int64_t)size;
	return charge(body, bounds);
}

static const struct http_refusal *
feed_length(struct http_request_body *body, const struct http_body_bounds *bounds,
	const char *data, size_t size, size_t *used)
{
	*used = size < body->left ? size : (size_t)body->left;
	body->left -= *used;
	if (body->left == 0)
		body->framing = HTTP_FRAMING_NONE;
	return keep(body, bounds, data, *used);
}

static const struct http_refusal *
feed_chunks(struct http_request_body *body, const struct http_body_bounds *bounds,
	char *data, size_t size, size_t *used)
{
	size_t payload;
	enum http_scan scan =
		http_chunk_scan(&body->chunk, data, size, used, data, &payload);

	if (scan == HTTP_SCAN_BAD)
		return &bad_chunk;
	if (scan == HTTP_SCAN_DONE)
		body->framing = HTTP_FRAMING_NONE;
	body->framed += (int64_t)(*used - payload);
	uint64_t known = (uint64_t)body->received + payload + body->chunk.left;
	if (known > (uint64_t)bounds->limits->body_bytes)
		return &too_large;
	if (body->framed >
		FRAMING_BYTES + FRAMING_FACTOR * (body->received + (int64_t)payload))
		return &bad_chunk;
	return keep(body, bounds, data, payload);
}

static bool
is_too_slow(const struct http_request_body *body)
{
	int64_t allowed_ms = START_MS + (body->received + body->framed) / BYTES_PER_MS;

	return clock_now_ms() - body->began_ms > allowed_ms;
}

const struct http_refusal *
http_request_body_feed(struct http_request_body *body,
	const struct http_body_bounds *bounds, char *data, size_t size, size_t *used)
{
	const struct http_refusal *refusal =
		body->framing == HTTP_FRAMING_LENGTH
			? feed_length(body, bounds, data, size, used)
			: feed_chunks(body, bounds, data, size, used);

	if (refusal == NULL && !http_request_body_is_whole(body) && is_too_slow(body))
		return &too_slow;
	return refusal;
}

bool
http_request_body_clear(
	struct http_request_body *body, const struct http_body_bounds *bounds)
{
	bool large = body->received > TRIM_BYTES;

	if (body->charged > 0) {
		atomic_fetch_sub(&bounds->shared->buffered_bytes, body->charged);
		metric_add(&http_metric_held_bytes, -body->charged);
	}
	if (body->buffer != NULL)
		evbuffer_free(body->buffer);
	*body = (struct http_request_body){ 0 };
	return large;
}
