#include "core/metrics.h"

#include <string.h>

/* The upper ends of the buckets; what is above falls into the last one. */
static const int64_t bounds_ms[METRIC_BUCKETS] = { 1, 5, 10, 25, 50, 100, 250, 500, 1000,
	2500, 5000, 10000 };

static const char *const type_names[] = {
	[METRIC_COUNTER] = "counter",
	[METRIC_GAUGE] = "gauge",
	[METRIC_HISTOGRAM] = "histogram",
};

/* ---- counting ---- */

static _Atomic unsigned threads;        /* that have a shard */
static _Thread_local unsigned my_shard; /* its place + 1; 0: none yet */

static unsigned
find_shard(void)
{
	if (my_shard == 0) {
		unsigned place = atomic_fetch_add(&threads, 1);
		my_shard = (place < METRIC_THREADS ? place : METRIC_THREADS) + 1;
	}
	return my_shard - 1;
}

static void
bump(_Atomic int64_t *cell, unsigned shard, int64_t amount)
{
	if (shard == METRIC_THREADS)
		atomic_fetch_add_explicit(cell, amount, memory_order_relaxed);
	else
		atomic_store_explicit(cell,
			atomic_load_explicit(cell, memory_order_relaxed) + amount,
			memory_order_relaxed);
}

void
metric_add(struct metric *metric, int64_t amount)
{
	unsigned shard = find_shard();

	bump(&metric->shards[shard].value, shard, amount);
}

void
metric_set(struct metric *metric, int64_t value)
{
	atomic_store_explicit(
		&metric->shards[METRIC_THREADS].value, value, memory_order_relaxed);
}

void
metric_observe_us(struct metric *metric, int64_t us)
{
	unsigned shard = find_shard();
	size_t bucket = 0;

	if (us < 0)
		us = 0;
	while (bucket < METRIC_BUCKETS && us > bounds_ms[bucket] * 1000)
		bucket++;
	bump(&metric->shards[shard].buckets[bucket], shard, 1);
	bump(&metric->shards[shard].value, shard, us);
}

void
metric_observe_ms(struct metric *metric, int64_t ms)
{
	metric_observe_us(metric, ms * 1000);
}

/* ---- reading ---- */

static int64_t
read_value(const struct metric *metric)
{
	int64_t value = 0;

	for (size_t i = 0; i < COUNT_OF(metric->shards); i++)
		value += atomic_load_explicit(
			&metric->shards[i].value, memory_order_relaxed);
	return value;
}

static int64_t
read_bucket(const struct metric *metric, size_t bucket)
{
	int64_t count = 0;

	for (size_t i = 0; i < COUNT_OF(metric->shards); i++)
		count += atomic_load_explicit(
			&metric->shards[i].buckets[bucket], memory_order_relaxed);
	return count;
}

int64_t
metric_read(const struct metric *metric, enum metric_type type)
{
	int64_t count = 0;

	if (type != METRIC_HISTOGRAM)
		return read_value(metric);
	for (size_t i = 0; i <= METRIC_BUCKETS; i++)
		count += read_bucket(metric, i);
	return count;
}

/* ---- walking the rows by name ---- */

/* Where a row is: rows of one name may stand in several tables. */
struct place {
	size_t table, row;
};

static const struct metric_row *
row_at(const struct metric_table *tables, struct place place)
{
	return &tables[place.table].rows[place.row];
}

/* Moves to the next row at or after `*place`; false at the end. */
static bool
settle(const struct metric_table *tables, size_t count, struct place *place)
{
	while (place->table < count && place->row >= tables[place->table].count)
		*place = (struct place){ place->table + 1, 0 };
	return place->table < count;
}

/* Moves to the next row of that name at or after `*place`; false when there is none. */
static bool
find_named(const struct metric_table *tables, size_t count, const char *name,
	struct place *place)
{
	for (; settle(tables, count, place); place->row++) {
		if (strcmp(row_at(tables, *place)->name, name) == 0)
			return true;
	}
	return false;
}

static bool
is_first_of_its_name(const struct metric_table *tables, size_t count, struct place place)
{
	struct place first = { 0, 0 };

	return find_named(tables, count, row_at(tables, place)->name, &first) &&
	       first.table == place.table && first.row == place.row;
}

/* ---- Prometheus ---- */

/* NAME_SUFFIX{labels,more} and a blank. */
static void
add_series(
	struct text *to, const struct metric_row *row, const char *suffix, const char *more)
{
	const char *labels = row->labels != NULL ? row->labels : "";

	text_addf(to, "%s%s", row->name, suffix);
	if (labels[0] != '\0' || more[0] != '\0')
		text_addf(to, "{%s%s%s}", labels,
			labels[0] != '\0' && more[0] != '\0' ? "," : "", more);
	text_add_char(to, ' ');
}

