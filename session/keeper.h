/* Keeper: sessions and their plays outlive this process.
 *
 * Observes the tracker and keeps one record (session/record) of each session that plays
 * through us, native or external, in a vault: the database (session/vault_store), or Redis
 * when several instances share the sessions (session/holder). A record is written at once
 * when a play starts, pauses or goes on, and otherwise at most every 10 s; so what is lost
 * by a crash is 10 s of position. It is forgotten when its play ends. A session that plays
 * nothing needs none: whether its client has posted capabilities is asked of Jellyfin
 * before the next play.
 *
 * A restored play is told to Jellyfin by Progress, within two seconds, spread by chance.
 * Control thread.
 */
#ifndef SESSION_KEEPER_H
#define SESSION_KEEPER_H

#include "core/seal.h"
#include "session/now_playing.h"
#include "session/record.h"
#include "tracker/tracker.h"

enum { KEEPER_EVERY_MS = 10 * 1000 };

/* Where a record lies. */
struct keeper_place {
	char device[RECORD_ID_SIZE];  /* record_device_id */
	char session[RECORD_ID_SIZE]; /* record_session_id; what the record is sealed about
				       */
};

/* Neither waits, and neither can fail here: a vault that could not keep something counts
 * it. What is given is borrowed. */
struct keeper_vault {
	void (*save)(
		void *arg, const struct keeper_place *place, struct slice sealed_record);
	void (*forget)(void *arg, const struct keeper_place *place);
	void *arg;
};

struct keeper_options {
	struct loop *loop;
	struct tracker *tracker;
	struct now_playing *now_playing;
	const struct seal *seal;
	struct keeper_vault vault;
};

struct keeper;

/* Adds itself to the tracker's observers. */
struct keeper *keeper_new(const struct keeper_options *options);
/* Writes nothing. Before the tracker is freed. Accepts NULL. */
void keeper_free(struct keeper *keeper);

/* A record that was found in the vault. Returns whether its play goes on here; one that is
 * over, or that newer reports have overtaken, is forgotten. */
bool keeper_restore(struct keeper *keeper, const struct record *record);
/* Everything is written once more: now, before the program ends or another instance takes
 * over; or within `spread_ms`, spread by chance, since the vault may have lost it. */
void keeper_save_all(struct keeper *keeper, int64_t spread_ms);
/* The same at once, for one device. */
void keeper_save_device(struct keeper *keeper, const char *device_id);
/* Does anything play on that device? */
bool keeper_keeps(const struct keeper *keeper, const char *device_id);
/* Another instance holds that device from here on: its plays are left, its sessions let go,
 * its records stay. Not from within an observer of the tracker. */
void keeper_leave(struct keeper *keeper, const char *device_id);

#endif
