#include "core/log.h"

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/clock.h"
#include "core/log_limit.h"

#define FIELDS(...) ((const struct log_field[]){ __VA_ARGS__, { 0 } })

static void
assert_line(const struct log_field *fields, const char *expected)
{
	struct text line;

	text_init(&line);
	log_format(&line, 0, LOG_LEVEL_WARN, "seen", fields);
	const char *prefix = "ts=1970-01-01T00:00:00.000Z level=warn event=seen";
	assert_memory_equal(text_get(&line), prefix, strlen(prefix));
	assert_string_equal(text_get(&line) + strlen(prefix), expected);
	text_fini(&line);
}

static void
foreign_text_cannot_forge_a_line_or_a_field(void **state)
{
	(void)state;
	assert_line(FIELDS(LOG_TEXT("a", "plain/path?x"), LOG_NUMBER("b", -5)),
		" a=plain/path?x b=-5");
	assert_line(FIELDS(LOG_NUMBER("a", INT64_MIN), LOG_NUMBER("b", 0)),
		" a=-9223372036854775808 b=0");
	assert_line(FIELDS(LOG_MS("a", 0), LOG_MS("b", 1503), LOG_MS("c", 60000007)),
		" a=0.000 b=1.503 c=60000.007");
	assert_line(FIELDS(LOG_MS("a", -7), LOG_MS("b", -1020)), " a=-0.007 b=-1.020");
	assert_line(FIELDS(LOG_TEXT("a", "x level=error")), " a=\"x level=error\"");
	assert_line(FIELDS(LOG_TEXT("a", "x\nts=1 \"\\\x7f\x1b")),
		" a=\"x\\x0ats=1 \\\"\\\\\\x7f\\x1b\"");
	assert_line(FIELDS(LOG_TEXT("a", "")), " a=\"\"");
	assert_line(FIELDS(LOG_TEXT("a", NULL)), " a=\"\"");
	assert_line(FIELDS(LOG_SLICE("a", SLICE("b\0c"))), " a=\"b\\x00c\"");
	assert_line(FIELDS(LOG_TEXT("a", "\xc3\xa4")), " a=\"\xc3\xa4\"");
	assert_line(FIELDS(LOG_TEXT("a", "b=c")), " a=\"b=c\"");
}

static void
a_secret_is_never_printed(void **state)
{
	(void)state;
	assert_line(FIELDS(LOG_SECRET("token", "s3cret")), " token=set");
	assert_line(FIELDS(LOG_SECRET("token", NULL)), " token=unset");
}

static void
a_level_shows_itself_and_what_is_worse(void **state)
{
	(void)state;
	log_set_level(LOG_LEVEL_WARN);
	assert_true(log_enabled(LOG_LEVEL_ERROR));
	assert_true(log_enabled(LOG_LEVEL_WARN));
	assert_false(log_enabled(LOG_LEVEL_INFO));
}

static void *
write_lines(void *arg)
{
	for (int i = 0; i < 500; i++)
		log_info("line_written", LOG_TEXT("who", arg), LOG_NUMBER("i", i));
	return NULL;
}

/* Gives standard error to a new file; the old one is returned. */
static int
redirect(char *path)
{
	int before = dup(STDERR_FILENO);
	int fd = mkstemp(path);

	assert_true(before >= 0 && fd >= 0);
	dup2(fd, STDERR_FILENO);
	close(fd);
	return before;
}

