#include "providers/track_offer.h"

enum err
track_offer_find(struct track_offer *offer, struct catalog_worker *catalog,
	const struct track_place *own, const struct track_wish *wish)
{
	enum provider_id id = wish->id.provider;
	const struct provider *provider =
		provider_find(catalog_providers(catalog_of(catalog)), id);

	*offer = (struct track_offer){ .place = *own };
	if (wish->id.kind != MEDIA_SONG)
		return ERR_INVALID;
	if (provider == NULL)
		return ERR_NOT_FOUND;
	offer->place.seat = catalog_seat(catalog, id, &offer->place.ops);
	const struct provider_lane lane =
		provider->ops->lane(provider->shared, &wish->listener);
	offer->downloads = lane.downloads;
	offer->want.key.provider = id;
	offer->want.key.account = text_hash(id, lane.account);
	copy_text(offer->want.key.song, sizeof offer->want.key.song, wish->id.key);
	offer->want.qualities = wish->qualities & lane.qualities;
	if (lane.qualities == 0)
		return ERR_NOT_FOUND;
	return offer->want.qualities != 0 ? ERR_NONE : ERR_INVALID;
}
