/* Legacy auth: a request whose token came in a form that Jellyfin 12 no longer takes,
 * written in the form that it does (SIDETRACK_LEGACY_AUTH=translate). Pure; any thread.
 *
 * Old are X-Emby-Authorization, X-Emby-Token, X-MediaBrowser-Token, the scheme Emby, a bare
 * token in Authorization, and ?api_key=. All of a request's lines of these names become one
 * `Authorization: MediaBrowser …` made of what they said; api_key becomes ApiKey, since
 * Jellyfin copies it into the addresses it answers with. Which token counts is
 * tracker/identity's precedence, which is Jellyfin's. A request whose token came in a form
 * of today stays as it is, and nothing is ever added that the request did not carry.
 */
#ifndef PROXY_LEGACY_AUTH_H
#define PROXY_LEGACY_AUTH_H

#include "tracker/identity.h"

/* What is known of one request's head. */
struct legacy_auth {
	bool translates; /* its credential, or its introduction at login, is in an old form
			  */
	bool renames;    /* … and its query has an api_key and no ApiKey */
	struct identity identity;
};

/* `target` is the request's, with its query. */
void legacy_auth_read(struct legacy_auth *legacy, const struct http_header *headers,
	size_t header_count, const char *target);
/* Is this one of the lines whose place the new one takes? */
bool legacy_auth_replaces(const struct legacy_auth *legacy, struct slice name);
/* Adds the new line, CRLF included. */
void legacy_auth_write_line(struct text *to, const struct legacy_auth *legacy);
/* Adds the target, byte for byte but for the name of its first api_key. */
void legacy_auth_write_target(
	struct text *to, const struct legacy_auth *legacy, const char *target);

#endif