/* Microseconds as seconds, without zeros at the end. */
static void
add_seconds(struct text *to, int64_t us)
{
	text_addf(to, "%lld.%06lld", (long long)(us / 1000000), (long long)(us % 1000000));
	while (to->data[to->size - 1] == '0')
		to->data[--to->size] = '\0';
	if (to->data[to->size - 1] == '.')
		to->data[--to->size] = '\0';
}

static void
add_histogram(struct text *to, const struct metric_row *row)
{
	struct text bound;
	int64_t count = 0;

	text_init(&bound);
	for (size_t i = 0; i <= METRIC_BUCKETS; i++) {
		count += read_bucket(row->metric, i);
		text_clear(&bound);
		text_add(&bound, "le=\"");
		if (i < METRIC_BUCKETS)
			add_seconds(&bound, bounds_ms[i] * 1000);
		else
			text_add(&bound, "+Inf");
		text_add_char(&bound, '"');
		add_series(to, row, "_bucket", text_get(&bound));
		text_addf(to, "%lld\n", (long long)count);
	}
	text_fini(&bound);
	add_series(to, row, "_sum", "");
	add_seconds(to, read_value(row->metric));
	text_add_char(to, '\n');
	add_series(to, row, "_count", "");
	text_addf(to, "%lld\n", (long long)count);
}

static void
add_sample(struct text *to, const struct metric_row *row)
{
	if (row->type == METRIC_HISTOGRAM) {
		add_histogram(to, row);
		return;
	}
	add_series(to, row, "", "");
	text_addf(to, "%lld\n", (long long)read_value(row->metric));
}

void
metrics_print(struct text *to, const struct metric_table *tables, size_t count)
{
	struct place place = { 0, 0 };

	for (; settle(tables, count, &place); place.row++) {
		const struct metric_row *row = row_at(tables, place);
		if (!is_first_of_its_name(tables, count, place))
			continue;
		text_addf(to, "# HELP %s %s\n# TYPE %s %s\n", row->name, row->text,
			row->name, type_names[row->type]);
		struct place next = place;
		for (; find_named(tables, count, row->name, &next); next.row++)
			add_sample(to, row_at(tables, next));
	}
}

int64_t
metrics_read(const struct metric_table *tables, size_t count, const char *name)
{
	struct place place = { 0, 0 };
	int64_t sum = 0;

	for (; find_named(tables, count, name, &place); place.row++) {
		const struct metric_row *row = row_at(tables, place);
		sum += metric_read(row->metric, row->type);
	}
	return sum;
}

/* ---- docs/metrics.md ---- */

/* Is this label written in the row of that name at `first`, or between it and `place`? */
static bool
has_label_before(const struct metric_table *tables, size_t count, struct place first,
	struct place place, struct slice label)
{
	const char *name = row_at(tables, place)->name;
	struct slice rest, other;

	for (; find_named(tables, count, name, &first); first.row++) {
		if (first.table == place.table && first.row == place.row)
			return false;
		rest = slice_of(row_at(tables, first)->labels);
		while (slice_next(&rest, ',', &other)) {
			if (slice_equal(other, label))
				return true;
		}
	}
	return false;
}

/* Every label of the rows of that name, once. */
static void
add_labels(struct text *to, const struct metric_table *tables, size_t count,
	struct place first)
{
	const char *name = row_at(tables, first)->name;
	struct place place = first;

	for (; find_named(tables, count, name, &place); place.row++) {
		struct slice rest = slice_of(row_at(tables, place)->labels);
		struct slice label;
		while (slice_next(&rest, ',', &label)) {
			if (has_label_before(tables, count, first, place, label))
				continue;
			text_add_char(to, '`');
			text_add_slice(to, label);
			text_add(to, "` ");
		}
	}
}

void
metrics_print_page(struct text *to, const struct metric_table *tables, size_t count)
{
	struct place place = { 0, 0 };

	text_add(to, "# Metrics\n"
		     "\n"
		     "<!-- Generated by `make docs` (`sidetrack --print-metrics`) from the "
		     "tables of metrics. -->\n"
		     "\n"
		     "`GET /metrics` gives them in Prometheus' text form.\n"
		     "\n"
		     "| Metric | Type | Labels | Meaning |\n"
		     "|---|---|---|---|\n");
	for (; settle(tables, count, &place); place.row++) {
		const struct metric_row *row = row_at(tables, place);
		if (!is_first_of_its_name(tables, count, place))
			continue;
		text_addf(to, "| `%s` | %s | ", row->name, type_names[row->type]);
		add_labels(to, tables, count, place);
		text_addf(to, "| %s |\n", row->text);
	}
}
