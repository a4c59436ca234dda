#include "core/http_metrics.h"

#define PHASE(phase, label)                                                                \
	{                                                                                  \
		"sidetrack_client_connections", METRIC_GAUGE, "phase=\"" label "\"",       \
			"Connections of clients, by what they are waiting for.",           \
			&http_metric_phases[phase]                                         \
	}

struct metric http_metric_phases[CONNECTION_PHASES];
struct metric http_metric_held_bytes;
struct metric http_metric_refusals;
struct metric http_metric_turned_away;

const struct metric_row http_metrics[] = {
	{ "sidetrack_body_bytes_held", METRIC_GAUGE, NULL,
		"Bytes of clients' bodies that are held, those below 64 KB left out.",
		&http_metric_held_bytes },
	PHASE(CONNECTION_IDLE, "idle"),
	PHASE(CONNECTION_HEAD, "head"),
	PHASE(CONNECTION_BODY, "body"),
	PHASE(CONNECTION_ANSWER, "answer"),
	PHASE(CONNECTION_STALL, "stall"),
	PHASE(CONNECTION_HALF, "half_closed"),
	PHASE(CONNECTION_CLOSING, "closing"),
	{ "sidetrack_connections_turned_away_total", METRIC_COUNTER, NULL,
		"Connections closed at once, because their address had as many as it may.",
		&http_metric_turned_away },
	{ "sidetrack_requests_refused_total", METRIC_COUNTER, NULL,
		"Requests that were malformed, too large or too late, and became no "
		"exchange.",
		&http_metric_refusals },
};
const size_t http_metric_count = COUNT_OF(http_metrics);
