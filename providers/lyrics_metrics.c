#include "providers/lyrics_metrics.h"

#include "core/mem.h"

struct metric lyrics_metric_cached;
struct metric lyrics_metric_joined;
struct metric lyrics_metric_provider;
struct metric lyrics_metric_lrclib;
struct metric lyrics_metric_missing;
struct metric lyrics_metric_failed;
struct metric lyrics_metric_ahead;
struct metric lyrics_metric_lrclib_calls;
struct metric lyrics_metric_lrclib_failed;

#define ANSWERS "Questions for lyrics of external songs, by where the answer came from."

const struct metric_row lyrics_metrics[] = {
	{ "sidetrack_lrclib_calls_total", METRIC_COUNTER, NULL, "Calls to LRCLIB.",
		&lyrics_metric_lrclib_calls },
	{ "sidetrack_lrclib_failed_total", METRIC_COUNTER, NULL,
		"Calls to LRCLIB that it did not answer sensibly.",
		&lyrics_metric_lrclib_failed },
	{ "sidetrack_lyrics_ahead_total", METRIC_COUNTER, NULL,
		"Searches for lyrics begun before anybody asked for them.",
		&lyrics_metric_ahead },
	{ "sidetrack_lyrics_answers_total", METRIC_COUNTER, "from=\"another_question\"",
		ANSWERS, &lyrics_metric_joined },
	{ "sidetrack_lyrics_answers_total", METRIC_COUNTER, "from=\"cache\"", ANSWERS,
		&lyrics_metric_cached },
	{ "sidetrack_lyrics_answers_total", METRIC_COUNTER, "from=\"failed\"", ANSWERS,
		&lyrics_metric_failed },
	{ "sidetrack_lyrics_answers_total", METRIC_COUNTER, "from=\"lrclib\"", ANSWERS,
		&lyrics_metric_lrclib },
	{ "sidetrack_lyrics_answers_total", METRIC_COUNTER, "from=\"nowhere\"", ANSWERS,
		&lyrics_metric_missing },
	{ "sidetrack_lyrics_answers_total", METRIC_COUNTER, "from=\"provider\"", ANSWERS,
		&lyrics_metric_provider },
};
const size_t lyrics_metric_count = COUNT_OF(lyrics_metrics);
