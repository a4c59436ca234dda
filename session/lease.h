/* Lease: may this instance keep the sessions of a device? Decides what to do next; asks
 * nobody itself. Pure; any thread.
 *
 *             wanted                granted
 *   FREE ───────────────> ASKED ──────────────────> HELD <──┐ granted (renewed)
 *    ^  ^                   │ denied                 │ │ └──┘
 *    │  └─── a while on ────┴──────> FOREIGN <───────┘ │ denied
 *    └──────────────────────────────────────────────────┘ its time is nearly over, unwanted
 *   FREE, FOREIGN ── wanted, no Redis, solo ──> ALONE <── time over, no Redis, solo ── HELD
 *   ALONE ── Redis is back ──> asks, and keeps what it has until denied
 *
 * Redis forgets a lease LEASE_MS after it has taken the last command about it, which is
 * after we sent it. So we count from the sending, on our own monotonic clock, and let go
 * LEASE_MARGIN_MS earlier than Redis can: for our sockets to close, and for clocks that run
 * at different speeds. Jellyfin cannot check a fencing token; this is what stands in its
 * place. Only a process that is stopped for longer than that and then goes on can hold what
 * another one holds, for the moment until its clock is looked at.
 */
#ifndef SESSION_LEASE_H
#define SESSION_LEASE_H

#include <stdbool.h>
#include <stdint.h>

enum {
	LEASE_MS = 5000,
	LEASE_MARGIN_MS = 1500,
	LEASE_RENEW_MS = 1100,
	LEASE_FOREIGN_MS = 5000, /* how long we believe that another one holds it */
};

enum lease_state { LEASE_FREE, LEASE_ASKED, LEASE_HELD, LEASE_FOREIGN, LEASE_ALONE };

/* Zeroed is free. */
struct lease {
	enum lease_state state;
	int64_t until_ms; /* HELD: let go by then; FOREIGN: believe it until then */
};

enum lease_event {
	LEASE_WANTED,   /* something happened on the device */
	LEASE_GRANTED,  /* Redis has us down as its holder; also when renewed */
	LEASE_DENIED,   /* … has another one */
	LEASE_FAILED,   /* Redis was asked and did not answer */
	LEASE_TICK,     /* time passes */
	LEASE_UNWANTED, /* nothing is going on there any more */
};

/* What is known at the event. */
struct lease_news {
	int64_t now_ms;
	int64_t sent_ms; /* GRANTED: when the question was sent */
	bool up;         /* Redis is there */
	bool solo;       /* without Redis everything is ours */
};

enum lease_action {
	LEASE_NOTHING,
	LEASE_ASK,     /* ask Redis for it */
	LEASE_TAKE,    /* it is ours from now on */
	LEASE_LEAVE,   /* let go at once */
	LEASE_RELEASE, /* let go, and tell Redis */
};

enum lease_action lease_step(
	struct lease *lease, enum lease_event event, const struct lease_news *news);
/* Ours: held, or alone. */
bool lease_is_ours(const struct lease *lease);
/* Neither ours nor asked for: if Redis has us down as its holder, from a question of
 * before, others shall have it at once. While it is asked for, giving it back would take
 * from us what the answer is about to grant. */
bool lease_is_given_up(const struct lease *lease);
const char *lease_state_name(enum lease_state state);

#endif
