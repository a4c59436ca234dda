/* Reports of playback: /Sessions/Playing, Progress, Stopped, Ping.
 *
 * About external items Jellyfin must not hear what the client says (a Progress with an id
 * it does not know empties Now Playing): we answer 204 and mail the report to the tracker.
 * About its own items Jellyfin answers, and the tracker hears a copy after Jellyfin's 2xx.
 */
#ifndef PROXY_INTERCEPT_PLAYING_H
#define PROXY_INTERCEPT_PLAYING_H

#include "proxy/router.h"

bool intercept_playing_start(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match);
bool intercept_playing_progress(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match);
bool intercept_playing_stopped(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match);
bool intercept_playing_ping(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match);

#endif
