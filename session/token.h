/* Token: whose token is this, and what may they? Confirmed with Jellyfin, cached 60 s.
 *
 * Shared between workers behind the locks of its shards. A request with a token that was
 * not confirmed lately asks Jellyfin's /Users/Me with the token the client sent (never with
 * ours), in the old form when the client used an old form: where Jellyfin has switched
 * those off (12.0) they do not open our doors either. One question per token and form is
 * under way at a time, the others wait for it. Dropped on logout or an upstream 401. When
 * Jellyfin cannot be reached an entry not older than 10 minutes still counts.
 *
 * At most 64 Ki confirmed tokens and 16 Ki that were only heard of; beyond, those unused
 * for longest are forgotten. A flood of invented tokens cannot push out a confirmed one.
 */
#ifndef SESSION_TOKEN_H
#define SESSION_TOKEN_H

#include <stdbool.h>

#include "core/errand.h"
#include "core/url.h"
#include "session/jellyfin.h"
#include "tracker/identity.h"

struct token_cache;
struct token_check;

struct token_facts {
	char user_id[33];
	char user_name[128];
	char server_id[33];
	bool administrator;
	bool playback;    /* EnableMediaPlayback and not IsDisabled */
	bool downloading; /* EnableContentDownloading */
	bool sees_music;  /* EnableAllFolders or at least one enabled folder */
	/* MaxParentalRating, BlockedTags, AllowedTags are set, or unrated music is blocked
	 */
	bool parental_limit;
	bool control_others; /* EnableRemoteControlOfOtherUsers */
	/* As last said by a request that carried them; Jellyfin fills what a request lacks
	 * from the token's device, and so do we. */
	char client[128];
	char device[128];
	char device_id[256];
	char version[64];
};

/* `jellyfin` is copied. */
struct token_cache *token_cache_new(
	const struct base_url *jellyfin, struct errands *errands);
/* The same with calls of the caller's making, for tests. */
struct token_cache *token_cache_new_over(
	const struct base_url *jellyfin, struct jellyfin_transport transport);
/* After the errands were stopped and no thread uses it any more. Accepts NULL. */
void token_cache_free(struct token_cache *cache);
/* SIDETRACK_LEGACY_AUTH=translate: old forms count as the new one. At any time. */
void token_cache_translate_legacy(struct token_cache *cache, bool translate);

/* `done` fires once on `from` (never before this returned): ERR_NONE with facts; ERR_DENIED
 * when Jellyfin refuses the token or there is none; ERR_UNREACHABLE, ERR_TIMEOUT. Facts are
 * borrowed until it returns. */
struct token_check *token_check_start(struct token_cache *cache, struct loop *from,
	const struct identity *identity,
	void (*done)(void *arg, enum err err, const struct token_facts *facts), void *arg);
/* Silence. On `from`. */
void token_check_cancel(struct token_check *check);
/* Without asking anybody: what is known of the identity's token in its own form. With
 * TOKEN_LATELY it was confirmed in the last 10 minutes, which is good enough to fill what a
 * request lacks; with TOKEN_FRESH what token_check_start would have said at once, which
 * gives the same rights. Any thread. */
enum token_age { TOKEN_UNKNOWN, TOKEN_LATELY, TOKEN_FRESH };
MUST_CHECK enum token_age token_peek(struct token_cache *cache,
	const struct identity *identity, struct token_facts *facts);
/* Remembers client, device, device id, version of a request that carried its token. Any
 * thread; unconfirmed tokens are remembered for this purpose only. */
void token_learn(struct token_cache *cache, const struct identity *identity);
/* Logout: every form of it is forgotten. Any thread. */
void token_drop(struct token_cache *cache, const char *token);
/* Jellyfin said 401 to a request with it: the next one in this form asks again. Other forms
 * stand (where old ones are switched off, each such request is refused), and so does what
 * is known of the device. Any thread. */
void token_refused(struct token_cache *cache, const struct identity *identity);

/* Pure: what /Users/Me says; false when it is not a user. */
MUST_CHECK bool token_facts_parse(struct token_facts *facts, const void *body, size_t size);

#endif
