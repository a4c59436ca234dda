/* Lists: external songs as HTTP Live Streaming, for players that ask for that: MP3 in
 * segments (providers/mp3_list.h). */
#ifndef PROXY_INTERCEPT_LIST_H
#define PROXY_INTERCEPT_LIST_H

#include "proxy/intercept_play.h"
#include "proxy/router.h"

/* /Audio/{id}/master.m3u8 */
bool intercept_list_master(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match);
/* /Audio/{id}/main.m3u8 */
bool intercept_list_main(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match);
/* /Audio/{id}/hls1/{list}/{segment}.{ext}, as main.m3u8 spells it */
bool intercept_list_segment(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match);

/* For universal, whose player takes the song in segments only: as Jellyfin, the master list
 * itself. Answers the intercept. */
void intercept_list_reply_master(struct intercept *intercept,
	const struct external_id *song, const struct play_choice *choice);

#endif
