#include "providers/artwork_metrics.h"

#include "core/mem.h"

struct metric artwork_metric_cached;
struct metric artwork_metric_joined;
struct metric artwork_metric_fetched;
struct metric artwork_metric_failed;
struct metric artwork_metric_refused;
struct metric artwork_metric_bytes;

#define ANSWERS "Pictures of external items, by where they came from."

const struct metric_row artwork_metrics[] = {
	{ "sidetrack_artwork_answers_total", METRIC_COUNTER, "from=\"cache\"", ANSWERS,
		&artwork_metric_cached },
	{ "sidetrack_artwork_answers_total", METRIC_COUNTER, "from=\"another_question\"",
		ANSWERS, &artwork_metric_joined },
	{ "sidetrack_artwork_answers_total", METRIC_COUNTER, "from=\"provider\"", ANSWERS,
		&artwork_metric_fetched },
	{ "sidetrack_artwork_bytes", METRIC_GAUGE, NULL,
		"Bytes of pictures kept in memory.", &artwork_metric_bytes },
	{ "sidetrack_artwork_failed_total", METRIC_COUNTER, NULL,
		"Pictures that a provider's CDN did not give.", &artwork_metric_failed },
	{ "sidetrack_artwork_refused_total", METRIC_COUNTER, NULL,
		"Questions of strangers about pictures of ids unknown here that were not "
		"put "
		"to a provider.",
		&artwork_metric_refused },
};
const size_t artwork_metric_count = COUNT_OF(artwork_metrics);
