#include "tracker/viewing.h"

enum { SLACK_MS = 60 * 1000, PERCENT = 100 };

bool
viewing_continues(const struct viewing_last *last, int64_t started_ms, int64_t position_ms,
	int64_t window_ms)
{
	return !last->watched && started_ms - last->stopped_ms < window_ms &&
	       position_ms >= last->position_ms;
}

static bool
is_share(int64_t part_ms, int64_t whole_ms, int64_t percent)
{
	return part_ms * PERCENT >= whole_ms * percent;
}

bool
viewing_is_watched(int64_t position_ms, int64_t played_ms, int64_t runtime_ms)
{
	return runtime_ms > 0 &&
	       (is_share(position_ms, runtime_ms, VIEWING_WATCHED_PERCENT) ||
		       is_share(played_ms, runtime_ms, VIEWING_WATCHED_PERCENT));
}

bool
viewing_is_short(int64_t played_ms)
{
	return played_ms < VIEWING_SHORT_MS;
}

struct viewing_time
viewing_time_of(
	int64_t elapsed_ms, int64_t paused_ms, int64_t position_ms, int64_t runtime_ms)
{
	struct viewing_time time = { .paused_ms = paused_ms > 0 ? paused_ms : 0 };
	int64_t most_ms = INT64_MAX;

	if (elapsed_ms > time.paused_ms)
		time.played_ms = elapsed_ms - time.paused_ms;
	if (position_ms > 0)
		most_ms = position_ms + SLACK_MS;
	if (runtime_ms > 0 && runtime_ms + SLACK_MS < most_ms)
		most_ms = runtime_ms + SLACK_MS;
	if (time.played_ms > most_ms) {
		time.paused_ms += time.played_ms - most_ms;
		time.played_ms = most_ms;
	}
	return time;
}

struct tier {
	int percent; /* below it */
	const char *name;
};

/* In the order of enum viewing_tier. */
static const struct tier tiers[VIEWING_TIERS] = {
	{ 20, "abandoned" },
	{ 50, "sampled" },
	{ VIEWING_WATCHED_PERCENT, "engaged" },
	{ 200, "watched" },
	{ 0, "rewatched" },
};

enum viewing_tier
viewing_tier_of(int64_t played_ms, int64_t runtime_ms)
{
	enum viewing_tier tier = VIEWING_ABANDONED;

	if (runtime_ms <= 0)
		return VIEWING_ABANDONED;
	while (tier < VIEWING_REWATCHED &&
		is_share(played_ms, runtime_ms, tiers[tier].percent))
		tier++;
	return tier;
}

const char *
viewing_tier_name(enum viewing_tier tier)
{
	return tiers[tier].name;
}
