/* Deezer full: a whole song through the account of whoever listens.
 *
 *   song.getListData ──> get_url ──┬─ given ──> the source
 *    (or remembered)      ^   ^    ├─ 1002 or none: without the best of the wished ─┐
 *                         │   └────┼─────────────────────────────────────────────────┘
 *                         │        ├─ 2002: once, with the song's fallback
 *                         └────────┴─ another error, or 1002 in an old session: once,
 *                                     with new tokens
 *
 * A source is not given before the secret has been right once (deezer_probe).
 *
 * Belongs to the seat's loop; over within 18 s.
 */
#ifndef PROVIDERS_DEEZER_DEEZER_FULL_H
#define PROVIDERS_DEEZER_DEEZER_FULL_H

#include "providers/deezer/deezer_account.h"

struct deezer_full;

struct deezer_full_answer {
	/* ERR_DENIED: plan, rights, a bad account; ERR_NOT_FOUND: no such song, or no file
	 * of it; ERR_INVALID: none of the wished qualities; ERR_BUSY, ERR_TIMEOUT,
	 * ERR_UNREACHABLE, ERR_PROTOCOL. */
	enum err err;
	/* With ERR_DENIED: because the secret is wrong, which somebody has to hear of. */
	bool secret_is_wrong;
	const struct track_formats *formats; /* borrowed, when they were asked for */
	struct track_source *take_source;    /* when it was to be opened */
};

/* `open`: where it is; else in which forms. What is given is copied; the previews among the
 * wished qualities are not looked at. `done` fires once, never before this has returned. */
struct deezer_full *deezer_full_start(struct deezer_seat *seat,
	struct deezer_account *account, const struct track_wish *wish, bool open,
	void (*done)(void *arg, const struct deezer_full_answer *answer), void *arg);
/* Silence. */
void deezer_full_cancel(struct deezer_full *full);

#endif
