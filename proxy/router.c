#include "proxy/router.h"

#include "proxy/intercept_children.h"
#include "proxy/intercept_control.h"
#include "proxy/intercept_images.h"
#include "proxy/intercept_items.h"
#include "proxy/intercept_kept.h"
#include "proxy/intercept_list.h"
#include "proxy/intercept_lyrics.h"
#include "proxy/intercept_mix.h"
#include "proxy/intercept_playback_info.h"
#include "proxy/intercept_playing.h"
#include "proxy/intercept_playlist_edits.h"
#include "proxy/intercept_playlist_lives.h"
#include "proxy/intercept_playlists.h"
#include "proxy/intercept_search.h"
#include "proxy/intercept_session_list.h"
#include "proxy/intercept_sessions.h"
#include "proxy/intercept_similar.h"
#include "proxy/intercept_socket.h"
#include "proxy/intercept_stream.h"
#include "proxy/intercept_system.h"
#include "proxy/intercept_user_data.h"

#define GET_HEAD    (HTTP_GET | HTTP_HEAD)
#define POST_DELETE (HTTP_POST | HTTP_DELETE)

/* Both spellings: 12.0's own and the older ones below /Users/{user}. Order matters only
 * where two patterns fit the same path. */
static const struct front_route routes[] = {
	{ HTTP_GET, "/Items", "kept", intercept_kept_items },
	{ HTTP_GET, "/Users/{user}/Items", "kept", intercept_kept_items },
	{ HTTP_GET, "/Artists", "kept", intercept_kept_artists },
	{ HTTP_GET, "/Artists/AlbumArtists", "kept", intercept_kept_artists },
	{ HTTP_GET, "/Items", "items", intercept_item_list },
	{ HTTP_GET, "/Users/{user}/Items", "items", intercept_item_list },
	{ HTTP_GET, "/Items/{id}", "item", intercept_item },
	{ HTTP_GET, "/Users/{user}/Items/{id}", "item", intercept_item },
	{ HTTP_GET, "/Playlists/{id}/Items", "items", intercept_playlist_items },
	/* Jellyfin's playlists with an external part. */
	{ HTTP_GET, "/Items", "mixed_items", intercept_mixed_children },
	{ HTTP_GET, "/Users/{user}/Items", "mixed_items", intercept_mixed_children },
	{ HTTP_GET, "/Items", "mixed_items", intercept_mixed_lists },
	{ HTTP_GET, "/Users/{user}/Items", "mixed_items", intercept_mixed_lists },
	{ HTTP_GET, "/Items/{id}", "mixed_item", intercept_mixed_item },
	{ HTTP_GET, "/Users/{user}/Items/{id}", "mixed_item", intercept_mixed_item },
	{ HTTP_GET, "/Playlists/{id}", "mixed_item", intercept_mixed_ids },
	{ HTTP_GET, "/Playlists/{id}/Items", "mixed_items", intercept_mixed_items },
	{ HTTP_POST, "/Playlists", "playlist_edit", intercept_playlist_create },
	{ HTTP_POST, "/Playlists/{id}", "playlist_edit", intercept_playlist_update },
	{ HTTP_POST, "/Playlists/{id}/Items", "playlist_edit", intercept_playlist_add },
	{ HTTP_DELETE, "/Playlists/{id}/Items", "playlist_edit",
		intercept_playlist_remove },
	{ HTTP_POST, "/Playlists/{id}/Items/{entry}/Move/{index}", "playlist_edit",
		intercept_playlist_move },
	{ HTTP_DELETE, "/Items", "playlist_delete", intercept_playlist_delete },
	{ HTTP_DELETE, "/Items/{id}", "playlist_delete", intercept_playlist_delete },
	{ HTTP_GET, "/Items/Latest", "latest", intercept_children_latest },
	{ HTTP_GET, "/Users/{user}/Items/Latest", "latest", intercept_children_latest },
	{ HTTP_GET, "/Items/Filters", "filters", intercept_children_filters },
	{ HTTP_GET, "/Items/Filters2", "filters", intercept_children_filters2 },
	{ HTTP_GET, "/Genres", "empty", intercept_children_none },
	{ HTTP_GET, "/MusicGenres", "empty", intercept_children_none },
	{ HTTP_GET, "/Studios", "empty", intercept_children_none },
	{ HTTP_GET, "/Years", "empty", intercept_children_none },
	{ HTTP_GET, "/Search/Hints", "search_hints", intercept_search_hints },
	{ HTTP_GET, "/Artists", "artists", intercept_search_artists },
	{ HTTP_GET, "/Artists/AlbumArtists", "artists", intercept_search_artists },

	{ HTTP_GET | HTTP_POST, "/Items/{id}/PlaybackInfo", "playback_info",
		intercept_playback_info },
	{ GET_HEAD, "/Items/{id}/Images/{type}", "image", intercept_image },
	{ GET_HEAD, "/Items/{id}/Images/{type}/{index}", "image", intercept_image_at },
	{ GET_HEAD, "/Items/{id}/Images/{type}", "image", intercept_mixed_image },

	{ GET_HEAD, "/Audio/{id}/universal", "stream", intercept_universal },
	{ GET_HEAD, "/Audio/{id}/stream", "stream", intercept_stream },
	{ GET_HEAD, "/Audio/{id}/stream.{ext}", "stream", intercept_stream_as },
	{ GET_HEAD, "/Audio/{id}/master.m3u8", "list", intercept_list_master },
	{ GET_HEAD, "/Audio/{id}/main.m3u8", "list", intercept_list_main },
	{ GET_HEAD, "/Audio/{id}/hls1/{list}/{segment}", "segment",
		intercept_list_segment },
	{ GET_HEAD, "/Videos/{id}/stream", "stream", intercept_stream },
	{ GET_HEAD, "/Videos/{id}/stream.{ext}", "stream", intercept_stream_as },
	{ GET_HEAD, "/Items/{id}/File", "stream", intercept_file },
	{ GET_HEAD, "/Items/{id}/Download", "download", intercept_download },

	{ HTTP_GET, "/Audio/{id}/Lyrics", "lyrics", intercept_lyrics },
	{ HTTP_GET, "/Items/{id}/Lyrics", "lyrics", intercept_lyrics },
	{ HTTP_GET, "/MediaSegments/{id}", "empty", intercept_item_empty_list },
	{ HTTP_GET, "/Items/{id}/ThemeMedia", "empty", intercept_item_theme_media },
	{ HTTP_GET, "/Items/{id}/ThemeSongs", "empty", intercept_item_empty_list },
	{ HTTP_GET, "/Items/{id}/ThemeVideos", "empty", intercept_item_empty_list },
	{ HTTP_GET, "/Items/{id}/Intros", "empty", intercept_item_empty_list },
	{ HTTP_GET, "/Users/{user}/Items/{id}/Intros", "empty", intercept_item_empty_list },
	{ HTTP_GET, "/Items/{id}/Similar", "similar", intercept_similar },
	{ HTTP_GET, "/Albums/{id}/Similar", "similar", intercept_similar },
	{ HTTP_GET, "/Artists/{id}/Similar", "similar", intercept_similar },
	{ HTTP_GET, "/Artists/InstantMix", "mix", intercept_mix_by_query },
	{ HTTP_GET, "/MusicGenres/InstantMix", "mix", intercept_mix_by_query },
	{ HTTP_GET, "/Items/{id}/InstantMix", "mix", intercept_mix },
	{ HTTP_GET, "/Songs/{id}/InstantMix", "mix", intercept_mix },
	{ HTTP_GET, "/Albums/{id}/InstantMix", "mix", intercept_mix },
	{ HTTP_GET, "/Artists/{id}/InstantMix", "mix", intercept_mix },
	{ HTTP_GET, "/Playlists/{id}/InstantMix", "mix", intercept_mix },
	{ HTTP_GET, "/Items/{id}/Collections", "empty", intercept_item_empty_list },
	{ HTTP_GET, "/Items/{id}/Ancestors", "empty", intercept_item_empty_array },
	{ HTTP_GET, "/Items/{id}/SpecialFeatures", "empty", intercept_item_empty_array },
	{ HTTP_GET, "/Items/{id}/LocalTrailers", "empty", intercept_item_empty_array },

	{ HTTP_GET, "/Users/{user}/Items/{id}/SpecialFeatures", "empty",
		intercept_item_empty_array },
	{ HTTP_GET, "/Users/{user}/Items/{id}/LocalTrailers", "empty",
		intercept_item_empty_array },

	{ HTTP_GET, "/Sessions", "sessions", intercept_session_list },
	{ HTTP_POST, "/Sessions/Playing", "playing", intercept_playing_start },
	{ HTTP_POST, "/Sessions/Playing/Progress", "playing", intercept_playing_progress },
	{ HTTP_POST, "/Sessions/Playing/Stopped", "playing", intercept_playing_stopped },
	{ HTTP_POST, "/Sessions/Playing/Ping", "playing", intercept_playing_ping },
	{ HTTP_POST, "/Sessions/Capabilities", "capabilities", intercept_capabilities },
	{ HTTP_POST, "/Sessions/Capabilities/Full", "capabilities",
		intercept_capabilities_full },
	{ POST_DELETE, "/UserFavoriteItems/{id}", "favourite", intercept_user_favourite },
	{ POST_DELETE, "/Users/{user}/FavoriteItems/{id}", "favourite",
		intercept_user_favourite },
	{ POST_DELETE, "/UserPlayedItems/{id}", "played", intercept_user_played },
	{ POST_DELETE, "/Users/{user}/PlayedItems/{id}", "played", intercept_user_played },
	{ POST_DELETE, "/UserItems/{id}/Rating", "rating", intercept_user_rating },
	{ POST_DELETE, "/Users/{user}/Items/{id}/Rating", "rating", intercept_user_rating },
	{ HTTP_GET | HTTP_POST, "/UserItems/{id}/UserData", "user_data",
		intercept_user_data },
	{ HTTP_GET | HTTP_POST, "/Users/{user}/Items/{id}/UserData", "user_data",
		intercept_user_data },

	{ HTTP_POST, "/Sessions/Logout", "logout", intercept_logout },
	{ HTTP_POST, "/Sessions/{session}/Playing", "play_on", intercept_play_on },
	{ HTTP_GET, "/socket", "socket", intercept_socket },

	{ HTTP_GET, "/System/Info", "system_info", intercept_system_info },
	{ HTTP_GET, "/System/Info/Public", "system_info", intercept_system_info },
};

