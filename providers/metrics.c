#include "providers/metrics.h"

#include "providers/catalog.h"

struct metric catalog_metric_hits;
struct metric catalog_metric_misses;
struct metric catalog_metric_joined;
struct metric catalog_metric_lists;
struct metric catalog_metric_calls_ok;
struct metric catalog_metric_calls_failed;
struct metric catalog_metric_calls_quota;
struct metric catalog_metric_refused;
struct metric catalog_metric_call_ms;
struct metric track_metric_streams;
struct metric track_metric_failed;
struct metric track_metric_renewed;
struct metric track_metric_bytes;

#define CALLS   "Calls to a provider's catalogue, by how they ended."
#define ANSWERS "Questions to the catalogue, by where the answer came from."

const struct metric_row catalog_metrics[] = {
	{ "sidetrack_catalog_answers_total", METRIC_COUNTER, "from=\"cache\"", ANSWERS,
		&catalog_metric_hits },
	{ "sidetrack_catalog_answers_total", METRIC_COUNTER, "from=\"another_question\"",
		ANSWERS, &catalog_metric_joined },
	{ "sidetrack_catalog_answers_total", METRIC_COUNTER, "from=\"provider\"", ANSWERS,
		&catalog_metric_misses },
	{ "sidetrack_catalog_call_seconds", METRIC_HISTOGRAM, NULL,
		"How long a call to a provider's catalogue takes.",
		&catalog_metric_call_ms },
	{ "sidetrack_catalog_calls_total", METRIC_COUNTER, "result=\"ok\"", CALLS,
		&catalog_metric_calls_ok },
	{ "sidetrack_catalog_calls_total", METRIC_COUNTER, "result=\"failed\"", CALLS,
		&catalog_metric_calls_failed },
	{ "sidetrack_catalog_calls_total", METRIC_COUNTER, "result=\"quota\"", CALLS,
		&catalog_metric_calls_quota },
	{ "sidetrack_catalog_lists", METRIC_GAUGE, NULL,
		"Answers of providers that are remembered.", &catalog_metric_lists },
	{ "sidetrack_catalog_refused_total", METRIC_COUNTER, NULL,
		"Calls not made because the provider is down or its rate is used up.",
		&catalog_metric_refused },
	{ "sidetrack_track_bytes_total", METRIC_COUNTER, NULL,
		"Bytes of external tracks passed on to listeners.", &track_metric_bytes },
	{ "sidetrack_tracks_failed_total", METRIC_COUNTER, NULL,
		"External tracks that could not be opened or broke off.",
		&track_metric_failed },
	{ "sidetrack_tracks_renewed_total", METRIC_COUNTER, NULL,
		"Times a track's address had expired and was asked for anew.",
		&track_metric_renewed },
	{ "sidetrack_tracks_total", METRIC_COUNTER, NULL,
		"External tracks that were asked for, whole or in part.",
		&track_metric_streams },
};
const size_t catalog_metric_count = COUNT_OF(catalog_metrics);
