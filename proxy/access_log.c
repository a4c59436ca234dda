#include "proxy/access_log.h"

#include <string.h>

#include "core/log.h"

void
access_log_write(void *arg, const struct exchange_summary *summary)
{
	bool relayed = strcmp(summary->route, "relay") == 0;

	(void)arg;
	LOG_AT(relayed ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO, "exchange_done",
		LOG_NUMBER("exchange", summary->id),
		LOG_TEXT("client", summary->request->client_address),
		LOG_TEXT("user", summary->user),
		LOG_TEXT("method", summary->request->method_name),
		LOG_SLICE("path", summary->request->path),
		LOG_TEXT("route", summary->route), LOG_NUMBER("status", summary->status),
		LOG_NUMBER("bytes", summary->sent_bytes),
		LOG_NUMBER("total_us", summary->total_us),
		LOG_NUMBER("aborted", summary->aborted));
}
