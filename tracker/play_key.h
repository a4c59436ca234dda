/* Play key: who plays on what, compared as Jellyfin compares. Pure; any thread.
 *
 * A session is (server, client, device id, user). Jellyfin itself keys its sessions by
 * client and device id without regard to case; the user is ours, so that a device that
 * changed hands is not mistaken for its former user, and the server, since several may be
 * watched by the feed. Requests that do not name their client (bare tokens
 * in stream URLs) belong to the session of the same device and user.
 */
#ifndef TRACKER_PLAY_KEY_H
#define TRACKER_PLAY_KEY_H

#include <stdbool.h>
#include <stdint.h>

#include "core/text.h"

struct play_session_key {
	char server[64]; /* as the settings name it; "" for the one we front */
	char client[128];
	char device_id[256];
	char user_id[33]; /* 32 lower-case hex */
};

/* Equal keys have equal hashes. Not for hostile distribution: buckets are bounded by who
 * is logged in. */
uint64_t play_session_key_hash(const struct play_session_key *key);
bool play_session_key_equal(
	const struct play_session_key *a, const struct play_session_key *b);
/* The same client on the same device, but another user: for Jellyfin one session, which
 * belongs to whoever spoke last. A device or user that nobody named
 * has no rivals. */
bool play_session_key_rivals(
	const struct play_session_key *a, const struct play_session_key *b);
/* Of the server that we front. Cuts what does not fit and brings the user id to its normal
 * form. */
void play_session_key_set(struct play_session_key *key, const char *client,
	const char *device_id, const char *user_id);

/* A GUID as Jellyfin accepts it (32 hex digits of any case, with or without the four
 * dashes) -> 32 lower-case hex. False on anything else; the zero GUID is no id. */
MUST_CHECK bool play_item_id_normal(char id[33], const char *text);

#endif
