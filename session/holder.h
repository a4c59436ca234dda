/* Holder: which of several instances holds the sessions of each device, where instances
 * share Redis (session/shared). Of one device all sessions are held together, because
 * Jellyfin itself has one for all its users.
 *
 * Stands at the tracker's door. A report of a device that we hold passes. One of another
 * device is given to its holder, through a list in Redis that the holder empties and that
 * outlives the holder; where there is none we become it. Reports of a device go one by one,
 * so their order is kept; the holder's tracker orders them by their time of receipt, for
 * which the machines' clocks have to agree. What the feed says is left to a holder that is
 * known: it hears it too. While Redis is away reports wait here, a bounded number per
 * device: the newest progress takes the place of the one before, and what is dropped is
 * counted.
 *
 * Who becomes the holder reads the device's records first, restores what plays
 * (session/keeper), then hears the mail, then what waited here. Devices whose holder has
 * died are looked for every second. A lease that cannot be renewed is let go before it ends
 * (session/lease): sockets close, plays are left, nothing is told. With `solo` everything
 * stays ours while Redis is away.
 *
 * A client's WebSocket may go through an instance that does not hold its device. That one
 * asks for the device and gets it, unless the holder has a socket of the device's too.
 *
 * A sealed record that does not open or read is left to expire; one line says so. Control
 * thread.
 */
#ifndef SESSION_HOLDER_H
#define SESSION_HOLDER_H

#include "core/redis_url.h"
#include "session/keeper.h"

enum {
	HOLDER_IDLE_MS = 120 * 1000, /* no report, no play: the lease is released */
	HOLDER_HAND_OVER_MS = 4000,
};

struct holder_options {
	struct loop *loop;
	const struct redis_url *redis;
	const struct seal *seal;
	struct tracker *tracker;
	struct now_playing *now_playing;
	bool solo;
};

struct holder;

/* Makes the keeper that it needs, and stands at the tracker's door. */
struct holder *holder_start(const struct holder_options *options);
/* Leases are released for others to claim, after the newest was written. From here on
 * reports are given away and nothing is told to Jellyfin; our sockets stay open until the
 * program ends, so that Jellyfin always sees one. */
void holder_hand_over(struct holder *holder);
/* Nobody else is there, or has had HOLDER_HAND_OVER_MS to open sockets of its own. */
bool holder_is_handed_over(const struct holder *holder);
/* Before the tracker is freed. Accepts NULL. */
void holder_stop(struct holder *holder);

#endif
