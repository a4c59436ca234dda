#include "session/lease.h"

static enum lease_action
move(struct lease *lease, enum lease_state state, int64_t until_ms,
	enum lease_action action)
{
	lease->state = state;
	lease->until_ms = until_ms;
	return action;
}

static enum lease_action
on_wanted(struct lease *lease, const struct lease_news *news)
{
	if (lease->state != LEASE_FREE && lease->state != LEASE_FOREIGN)
		return LEASE_NOTHING;
	if (news->up)
		return move(lease, LEASE_ASKED, 0, LEASE_ASK);
	return news->solo ? move(lease, LEASE_ALONE, 0, LEASE_TAKE) : LEASE_NOTHING;
}

static enum lease_action
on_granted(struct lease *lease, const struct lease_news *news)
{
	int64_t until_ms = news->sent_ms + LEASE_MS - LEASE_MARGIN_MS;
	bool ours = lease_is_ours(lease);

	/* The answer took so long that it says nothing any more. */
	if (news->now_ms >= until_ms)
		return ours ? LEASE_NOTHING : move(lease, LEASE_FREE, 0, LEASE_NOTHING);
	if (lease->state == LEASE_HELD && lease->until_ms > until_ms)
		return LEASE_NOTHING;
	return move(lease, LEASE_HELD, until_ms, ours ? LEASE_NOTHING : LEASE_TAKE);
}

static enum lease_action
on_denied(struct lease *lease, const struct lease_news *news)
{
	return move(lease, LEASE_FOREIGN, news->now_ms + LEASE_FOREIGN_MS,
		lease_is_ours(lease) ? LEASE_LEAVE : LEASE_NOTHING);
}

static enum lease_action
on_failed(struct lease *lease, const struct lease_news *news)
{
	if (lease->state != LEASE_ASKED)
		return LEASE_NOTHING;
	if (news->solo && !news->up)
		return move(lease, LEASE_ALONE, 0, LEASE_TAKE);
	return move(lease, LEASE_FREE, 0, LEASE_NOTHING);
}

static enum lease_action
on_tick(struct lease *lease, const struct lease_news *news)
{
	bool over = news->now_ms >= lease->until_ms;

	if (lease->state == LEASE_FOREIGN && over)
		return move(lease, LEASE_FREE, 0, LEASE_NOTHING);
	if (lease->state == LEASE_ALONE)
		return news->up ? LEASE_ASK : LEASE_NOTHING;
	if (lease->state != LEASE_HELD || !over)
		return LEASE_NOTHING;
	if (news->solo && !news->up)
		return move(lease, LEASE_ALONE, 0, LEASE_NOTHING);
	return move(lease, LEASE_FREE, 0, LEASE_LEAVE);
}

enum lease_action
lease_step(struct lease *lease, enum lease_event event, const struct lease_news *news)
{
	switch (event) {
	case LEASE_WANTED:
		return on_wanted(lease, news);
	case LEASE_GRANTED:
		return on_granted(lease, news);
	case LEASE_DENIED:
		return on_denied(lease, news);
	case LEASE_FAILED:
		return on_failed(lease, news);
	case LEASE_TICK:
		return on_tick(lease, news);
	case LEASE_UNWANTED:
		if (lease_is_ours(lease))
			return move(lease, LEASE_FREE, 0, LEASE_RELEASE);
		break;
	}
	return LEASE_NOTHING;
}

bool
lease_is_ours(const struct lease *lease)
{
	return lease->state == LEASE_HELD || lease->state == LEASE_ALONE;
}

bool
lease_is_given_up(const struct lease *lease)
{
	return lease->state == LEASE_FREE || lease->state == LEASE_FOREIGN;
}

const char *
lease_state_name(enum lease_state state)
{
	static const char *const names[] = { "free", "asked", "held", "foreign", "alone" };
	return names[state];
}
