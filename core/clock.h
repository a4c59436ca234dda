/* Time. Durations and deadlines are monotonic; what people read is wall time.
 *
 * Tests move both clocks at once with clock_advance(); loops notice within 20 ms once
 * clock_enable_test() was called (core/loop.h). Any thread.
 */
#ifndef CORE_CLOCK_H
#define CORE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

/* Milliseconds since an arbitrary start, never going back. */
int64_t clock_now_ms(void);
int64_t clock_now_us(void);
/* Milliseconds since 1970-01-01 UTC. */
int64_t clock_wall_ms(void);

/* Writes "2026-11-21T03:07:19.123Z"; `to` holds CLOCK_ISO_SIZE bytes. */
enum { CLOCK_ISO_SIZE = 32 };
void clock_format_iso(char *to, int64_t wall_ms);

/* For tests only (SIDETRACK_TEST_CLOCK). */
void clock_enable_test(void);
bool clock_is_test(void);
void clock_advance(int64_t ms);

#endif