static void
every_line_of_every_thread_is_whole_and_written_by_the_stop(void **state)
{
	char path[] = "/tmp/log_test_XXXXXX";
	char line[256];
	pthread_t threads[3];
	int counts[3] = { 0 };
	static char names[3][2] = { "0", "1", "2" };
	int before = redirect(path);

	(void)state;
	log_set_level(LOG_LEVEL_INFO);
	log_start();
	for (int i = 0; i < 3; i++)
		pthread_create(&threads[i], NULL, write_lines, names[i]);
	for (int i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	log_stop();
	log_info("line_written_directly");
	dup2(before, STDERR_FILENO);
	close(before);
	FILE *file = fopen(path, "r");
	bool direct = false;
	while (fgets(line, sizeof line, file) != NULL) {
		int who, i;
		direct = strstr(line, "event=line_written_directly\n") != NULL;
		const char *event = strstr(line, "event=line_written who=");
		if (event == NULL)
			continue;
		assert_int_equal(
			sscanf(event, "event=line_written who=%d i=%d\n", &who, &i), 2);
		assert_int_equal(counts[who]++, i);
	}
	assert_true(direct);
	for (int i = 0; i < 3; i++)
		assert_int_equal(counts[i], 500);
	fclose(file);
	unlink(path);
}

/* The lines in the file that contain `text`, counted. */
static int
count_lines(const char *path, const char *text)
{
	FILE *file = fopen(path, "r");
	char line[256];
	int count = 0;

	while (fgets(line, sizeof line, file) != NULL)
		count += strstr(line, text) != NULL;
	fclose(file);
	return count;
}

static void
warnings_that_repeat_are_told_once_with_their_count(void **state)
{
	char path[] = "/tmp/log_test_XXXXXX";
	int before = redirect(path);

	(void)state;
	clock_enable_test();
	log_set_level(LOG_LEVEL_INFO);
	log_start();
	for (int i = 0; i < 100; i++) {
		log_warn_limited("relay_broke", LOG_NUMBER("i", i));
		log_warn("record_broke", LOG_NUMBER("i", i));
	}
	log_write_repeated();
	clock_advance(LOG_LIMIT_MS);
	log_write_repeated();
	log_warn_limited("relay_broke", LOG_NUMBER("i", 100));
	log_stop();
	dup2(before, STDERR_FILENO);
	close(before);
	assert_int_equal(count_lines(path, "event=record_broke"), 100);
	assert_int_equal(count_lines(path, "level=warn event=relay_broke"), 3);
	assert_int_equal(count_lines(path, "event=relay_broke i=0\n"), 1);
	assert_int_equal(count_lines(path, "event=relay_broke i=99 repeated=99\n"), 1);
	assert_int_equal(count_lines(path, "event=relay_broke i=100 repeated=1\n"), 1);
	unlink(path);
}

static void
a_full_pipe_stops_nobody_and_says_how_many_lines_are_lost(void **state)
{
	enum { LINES = 20000 };
	int pipe_fds[2];
	int before = dup(STDERR_FILENO);
	char *text = xcalloc(1, 301);
	struct text all;

	(void)state;
	memset(text, 'x', 300);
	assert_int_equal(pipe(pipe_fds), 0);
	dup2(pipe_fds[1], STDERR_FILENO);
	close(pipe_fds[1]);
	log_start();
	for (int i = 0; i < LINES; i++)
		log_info("line_written", LOG_TEXT("text", text));
	/* Nobody has read a byte, and here we are. */
	pthread_t stopper;
	text_init(&all);
	assert_int_equal(pthread_create(&stopper, NULL,
				 (void *(*)(void *))(void (*)(void))log_stop, NULL),
		0);
	fcntl(pipe_fds[0], F_SETFL, O_NONBLOCK);
	bool stopped = false;
	while (!stopped) {
		stopped = pthread_tryjoin_np(stopper, NULL) == 0;
		for (;;) {
			ssize_t got = read(pipe_fds[0], text_reserve(&all, 65536), 65536);
			if (got <= 0)
				break;
			all.size += (size_t)got;
		}
		usleep(1000);
	}
	dup2(before, STDERR_FILENO);
	close(before);
	close(pipe_fds[0]);
	text_add_char(&all, '\0');
	long lost = 0, written = 0;
	for (const char *at = all.data; (at = strstr(at, "event=")) != NULL; at++) {
		int count;
		written += strncmp(at, "event=line_written", 18) == 0;
		if (sscanf(at, "event=log_lines_dropped count=%d", &count) == 1)
			lost += count;
	}
	assert_true(lost > 0);
	assert_int_equal(lost + written, LINES);
	text_fini(&all);
	xfree(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(foreign_text_cannot_forge_a_line_or_a_field),
		cmocka_unit_test(a_secret_is_never_printed),
		cmocka_unit_test(a_level_shows_itself_and_what_is_worse),
		cmocka_unit_test(
			every_line_of_every_thread_is_whole_and_written_by_the_stop),
		cmocka_unit_test(warnings_that_repeat_are_told_once_with_their_count),
		cmocka_unit_test(a_full_pipe_stops_nobody_and_says_how_many_lines_are_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
