#include "core/log_limit.h"

#include <string.h>

/* The event's place, else a free one, else NULL. Places of events that have been quiet are
 * free. */
static struct log_limit_event *
find(struct log_limit *limit, const char *name, int64_t now_ms)
{
	struct log_limit_event *found = NULL;

	for (size_t i = 0; i < LOG_LIMIT_EVENTS; i++) {
		struct log_limit_event *event = &limit->events[i];
		if (event->name != NULL && event->held == 0 && event->due_ms <= now_ms)
			event->name = NULL;
		if (event->name == NULL)
			found = found != NULL ? found : event;
		else if (strcmp(event->name, name) == 0)
			return event;
	}
	return found;
}

bool
log_limit_hold(
	struct log_limit *limit, const char *event, int64_t now_ms, struct slice line)
{
	struct log_limit_event *place = find(limit, event, now_ms);

	if (place == NULL)
		return false;
	if (place->name == NULL) {
		place->name = event;
		place->due_ms = now_ms + LOG_LIMIT_MS;
		return false;
	}
	place->held++;
	text_clear(&place->last);
	text_add_slice(&place->last, line);
	return true;
}

bool
log_limit_take(struct log_limit *limit, int64_t now_ms, bool all, struct text *line,
	uint64_t *count)
{
	for (size_t i = 0; i < LOG_LIMIT_EVENTS; i++) {
		struct log_limit_event *event = &limit->events[i];
		if (event->held == 0 || (!all && event->due_ms > now_ms))
			continue;
		text_add_bytes(line, text_get(&event->last), event->last.size);
		text_fini(&event->last);
		text_init(&event->last);
		*count = event->held;
		event->held = 0;
		event->due_ms = now_ms + LOG_LIMIT_MS;
		return true;
	}
	return false;
}
