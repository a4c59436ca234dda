#include "core/clock.h"

#include <stdatomic.h>
#include <stdio.h>
#include <time.h>

/* What tests have added to both clocks. */
static _Atomic int64_t advanced_ms;
static atomic_bool test_mode;

static int64_t
read_us(clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t
clock_now_us(void)
{
	return read_us(CLOCK_MONOTONIC) +
	       atomic_load_explicit(&advanced_ms, memory_order_relaxed) * 1000;
}

int64_t
clock_now_ms(void)
{
	return clock_now_us() / 1000;
}

int64_t
clock_wall_ms(void)
{
	return read_us(CLOCK_REALTIME) / 1000 +
	       atomic_load_explicit(&advanced_ms, memory_order_relaxed);
}

/* `count` digits, and what comes behind them. */
static char *
add_digits(char *to, unsigned number, int count, char behind)
{
	for (int i = count - 1; i >= 0; i--) {
		to[i] = (char)('0' + number % 10);
		number /= 10;
	}
	to[count] = behind;
	return to + count + 1;
}

/* Every line of the log has one: printf would cost as much as the rest of the line. */
void
clock_format_iso(char *to, int64_t wall_ms)
{
	unsigned ms = (unsigned)((wall_ms % 1000 + 1000) % 1000);
	time_t seconds = (time_t)((wall_ms - ms) / 1000);
	struct tm parts;

	gmtime_r(&seconds, &parts);
	to = add_digits(to, (unsigned)parts.tm_year + 1900, 4, '-');
	to = add_digits(to, (unsigned)parts.tm_mon + 1, 2, '-');
	to = add_digits(to, (unsigned)parts.tm_mday, 2, 'T');
	to = add_digits(to, (unsigned)parts.tm_hour, 2, ':');
	to = add_digits(to, (unsigned)parts.tm_min, 2, ':');
	to = add_digits(to, (unsigned)parts.tm_sec, 2, '.');
	to = add_digits(to, ms, 3, 'Z');
	*to = '\0';
}

void
clock_enable_test(void)
{
	atomic_store(&test_mode, true);
}

bool
clock_is_test(void)
{
	return atomic_load_explicit(&test_mode, memory_order_relaxed);
}

void
clock_advance(int64_t ms)
{
	atomic_fetch_add(&advanced_ms, ms);
}