/* What tells quickly that a path does not fit; most requests fit none of the routes. */
struct quick {
	unsigned char methods;
	unsigned char first; /* the pattern's first letter, lower case */
	unsigned char parts;
};

struct router {
	struct quick quick[COUNT_OF(routes)];
};

struct router *
router_new(void)
{
	struct router *router = xcalloc(1, sizeof *router);

	for (size_t i = 0; i < COUNT_OF(routes); i++) {
		const char *pattern = routes[i].pattern;
		assert(pattern[0] == '/' && pattern[1] != '{');
		router->quick[i] = (struct quick){
			.methods = (unsigned char)routes[i].methods,
			.first = (unsigned char)ascii_lower(pattern[1]),
			.parts = (unsigned char)route_count_parts(pattern),
		};
	}
	return router;
}

void
router_free(struct router *router)
{
	xfree(router);
}

static unsigned char
first_letter(const struct route_path *path)
{
	if (path->count == 0 || path->parts[0].size == 0)
		return 0;
	return (unsigned char)ascii_lower(path->parts[0].data[0]);
}

void
router_dispatch(struct front_worker *worker, struct exchange *exchange)
{
	const struct http_request *request = exchange_request(exchange);
	struct arena *arena = exchange_arena(exchange);
	struct route_path path;
	struct route_match match;

	route_split(&path, arena,
		headers_below_base(worker->services->relay.target.base, request->path));
	const unsigned char first = first_letter(&path);
	for (size_t i = 0; i < COUNT_OF(routes); i++) {
		const struct quick *quick = &worker->router->quick[i];
		const struct front_route *route = &routes[i];
		if (quick->first != first || quick->parts != path.count ||
			(quick->methods & (unsigned)request->method) == 0 ||
			!route_match(&match, arena, route->pattern, &path))
			continue;
		exchange_set_route(exchange, route->name);
		if (route->handle(worker, exchange, &match))
			return;
	}
	exchange_set_route(exchange, "relay");
	front_relay(worker, exchange);
}
