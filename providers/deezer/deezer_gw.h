/* Deezer gateway: what is asked of the gateway behind a listener's own account, and what it
 * and the media service answer. Pure; any thread.
 *
 * Both answer HTTP 200 for most that goes wrong. The gateway has `error: []` when nothing
 * is, else an object whose names say what; an account that is not good is user 0; numbers
 * come as text as often as not, and an empty object as an empty list. What is given here
 * holds secrets: the _fini functions wipe them.
 */
#ifndef PROVIDERS_DEEZER_DEEZER_GW_H
#define PROVIDERS_DEEZER_DEEZER_GW_H

#include <jansson.h>

#include "core/text.h"
#include "providers/external_id.h"
#include "providers/track_source.h"

/* How an answer has to be taken. */
enum deezer_gw_fault {
	DEEZER_GW_WELL,
	DEEZER_GW_STALE,   /* the api token is over: ask for the user's data again */
	DEEZER_GW_NOBODY,  /* the session is over: ping with the ARL again */
	DEEZER_GW_QUOTA,   /* too many calls: wait a second */
	DEEZER_GW_NO_DATA, /* there is no such thing */
	DEEZER_GW_REFUSED, /* whatever else it says no to */
	DEEZER_GW_DOWN,    /* HTTP 5xx */
	DEEZER_GW_BROKEN,  /* no answer of a gateway */
	DEEZER_GW_FAULTS
};

/* What the gateway says with `root` (NULL: no JSON) and HTTP's status. When it is not well
 * `why` is a sentence for the log. */
enum deezer_gw_fault deezer_gw_check(
	const json_t *root, int status, char *why, size_t why_size);

/* ---- questions; each adds to its text ---- */

/* `base` is without a trailing slash or with one; `api_token` "" before there is one. */
void deezer_gw_url(
	struct text *url, const char *base, const char *method, const char *api_token);
/* "Cookie: …"; `sid` may be NULL. */
void deezer_gw_cookie(struct text *header, const char *arl, const char *sid);
/* song.getListData of one song. */
void deezer_gw_song_body(struct text *body, const char *song_id);
/* song.getLyrics. */
void deezer_gw_lyrics_body(struct text *body, const char *song_id);
void deezer_gw_media_url(struct text *url, const char *base);
/* The qualities of the set, the best first; the media service takes the first it may give.
 * `misc`: an upload, which has a format of its own. */
void deezer_gw_media_body(struct text *body, const char *license_token,
	const char *track_token, track_quality_set qualities, bool misc);

/* ---- answers: `results` is that of an answer that is well, or NULL ---- */

/* deezer.ping: the session's id, borrowed; NULL when there is none. */
const char *deezer_gw_read_ping(const json_t *results);

/* deezer.getUserData */
struct deezer_gw_user {
	bool anonymous; /* the ARL is not good (any more) */
	char *api_token;
	char *license_token;
	int64_t expires_wall_ms; /* of the licence; 0: it does not say */
	bool has_320, has_flac;  /* the plan */
};

/* False when something is missing that every answer has. */
MUST_CHECK bool deezer_gw_read_user(struct deezer_gw_user *user, const json_t *results);
/* Accepts a zeroed one. */
void deezer_gw_user_fini(struct deezer_gw_user *user);

/* song.getListData: one form of one song. */
struct deezer_gw_file {
	char song_id[EXTERNAL_ID_KEY]; /* which keys the cipher */
	char *token;
	int64_t token_expires_wall_ms; /* 0: it does not say */
	int64_t sizes[TRACK_FLAC + 1]; /* by quality; 0: there is none. Uploads: MP3_128 */
	int64_t duration_ms;
	bool misc; /* an upload: one MP3 of its own bit rate */
};

struct deezer_gw_song {
	struct deezer_gw_file own;
	bool has_rights; /* somebody may play it here */
	struct deezer_gw_file fallback;
	bool has_fallback; /* the same music under another id */
};

/* False when there is no song with a token among the data. */
MUST_CHECK bool deezer_gw_read_song(struct deezer_gw_song *song, const json_t *results);
void deezer_gw_song_copy(struct deezer_gw_song *to, const struct deezer_gw_song *from);
/* Accepts a zeroed one. */
void deezer_gw_song_fini(struct deezer_gw_song *song);
/* The qualities that the file has. */
track_quality_set deezer_gw_qualities(const struct deezer_gw_file *file);
struct track_format deezer_gw_format(
	const struct deezer_gw_file *file, enum track_quality quality);

/* The media service's, which has error shapes of its own. */
enum deezer_gw_media_verdict {
	DEEZER_MEDIA_GIVEN,
	DEEZER_MEDIA_NONE,    /* none of the formats asked for */
	DEEZER_MEDIA_RIGHTS,  /* 2002: this song may not be played here */
	DEEZER_MEDIA_PLAN,    /* 1002: not with this licence */
	DEEZER_MEDIA_REFUSED, /* another error: tokens may be stale */
	DEEZER_MEDIA_DOWN,    /* HTTP 5xx */
	DEEZER_MEDIA_BROKEN,  /* no answer of a media service */
	DEEZER_MEDIA_VERDICTS
};

struct deezer_gw_media {
	enum track_quality quality;
	bool ciphered;
	char *urls[TRACK_SOURCE_URLS];
	size_t url_count;
	int64_t expires_wall_ms; /* 0: it does not say */
};

/* "given", "none", … for logs. */
const char *deezer_gw_media_verdict_name(enum deezer_gw_media_verdict verdict);
/* GIVEN with at least one URL; else nothing to free, and `why` is a sentence for the log.
 */
enum deezer_gw_media_verdict deezer_gw_read_media(struct deezer_gw_media *media,
	const json_t *root, int status, char *why, size_t why_size);
/* Accepts a zeroed one. */
void deezer_gw_media_fini(struct deezer_gw_media *media);

#endif
