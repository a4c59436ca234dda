#include "core/http_metrics.h"

#define PHASE(phase, label)                                                                \
	{                                                                                  \
		"sidetrack_client_connections", METRIC_GAUGE, "phase=\"" label "\"",       \
			"Connections of clients, by what they are waiting for.",           \
			&http_metric_phases[phase]                                         \
	}

struct metric http_metric_phases[CONNECTION_PHASES];
struct metric http_metric_held_bytes;

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
};
const size_t http_metric_count = COUNT_OF(http_metrics);
