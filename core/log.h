/* Log: one event per line on standard error, `ts=… level=info event=relay_done key=value
 * …`.
 *
 * Values are escaped here, so foreign text cannot forge a line; LOG_SECRET never prints its
 * value. Lines go through a bounded queue to a writer thread: a full pipe never stops a
 * loop, it drops lines and says how many. Of many lines at once those behind the first few
 * are written together, up to 10 ms later; an error is not kept waiting. The only module
 * with file-level state, but for the clock that tests move. Any thread.
 *
 *   log_info("relay_done", LOG_TEXT("path", path), LOG_NUMBER("status", 200));
 */
#ifndef CORE_LOG_H
#define CORE_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "core/text.h"

enum log_level {
	LOG_LEVEL_ERROR, /* somebody must act */
	LOG_LEVEL_WARN,  /* we coped */
	LOG_LEVEL_INFO,  /* once per user action */
	LOG_LEVEL_DEBUG  /* the rest */
};

struct log_field {
	const char *key;
	enum {
		LOG_FIELD_END,
		LOG_FIELD_TEXT,
		LOG_FIELD_NUMBER,
		LOG_FIELD_MS,
		LOG_FIELD_SECRET
	} kind;
	struct slice text;
	int64_t number;
};

#define LOG_TEXT(name, value)                                                              \
	((struct log_field){ (name), LOG_FIELD_TEXT, slice_of(value), 0 })
#define LOG_SLICE(name, value) ((struct log_field){ (name), LOG_FIELD_TEXT, (value), 0 })
#define LOG_NUMBER(name, value)                                                            \
	((struct log_field){ (name), LOG_FIELD_NUMBER, { 0 }, (int64_t)(value) })
/* Microseconds, printed as milliseconds: `total_ms=1.503`. */
#define LOG_MS(name, us) ((struct log_field){ (name), LOG_FIELD_MS, { 0 }, (int64_t)(us) })
/* Prints only whether there is a value: `key=set` or `key=unset`. */
#define LOG_SECRET(name, value)                                                            \
	((struct log_field){ (name), LOG_FIELD_SECRET, slice_of(value), 0 })

#define LOG_AT(level, ...)                                                                 \
	(log_enabled(level) ? log_event(level, LOG_ARGUMENTS(__VA_ARGS__)) : (void)0)
#define LOG_ARGUMENTS(event, ...)                                                          \
	event, (const struct log_field[])                                                  \
	{                                                                                  \
		__VA_ARGS__ __VA_OPT__(, )                                                 \
		{                                                                          \
			0                                                                  \
		}                                                                          \
	}
#define log_error(...) LOG_AT(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warn(...)  LOG_AT(LOG_LEVEL_WARN, __VA_ARGS__)
#define log_info(...)  LOG_AT(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) LOG_AT(LOG_LEVEL_DEBUG, __VA_ARGS__)
/* For what may happen per request while something is broken: the first is written at once,
 * those of the next ten seconds as one, the last of them with `repeated=` and how many it
 * stands for (core/log_limit.h). Between log_start and log_stop; else as log_warn. */
#define log_warn_limited(...)                                                              \
	(log_enabled(LOG_LEVEL_WARN) ? log_event_limited(LOG_ARGUMENTS(__VA_ARGS__))       \
				     : (void)0)

bool log_enabled(enum log_level level);
void log_set_level(enum log_level level);

/* `fields` ends with a zeroed one. Use the macros. */
void log_event(enum log_level level, const char *event, const struct log_field *fields);
void log_event_limited(const char *event, const struct log_field *fields);
/* The line without its newline, for log_event and its tests. */
void log_format(struct text *line, int64_t wall_ms, enum log_level level, const char *event,
	const struct log_field *fields);

/* Writes what has been held back for long enough; called every second or so. */
void log_write_repeated(void);

/* Until log_start lines are written directly. log_stop writes what is queued. */
void log_start(void);
void log_stop(void);

#endif
