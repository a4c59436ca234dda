/* A server's list of sessions, polled or pushed, and the reports that come of it. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "session/feed_diff.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
on_report(void *arg, const struct play_report *report)
{
	(void)arg;
	assert(strlen(report->item.id) == 32);
	assert(report->received_ms <= 6001);
	assert(report->position_ms >= -1);
	assert(report->volume >= -1 && report->volume <= 100);
}

static void
look_twice(const struct feed_sessions *sessions)
{
	static const struct feed_sessions nothing;
	const struct feed_diff_options options = { .server = "", .report = on_report };
	const struct server_clock clock = { true, (int64_t)1795226400 * 1000 };
	struct feed_look look = { .asked_ms = 1000, .came_ms = 1001, .came_wall_ms = 5000 };
	struct feed_diff *diff = feed_diff_new(&options);

	feed_diff_apply(diff, sessions, &clock, &look);
	feed_diff_apply(diff, sessions, &clock, &look);
	feed_diff_apply(diff, &nothing, &clock, &look);
	look.came_ms = 6001;
	feed_diff_apply(diff, &nothing, &clock, &look);
	assert(feed_diff_count(diff) == 0);
	feed_diff_free(diff);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct feed_sessions *sessions = feed_sessions_parse_new(data, size);
	struct feed_message *message = feed_message_parse_new((const char *)data, size);

	if (sessions != NULL)
		look_twice(sessions);
	if (message->sessions != NULL)
		look_twice(message->sessions);
	feed_message_free(message);
	xfree(sessions);
	return 0;
}
