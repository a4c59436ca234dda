#include "proxy/class_metrics.h"

enum { NOTHING_SENT, STATUS_CLASSES = 6 }; /* 1: 1xx … 5: 5xx */

static struct metric exchanges[ROUTE_CLASS_COUNT][STATUS_CLASSES];
static struct metric durations[ROUTE_CLASS_COUNT];
static struct metric heads[ROUTE_CLASS_COUNT];
static struct metric aborted;
static struct metric received_bytes;
static struct metric sent_bytes;

#define STATUS_ROW(name, label, place, status)                                             \
	{ "sidetrack_exchanges_total", METRIC_COUNTER,                                     \
		"class=\"" label "\",status=\"" status "\"",                               \
		"Requests of clients, by class of route and what they were answered.",     \
		&exchanges[ROUTE_CLASS_##name][place] },
#define EXCHANGE_ROWS(name, label)                                                         \
	STATUS_ROW(name, label, NOTHING_SENT, "none")                                      \
	STATUS_ROW(name, label, 1, "1xx")                                                  \
	STATUS_ROW(name, label, 2, "2xx")                                                  \
	STATUS_ROW(name, label, 3, "3xx")                                                  \
	STATUS_ROW(name, label, 4, "4xx")                                                  \
	STATUS_ROW(name, label, 5, "5xx")
#define DURATION_ROW(name, label)                                                          \
	{ "sidetrack_exchange_seconds", METRIC_HISTOGRAM, "class=\"" label "\"",           \
		"From a whole request to the last byte of its answer.",                    \
		&durations[ROUTE_CLASS_##name] },
#define HEAD_ROW(name, label)                                                              \
	{ "sidetrack_upstream_first_byte_seconds", METRIC_HISTOGRAM,                       \
		"class=\"" label "\"",                                                     \
		"From a whole request to the head of Jellyfin's answer.",                  \
		&heads[ROUTE_CLASS_##name] },

const struct metric_row class_metrics[] = {
	ROUTE_CLASSES(DURATION_ROW){ "sidetrack_exchanges_aborted_total", METRIC_COUNTER,
		NULL, "Answers that did not reach their clients whole.", &aborted },
	ROUTE_CLASSES(EXCHANGE_ROWS){ "sidetrack_received_bytes_total", METRIC_COUNTER,
		NULL, "Bytes of clients' bodies and WebSockets.", &received_bytes },
	{ "sidetrack_sent_bytes_total", METRIC_COUNTER, NULL,
		"Bytes of answers that were sent to clients, heads included.",
		&sent_bytes },
	ROUTE_CLASSES(HEAD_ROW)
};
const size_t class_metric_count = COUNT_OF(class_metrics);

static size_t
status_place(int status)
{
	return status >= 100 && status < 600 ? (size_t)status / 100 : NOTHING_SENT;
}

void
class_metrics_count(enum route_class class, const struct exchange_summary *summary)
{
	metric_add(&exchanges[class][status_place(summary->status)], 1);
	metric_observe_us(&durations[class], summary->total_us);
	if (summary->upstream_us >= 0)
		metric_observe_us(&heads[class], summary->upstream_us);
	if (summary->aborted)
		metric_add(&aborted, 1);
	if (summary->received_bytes > 0)
		metric_add(&received_bytes, (int64_t)summary->received_bytes);
	metric_add(&sent_bytes, (int64_t)summary->sent_bytes);
}
