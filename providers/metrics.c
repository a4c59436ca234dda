#include "providers/metrics.h"

#include "providers/catalog.h"

struct provider_metrics provider_metrics[PROVIDER_IDS];
struct metric catalog_metric_hits;
struct metric catalog_metric_misses;
struct metric catalog_metric_joined;
struct metric catalog_metric_lists;
struct metric catalog_metric_searches_limited;
struct metric catalog_metric_substituted;
struct metric user_items_metric_changes;
struct metric user_items_metric_not_kept;
struct metric user_items_metric_not_read;
struct metric playlist_metric_kept;
struct metric playlist_metric_not_kept;

#define CALLS   "Calls to a provider's catalogue, by how they ended."
#define ANSWERS "Questions to the catalogue, by where the answer came from."

#define PLAYLIST_WRITES "Changes of the external part of playlists, by how they ended."

#define CALL_TIME "How long a call to a provider's catalogue takes."
#define REFUSED   "Calls not made because the provider is down or its rate is used up."

/* The rows of one provider. */
#define PROVIDER_ROWS(name, id)                                                            \
	{ "sidetrack_catalog_call_seconds", METRIC_HISTOGRAM, "provider=\"" name "\"",     \
		CALL_TIME, &provider_metrics[id].call_ms },                                \
		{ "sidetrack_catalog_calls_total", METRIC_COUNTER,                         \
			"provider=\"" name "\",result=\"ok\"", CALLS,                      \
			&provider_metrics[id].calls_ok },                                  \
		{ "sidetrack_catalog_calls_total", METRIC_COUNTER,                         \
			"provider=\"" name "\",result=\"failed\"", CALLS,                  \
			&provider_metrics[id].calls_failed },                              \
		{ "sidetrack_catalog_calls_total", METRIC_COUNTER,                         \
			"provider=\"" name "\",result=\"quota\"", CALLS,                   \
			&provider_metrics[id].calls_quota },                               \
	{                                                                                  \
		"sidetrack_catalog_refused_total", METRIC_COUNTER,                         \
			"provider=\"" name "\"", REFUSED, &provider_metrics[id].refused    \
	}

const struct metric_row catalog_metrics[] = {
	{ "sidetrack_catalog_answers_total", METRIC_COUNTER, "from=\"cache\"", ANSWERS,
		&catalog_metric_hits },
	{ "sidetrack_catalog_answers_total", METRIC_COUNTER, "from=\"another_question\"",
		ANSWERS, &catalog_metric_joined },
	{ "sidetrack_catalog_answers_total", METRIC_COUNTER, "from=\"provider\"", ANSWERS,
		&catalog_metric_misses },
	{ "sidetrack_catalog_lists", METRIC_GAUGE, NULL,
		"Answers of providers that are remembered.", &catalog_metric_lists },
	PROVIDER_ROWS("deezer", PROVIDER_DEEZER),
	PROVIDER_ROWS("qobuz", PROVIDER_QOBUZ),
	{ "sidetrack_catalog_substituted_total", METRIC_COUNTER, NULL,
		"Songs that another provider played because their own could not.",
		&catalog_metric_substituted },
	{ "sidetrack_searches_limited_total", METRIC_COUNTER, NULL,
		"Searches that asked providers nothing new because their user had asked "
		"enough.",
		&catalog_metric_searches_limited },
	{ "sidetrack_playlist_writes_total", METRIC_COUNTER, "result=\"ok\"",
		PLAYLIST_WRITES, &playlist_metric_kept },
	{ "sidetrack_playlist_writes_total", METRIC_COUNTER, "result=\"failed\"",
		PLAYLIST_WRITES, &playlist_metric_not_kept },
	{ "sidetrack_user_items_changes_total", METRIC_COUNTER, NULL,
		"Favourites, plays and ratings of external items that were kept.",
		&user_items_metric_changes },
	{ "sidetrack_user_items_not_kept_total", METRIC_COUNTER, NULL,
		"Favourites, plays and ratings that the database did not take.",
		&user_items_metric_not_kept },
	{ "sidetrack_user_items_not_read_total", METRIC_COUNTER, NULL,
		"Times the database did not say what a user has done with external items.",
		&user_items_metric_not_read },
};
const size_t catalog_metric_count = COUNT_OF(catalog_metrics);
