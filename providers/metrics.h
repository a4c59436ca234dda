/* What the catalogues count; the rows are catalog_metrics (providers/catalog.h). Any
 * thread. */
#ifndef PROVIDERS_METRICS_H
#define PROVIDERS_METRICS_H

#include "core/metrics.h"
#include "providers/external_id.h"

/* Of one provider. */
struct provider_metrics {
	struct metric calls_ok, calls_failed, calls_quota;
	struct metric refused;
	struct metric call_ms;
};

/* By enum provider_id. */
extern struct provider_metrics provider_metrics[PROVIDER_IDS];

extern struct metric catalog_metric_hits;
extern struct metric catalog_metric_misses;
extern struct metric catalog_metric_joined;
extern struct metric catalog_metric_lists;
extern struct metric catalog_metric_searches_limited;
extern struct metric catalog_metric_substituted;
extern struct metric user_items_metric_changes;
extern struct metric user_items_metric_not_kept;
extern struct metric user_items_metric_not_read;
extern struct metric playlist_metric_kept;
extern struct metric playlist_metric_not_kept;

#endif
