#include "proxy/access_log.h"

#include <string.h>

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

enum log_level
access_log_level(const struct exchange_summary *summary)
{
	for (size_t i = 0; i < COUNT_OF(quiet); i++) {
		if (strcmp(summary->route, quiet[i].route) == 0 &&
			(quiet[i].failures || summary->status < 500))
			return LOG_LEVEL_DEBUG;
	}
	return LOG_LEVEL_INFO;
}

void
access_log_write(void *arg, const struct exchange_summary *summary)
{
	enum log_level level = access_log_level(summary);

	(void)arg;
	LOG_AT(level, "exchange_done", LOG_NUMBER("exchange", summary->id),
		LOG_TEXT("client", summary->request->client_address),
		LOG_TEXT("user", summary->user),
		LOG_TEXT("method", summary->request->method_name),
		LOG_SLICE("path", summary->request->path),
		LOG_TEXT("route", summary->route), LOG_NUMBER("status", summary->status),
		LOG_NUMBER("bytes", summary->sent_bytes),
		LOG_NUMBER("total_us", summary->total_us),
		LOG_NUMBER("aborted", summary->aborted));
}
