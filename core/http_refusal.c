#include "core/http_refusal.h"

#include "core/http_answer.h"
#include "core/http_exchanges.h"
#include "core/http_metrics.h"
#include "core/log.h"

const struct http_refusal http_refusal_timeout = { 408, "timeout",
	"The request did not arrive in time." };
const struct http_refusal http_refusal_crowd = { 503, "too_many_connections",
	"Too many connections come from this address." };

void
http_refusal_write(struct text *to, const struct http_refusal *refusal, const char *date,
	bool with_body)
{
	const struct http_header headers[] = {
		{ "Content-Type", "application/json; charset=utf-8" },
		{ "Retry-After", "1" },
	};
	size_t size;
	char *body = http_error_json(refusal->code, refusal->message, &size);

	http_answer_head(to, &(struct http_own_answer){
				     .status = refusal->status,
				     .date = date,
				     .headers = headers,
				     .header_count = refusal->status == 503 ? 2 : 1,
				     .framing = HTTP_FRAMING_LENGTH,
				     .content_length = (int64_t)size,
				     .close = true,
			     });
	if (with_body)
		text_add_bytes(to, body, size);
	xfree(body);
}

void
http_refusal_send(
	struct connection *connection, const struct http_refusal *refusal, bool with_body)
{
	struct connections *set = connection->set;

	metric_add(&http_metric_refusals, 1);
	log_warn_limited("request_refused", LOG_NUMBER("status", refusal->status),
		LOG_TEXT("why", refusal->message), LOG_TEXT("client", connection->address));
	if (connection->exchange != NULL)
		exchange_drop(connection->exchange);
	text_clear(&set->text);
	http_refusal_write(&set->text, refusal, connections_date(set), with_body);
	struct iovec part = { set->text.data, set->text.size };
	connection_send(connection, &part, 1);
	connection_linger(connection);
}
