/* Track limits: how much one Jellyfin user may listen to: songs at a time, and full songs
 * fetched for them in a day. What counts is songs, not requests: the ranges that a client
 * asks for, one after the other or at once, are one. Any thread; a lock of its own.
 *
 * Bounded: users are forgotten when nothing of theirs is under way and their day is over.
 * Kept in memory: a restart begins a new day.
 */
#ifndef PROVIDERS_TRACK_LIMITS_H
#define PROVIDERS_TRACK_LIMITS_H

#include <stdint.h>

#include "core/mem.h"
#include "providers/external_id.h"

struct track_limits;

struct track_limits_options {
	int64_t streams;           /* of one user at a time; 0: no limit */
	int64_t downloads_per_day; /* of one user; 0: no limit */
};

struct track_limits *track_limits_new(const struct track_limits_options *options);
/* Accepts NULL. */
void track_limits_free(struct track_limits *limits);

/* A request for that song begins; true must be followed by track_limits_leave. "" is
 * nobody, who has no limits. */
MUST_CHECK bool track_limits_enter(
	struct track_limits *limits, const char *user_id, const struct external_id *song);
void track_limits_leave(
	struct track_limits *limits, const char *user_id, const struct external_id *song);
/* A full song is to be fetched: false when too many were in the last day, and in how many
 * seconds there is room again. */
MUST_CHECK bool track_limits_download(struct track_limits *limits, const char *user_id,
	const struct external_id *song, int64_t *retry_after_s);

#endif
