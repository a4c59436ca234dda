#include "proxy/access_log.h"

#include <string.h>

#include "proxy/query_mask.h"

enum { TEXT_BYTES = 1024, FIELDS_MAX = 16 };

/* Routes that are asked without anybody doing anything. `failures`: also when we fail,
 * which is said elsewhere or asked for too often. */
static const struct {
	const char *route;
	bool failures;
} quiet[] = {
	{ "relay", true },
	{ "health", true },
	{ "metrics", true },
	{ "playing", false },
	{ "image", false },
	{ "empty", false },
};

static enum log_level
level_of_own(const struct exchange_summary *summary)
{
	for (size_t i = 0; i < COUNT_OF(quiet); i++) {
		if (strcmp(summary->route, quiet[i].route) == 0 &&
			(quiet[i].failures || summary->status < 500))
			return LOG_LEVEL_DEBUG;
	}
	return LOG_LEVEL_INFO;
}

bool
access_log_wants(enum access_log_mode mode, const struct exchange_summary *summary,
	enum log_level *level)
{
	*level = mode == ACCESS_LOG_ALL ? LOG_LEVEL_INFO : level_of_own(summary);
	return mode != ACCESS_LOG_OFF && log_enabled(*level);
}

static struct slice
cut(struct slice text)
{
	if (text.size > TEXT_BYTES)
		text.size = TEXT_BYTES;
	return text;
}

void
access_log_write(enum log_level level, enum route_class class,
	const struct exchange_summary *summary)
{
	const struct http_request *request = summary->request;
	struct log_field fields[FIELDS_MAX];
	struct text query;
	size_t count = 0;

	text_init(&query);
	query_mask_add(&query, request->query_text);
	fields[count++] = LOG_NUMBER("exchange", summary->id);
	fields[count++] = LOG_TEXT("client", request->client_address);
	if (summary->user[0] != '\0')
		fields[count++] = LOG_TEXT("user", summary->user);
	fields[count++] = LOG_TEXT("method", request->method_name);
	fields[count++] = LOG_SLICE("path", cut(request->path));
	if (query.size > 0)
		fields[count++] =
			LOG_SLICE("query", cut((struct slice){ query.data, query.size }));
	fields[count++] = LOG_TEXT("route", summary->route);
	fields[count++] = LOG_TEXT("class", route_class_name(class));
	fields[count++] = LOG_NUMBER("status", summary->status);
	fields[count++] = LOG_NUMBER("received", summary->received_bytes);
	fields[count++] = LOG_NUMBER("sent", summary->sent_bytes);
	if (summary->upstream_us >= 0)
		fields[count++] = LOG_MS("upstream_ms", summary->upstream_us);
	fields[count++] = LOG_MS("total_ms", summary->total_us);
	fields[count++] = LOG_NUMBER("aborted", summary->aborted);
	fields[count] = (struct log_field){ 0 };
	log_event(level, "exchange_done", fields);
	text_fini(&query);
}
