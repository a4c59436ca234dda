#include "core/metrics.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

struct fixture {
	struct metric relayed, own, open, took;
	struct metric_row first[2], second[2];
	struct metric_table tables[3];
};

static void
fixture_init(struct fixture *fixture)
{
	memset(fixture, 0, sizeof *fixture);
	fixture->first[0] = (struct metric_row){ "t_exchanges_total", METRIC_COUNTER,
		"route=\"relay\"", "Exchanges.", &fixture->relayed };
	fixture->first[1] = (struct metric_row){ "t_open", METRIC_GAUGE, NULL, "Open ones.",
		&fixture->open };
	fixture->second[0] = (struct metric_row){ "t_took_seconds", METRIC_HISTOGRAM,
		"a=\"b\"", "How long.", &fixture->took };
	fixture->second[1] = (struct metric_row){ "t_exchanges_total", METRIC_COUNTER,
		"route=\"own\"", "Exchanges.", &fixture->own };
	fixture->tables[0] = (struct metric_table){ fixture->first, 2 };
	fixture->tables[1] = (struct metric_table){ NULL, 0 };
	fixture->tables[2] = (struct metric_table){ fixture->second, 2 };
}

static void
rows_of_one_name_come_together_under_one_head(void **state)
{
	struct fixture fixture;
	struct text text;

	(void)state;
	fixture_init(&fixture);
	metric_add(&fixture.relayed, 2);
	metric_add(&fixture.relayed, 3);
	metric_set(&fixture.open, -7);
	assert_int_equal(metrics_read(fixture.tables, 3, "t_open"), -7);
	metric_add(&fixture.own, 4);
	assert_int_equal(metrics_read(fixture.tables, 3, "t_exchanges_total"), 9);
	metric_add(&fixture.own, -4);
	assert_int_equal(metrics_read(fixture.tables, 3, "t_unknown"), 0);
	text_init(&text);
	fixture.second[0] = fixture.second[1];
	fixture.tables[2].count = 1;
	metrics_print(&text, fixture.tables, 3);
	assert_string_equal(text_get(&text), "# HELP t_exchanges_total Exchanges.\n"
					     "# TYPE t_exchanges_total counter\n"
					     "t_exchanges_total{route=\"relay\"} 5\n"
					     "t_exchanges_total{route=\"own\"} 0\n"
					     "# HELP t_open Open ones.\n"
					     "# TYPE t_open gauge\n"
					     "t_open -7\n");
	text_fini(&text);
}

static void
a_histogram_counts_up_in_seconds(void **state)
{
	static const int64_t times_ms[] = { -5, 0, 1, 2, 5, 6, 250, 10000, 10001, 90000 };
	struct fixture fixture;
	struct text text;

	(void)state;
	fixture_init(&fixture);
	for (size_t i = 0; i < COUNT_OF(times_ms); i++)
		metric_observe_ms(&fixture.took, times_ms[i]);
	text_init(&text);
	fixture.tables[2].count = 1;
	metrics_print(&text, &fixture.tables[2], 1);
	assert_string_equal(text_get(&text),
		"# HELP t_took_seconds How long.\n"
		"# TYPE t_took_seconds histogram\n"
		"t_took_seconds_bucket{a=\"b\",le=\"0.001\"} 3\n"
		"t_took_seconds_bucket{a=\"b\",le=\"0.005\"} 5\n"
		"t_took_seconds_bucket{a=\"b\",le=\"0.01\"} 6\n"
		"t_took_seconds_bucket{a=\"b\",le=\"0.025\"} 6\n"
		"t_took_seconds_bucket{a=\"b\",le=\"0.05\"} 6\n"
		"t_took_seconds_bucket{a=\"b\",le=\"0.1\"} 6\n"
		"t_took_seconds_bucket{a=\"b\",le=\"0.25\"} 7\n"
		"t_took_seconds_bucket{a=\"b\",le=\"0.5\"} 7\n"
		"t_took_seconds_bucket{a=\"b\",le=\"1\"} 7\n"
		"t_took_seconds_bucket{a=\"b\",le=\"2.5\"} 7\n"
		"t_took_seconds_bucket{a=\"b\",le=\"5\"} 7\n"
		"t_took_seconds_bucket{a=\"b\",le=\"10\"} 8\n"
		"t_took_seconds_bucket{a=\"b\",le=\"+Inf\"} 10\n"
		"t_took_seconds_sum{a=\"b\"} 110.265\n"
		"t_took_seconds_count{a=\"b\"} 10\n");
	text_clear(&text);
	fixture.second[0].labels = NULL;
	memset(&fixture.took, 0, sizeof fixture.took);
	metrics_print(&text, &fixture.tables[2], 1);
	assert_non_null(strstr(text_get(&text), "t_took_seconds_bucket{le=\"0.001\"} 0\n"));
	assert_non_null(
		strstr(text_get(&text), "t_took_seconds_sum 0\nt_took_seconds_count 0\n"));
	text_fini(&text);
}

static void
the_page_has_one_row_per_name(void **state)
{
	struct fixture fixture;
	struct text text;

	(void)state;
	fixture_init(&fixture);
	text_init(&text);
	metrics_print_page(&text, fixture.tables, 3);
	const char *table = strstr(text_get(&text), "|---|---|---|---|\n");
	assert_non_null(table);
	assert_string_equal(table,
		"|---|---|---|---|\n"
		"| `t_exchanges_total` | counter | `route=\"relay\"` `route=\"own\"` | "
		"Exchanges. |\n"
		"| `t_open` | gauge | | Open ones. |\n"
		"| `t_took_seconds` | histogram | `a=\"b\"` | How long. |\n");
	text_fini(&text);
}

enum { COUNTERS = 2 * METRIC_THREADS, TIMES = 10000 };

static void *
count_much(void *arg)
{
	struct fixture *fixture = arg;

	for (int i = 0; i < TIMES; i++) {
		metric_add(&fixture->relayed, 3);
		metric_add(&fixture->relayed, -1);
		metric_observe_us(&fixture->took, 1500);
	}
	return NULL;
}

static void
more_threads_than_shards_lose_no_count(void **state)
{
	struct fixture fixture;
	pthread_t threads[COUNTERS];

	(void)state;
	fixture_init(&fixture);
	for (size_t i = 0; i < COUNTERS; i++)
		assert_int_equal(
			pthread_create(&threads[i], NULL, count_much, &fixture), 0);
	for (size_t i = 0; i < COUNTERS; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(
		metric_read(&fixture.relayed, METRIC_COUNTER), 2 * TIMES * COUNTERS);
	assert_int_equal(metric_read(&fixture.took, METRIC_HISTOGRAM), TIMES * COUNTERS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_of_one_name_come_together_under_one_head),
		cmocka_unit_test(a_histogram_counts_up_in_seconds),
		cmocka_unit_test(the_page_has_one_row_per_name),
		cmocka_unit_test(more_threads_than_shards_lose_no_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
