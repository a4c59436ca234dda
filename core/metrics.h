/* Metrics: counters, gauges and histograms as rows that each folder exports, in Prometheus'
 * text form at /metrics, and docs/metrics.md from the same rows. Any thread; no locks.
 *
 * A metric has a shard per thread, for the first METRIC_THREADS threads that count
 * anything: counting is a load and a store in memory that no other thread writes. Whatever
 * thread comes later shares the last shard, with atomic additions. Reading adds them up.
 */
#ifndef CORE_METRICS_H
#define CORE_METRICS_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "core/text.h"

enum metric_type { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM };

enum { METRIC_BUCKETS = 12, METRIC_THREADS = 8 };

/* What one thread has counted; on cache lines of its own. */
struct metric_shard {
	_Alignas(64) _Atomic int64_t value; /* of a histogram: the sum, in microseconds */
	_Atomic int64_t buckets[METRIC_BUCKETS + 1];
};

/* One value, or one histogram of times. Zero-initialised is ready. */
struct metric {
	struct metric_shard shards[METRIC_THREADS + 1];
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
/* For gauges that nobody adds to. */
void metric_set(struct metric *metric, int64_t value);
void metric_observe_us(struct metric *metric, int64_t us);
void metric_observe_ms(struct metric *metric, int64_t ms);
/* What all threads have counted; of a histogram, how many times it observed. */
int64_t metric_read(const struct metric *metric, enum metric_type type);

struct metric_table {
	const struct metric_row *rows;
	size_t count;
};

/* Prometheus' text form, version 0.0.4. Rows of one name come together, wherever they stand
 * in the tables. */
void metrics_print(struct text *to, const struct metric_table *tables, size_t count);
/* The sum over all rows of that name, 0 when there is none; of a histogram the count. */
int64_t metrics_read(const struct metric_table *tables, size_t count, const char *name);
/* docs/metrics.md */
void metrics_print_page(struct text *to, const struct metric_table *tables, size_t count);

#endif
