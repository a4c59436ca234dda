/* Record: a session and its play, and a report, as they are kept in a database or handed to
 * another instance. Pure; any thread.
 *
 * JSON, always sealed (core/seal) before it leaves the process, because it holds the
 * client's token. RECORD_VERSION is in the seal's head: what a newer program has written
 * does not open here and is left alone. A member that is missing reads as unknown, so
 * adding one needs no new version; another meaning of one does.
 *
 * A report: kind, source, at, server, client, deviceId, userId, user, device, version,
 * token, address, playSessionId, positionMs, paused, muted, volume, method, repeat, order,
 * entry, event, failed, queue, and item: id, external, type, name, album, artist,
 * runtimeMs, dto. Queue and dto are JSON in a text.
 *
 * A session: last (a report), state, startedAt, updatedAt, heardAt, positionMs, pausedAt,
 * pausedTotalMs, reports, quietReports, regular, and capabilities, which are JSON in a
 * text.
 *
 * What only a server's feed says is left out: it says it again.
 * Times are wall clock in milliseconds, since no other clock survives or is shared. Reading
 * turns them into this process's monotonic clock; one in the future reads as now.
 */
#ifndef SESSION_RECORD_H
#define SESSION_RECORD_H

#include "tracker/play.h"

enum { RECORD_VERSION = 1, RECORD_ID_SIZE = 33 };

/* Both clocks at one moment. */
struct record_time {
	int64_t now_ms;
	int64_t wall_ms;
};
struct record_time record_time_now(void);

/* `play` and `capabilities` are owned. */
struct record {
	struct play play;
	char *capabilities; /* the client's own, in the form of /Full; NULL: none seen */
};
/* Accepts what record_read has refused; wipes the token. */
void record_fini(struct record *record);

void record_write(struct text *to, const struct play *play, const char *capabilities,
	struct record_time time);
/* False when it is no record of a play that goes on; then nothing needs record_fini. */
MUST_CHECK bool record_read(
	struct record *record, struct slice json, struct record_time time);
/* Does it still play? Not when silence has ended it by the tracker's rules, nor when its
 * runtime and the grace are over. */
bool record_goes_on(const struct record *record, int64_t now_ms);

void record_write_report(
	struct text *to, const struct play_report *report, struct record_time time);
/* play_report_fini when it returned true. */
MUST_CHECK bool record_read_report(
	struct play_report *report, struct slice json, struct record_time time);

/* What a client has posted: server, client, deviceId, userId, capabilities. */
void record_write_capabilities(
	struct text *to, const struct play_session_key *key, const char *full_json);
/* Caller xfree()s `*full_json` when it returned true. */
MUST_CHECK bool record_read_capabilities(
	struct play_session_key *key, char **full_json, struct slice json);

/* Names under which records lie: digests, so that no name of a device or user shows. Equal
 * keys with a known client have equal ids. */
void record_session_id(char id[RECORD_ID_SIZE], const struct play_session_key *key);
/* One for all sessions of a device, whatever client and user: they are held together. */
void record_device_id(char id[RECORD_ID_SIZE], const char *device_id);

#endif
