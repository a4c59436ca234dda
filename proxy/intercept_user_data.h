/* User data: hearts, plays and ratings of external items, given and taken by clients in
 * either spelling of the paths. What Jellyfin knows is left to the relay.
 *
 * Answered with the item's UserItemDataDto, as Jellyfin does, once it is in our database:
 * 500 when it could not be kept. Somebody else's data is for administrators: 403. An item
 * that no provider knows is 404; while the provider is away, what was not shown before
 * cannot be kept, since nobody could show it later.
 */
#ifndef PROXY_INTERCEPT_USER_DATA_H
#define PROXY_INTERCEPT_USER_DATA_H

#include "proxy/router.h"

/* POST and DELETE /UserFavoriteItems/{id}, /Users/{user}/FavoriteItems/{id} */
bool intercept_user_favourite(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match);
/* POST and DELETE /UserPlayedItems/{id}, /Users/{user}/PlayedItems/{id} */
bool intercept_user_played(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match);
/* POST and DELETE /UserItems/{id}/Rating, /Users/{user}/Items/{id}/Rating */
bool intercept_user_rating(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match);
/* GET and POST /UserItems/{id}/UserData, /Users/{user}/Items/{id}/UserData */
bool intercept_user_data(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match);

#endif
