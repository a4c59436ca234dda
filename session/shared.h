/* Shared: what instances of this program share in Redis, and the questions they ask there.
 *
 *   sidetrack:1:lease:<device>    who holds the sessions of that device (session/lease)
 *   sidetrack:1:records:<device>  its sealed records (session/record), by session
 *   sidetrack:1:mail:<device>     sealed letters for its holder, oldest first
 *   sidetrack:1:live              the devices that have records
 *   sidetrack:1:key               the sign of the key that everybody seals with
 *   sidetrack:1:to:<instance>     published: mail for a device of its, or a lease passed
 *   sidetrack:1:taken             published: a device that has a new holder
 *   sidetrack:1:released          published: leases are free that were not before
 *
 * The number is RECORD_VERSION: programs with other records do not meet. A device is
 * written as record_device_id says, so no name of a device, user or client shows; what it
 * says of them is sealed. Each question is one Lua script, done in one go, and every write
 * but mail is refused to who does not hold the lease. Keys of a device that nobody touches
 * expire. Redis Cluster is not supported: scripts make names of keys.
 *
 * Control thread. `done` fires exactly once, never before the call returned, unless
 * shared_stop comes first.
 */
#ifndef SESSION_SHARED_H
#define SESSION_SHARED_H

#include "core/redis.h"
#include "core/seal.h"
#include "session/keeper.h"

struct shared;

enum {
	SHARED_RENEW_MOST = 256, /* devices of one question */
	SHARED_CLAIM_MOST = 128,
	SHARED_MAIL_MOST = 256, /* letters that wait for the holder of a device */
};

struct shared_observer {
	/* Redis is there, and everybody seals with our key. */
	void (*changed)(void *arg, bool up);
	/* Mail, or the lease itself. */
	void (*mail_came)(void *arg, const char *device);
	/* Some instance, perhaps this one, holds the device and could give it away. */
	void (*device_taken)(void *arg, const char *device);
	void (*leases_released)(void *arg);
	void *arg;
};

struct shared *shared_start(struct loop *loop, const struct redis_url *url,
	const struct seal *seal, struct shared_observer observer);
/* Silence. Accepts NULL. */
void shared_stop(struct shared *shared);
bool shared_is_up(const struct shared *shared);

/* What became of a question about one device. */
struct shared_answer {
	char device[RECORD_ID_SIZE];
	int64_t sent_ms; /* when it was asked */
	enum err err;
	bool granted; /* we are its holder */
	bool mail;    /* … and there is mail for it */
	bool heard;   /* released: another instance knows of it */
	/* Borrowed until `done` returns. */
	const struct redis_reply *records; /* session, sealed record, session, … */
	const struct redis_reply *letters; /* sealed */
};
typedef void shared_done_fn(void *arg, const struct shared_answer *answer);

enum shared_vacancy {
	SHARED_HOLD, /* become the holder, which is granted and sends nothing */
	SHARED_KEEP, /* the letter waits for whoever comes */
	SHARED_DROP, /* nothing */
};
/* Send a letter to the device's holder; `vacant` says what when there is none. `done` may
 * be NULL. */
void shared_send(struct shared *shared, const char *device, struct slice sealed_letter,
	enum shared_vacancy vacant, shared_done_fn *done, void *arg);
/* Become the holder of devices that have records and no holder: `done` for each that was
 * granted. */
void shared_claim(struct shared *shared, shared_done_fn *done, void *arg);
/* Still, or again: `done` for each device, of which there are at most SHARED_RENEW_MOST. */
void shared_renew(struct shared *shared, const char *const *devices, size_t count,
	shared_done_fn *done, void *arg);
/* What lies there for the device: `records` and `letters`; granted unless another one holds
 * it by now. */
void shared_read(
	struct shared *shared, const char *device, shared_done_fn *done, void *arg);
/* So many letters, the oldest, have been read. */
void shared_forget_mail(struct shared *shared, const char *device, size_t count);
/* It wants no holder, until something is saved again. */
void shared_forget_device(struct shared *shared, const char *device);
/* No longer ours: others may claim it at once. `done` may be NULL; it says whether anybody
 * else is there. */
void shared_release(
	struct shared *shared, const char *device, shared_done_fn *done, void *arg);

/* The lease of ours is that instance's from here on, and it is told. */
void shared_pass(struct shared *shared, const char *device, struct slice instance);
/* device_taken at everybody. */
void shared_announce(struct shared *shared, const char *device);
/* Who we are: 16 hex digits, new at each start. */
const char *shared_instance(const struct shared *shared);

/* keeper_vault's two. */
void shared_save(struct shared *shared, const struct keeper_place *place,
	struct slice sealed_record);
void shared_forget(struct shared *shared, const struct keeper_place *place);

#endif
