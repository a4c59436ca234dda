/* Identity: who is calling, as the client itself says it. Pure; any thread.
 *
 * Nothing here is proven: whether the token is good and what it may do is session/token.
 * Forms and precedence are Jellyfin's (AuthorizationContext, measured on 12.0) plus those
 * of clients that Jellyfin itself no longer accepts but relays of ours must still
 * recognise: a bare token in Authorization (Jellify), percent-encoded values.
 */
#ifndef TRACKER_IDENTITY_H
#define TRACKER_IDENTITY_H

#include <stdbool.h>

#include "core/http_exchange.h"

enum identity_form {
	IDENTITY_NONE,
	IDENTITY_MEDIABROWSER, /* Authorization: MediaBrowser Token="…" */
	IDENTITY_QUERY,        /* ?ApiKey= in any case */
	IDENTITY_LEGACY,       /* Emby scheme, X-Emby-*, X-MediaBrowser-Token, ?api_key= */
	IDENTITY_BARE,         /* Authorization: <token> and nothing else */
};

struct identity {
	enum identity_form form; /* of the token */
	char token[256];         /* "" when there is none. A secret: LOG_SECRET only */
	char client[128];
	char device[128];
	char device_id[256];
	char version[64];
	char address[64]; /* the client's, after trusted proxies */
};

/* Reads every form; fields that the request does not carry are "". Values that do not fit
 * are cut (device ids are at most 255 bytes in Jellyfin's database). */
void identity_read(struct identity *identity, const struct http_request *request,
	const struct query *query);

/* The same in as many bytes as it needs, for who keeps one of many sessions. All but the
 * form. A secret, as it holds the token. */
char *identity_pack_new(const struct identity *identity);
void identity_unpack(struct identity *identity, const char *pack);
bool identity_is_packed_as(const struct identity *identity, const char *pack);
/* Wipes it. Accepts NULL. */
void identity_pack_free(char *take_pack);

/* One Authorization-style value ("MediaBrowser Client=\"…\", Token=\"…\""), for the fuzzer
 * and its tests. `scheme_ok` says whether its scheme was MediaBrowser or Emby. */
void identity_parse_header(struct identity *identity, struct slice value, bool *scheme_ok);

/* Builds `MediaBrowser Client="…", Device="…", DeviceId="…", Version="…", Token="…"` with
 * percent-encoded values, for the calls we make in the client's own name. */
void identity_write_header(struct text *to, const struct identity *identity);

#endif
