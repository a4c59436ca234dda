/* Metrics: counters, gauges and histograms as rows that each folder exports, in Prometheus'
 * text form at /metrics, and docs/metrics.md from the same rows. Any thread; no locks.
 */
#ifndef CORE_METRICS_H
#define CORE_METRICS_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "core/text.h"

enum metric_type { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM_MS };

enum { METRIC_BUCKETS = 12 };

/* One value, or one histogram of milliseconds. Zero-initialised is ready. */
struct metric {
	_Atomic int64_t value;
	_Atomic int64_t buckets[METRIC_BUCKETS + 1];
	_Atomic int64_t sum;
};

struct metric_row {
	/* "sidetrack_exchanges_total"; a histogram's ends with _seconds. */
	const char *name;
	enum metric_type type;
	/* "route=\"relay\"" or NULL; as Prometheus reads it, its values escaped. */
	const char *labels;
	const char *text; /* one sentence; the same for rows that differ in labels only */
	struct metric *metric;
};

void metric_add(struct metric *metric, int64_t amount);
void metric_set(struct metric *metric, int64_t value);
void metric_observe_ms(struct metric *metric, int64_t ms);

struct metric_table {
	const struct metric_row *rows;
	size_t count;
};

/* Prometheus' text form, version 0.0.4. Rows of one name come together, wherever they stand
 * in the tables. */
void metrics_print(struct text *to, const struct metric_table *tables, size_t count);
/* docs/metrics.md */
void metrics_print_page(struct text *to, const struct metric_table *tables, size_t count);

#endif
