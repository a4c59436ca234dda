/* Server clock: what time a server has, so that what it dates can be put in order with what
 * we have seen ourselves. Pure; one thread.
 *
 * Each answer's Date narrows it: the server's clock stood between Date and a second later,
 * somewhere between our question and its answer. The lead that is kept is the greatest
 * possible one, so that a converted time is never later than the truth and soon within the
 * latency of it; it follows a clock that is set or runs slow at once, and one that runs
 * fast by LEAK a poll.
 */
#ifndef SESSION_SERVER_CLOCK_H
#define SESSION_SERVER_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "core/mem.h"

/* Zeroed knows nothing. */
struct server_clock {
	bool known;
	int64_t lead_ms; /* the server's wall clock minus our monotonic one, at most */
};

/* An answer that was asked for and came at these times of clock_now_ms. */
void server_clock_hear(
	struct server_clock *clock, int64_t date_ms, int64_t asked_ms, int64_t answered_ms);

/* A time of the server's as one of clock_now_ms, not later than `latest_ms`; that itself
 * while nothing is known of the server's clock, or the time is (below 0). */
int64_t server_clock_to_ours(
	const struct server_clock *clock, int64_t server_ms, int64_t latest_ms);

/* "Sat, 21 Nov 2026 02:00:09 GMT" as milliseconds since 1970. NULL is no date. */
MUST_CHECK bool server_clock_parse_http(int64_t *wall_ms, const char *text);
/* "2026-11-21T02:00:09.2936799Z", with or without a fraction. Jellyfin's "never", the year
 * 1, is no date, nor is anything before 1970. NULL is no date. */
MUST_CHECK bool server_clock_parse_iso(int64_t *wall_ms, const char *text);

#endif
