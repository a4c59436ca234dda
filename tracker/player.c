#include "tracker/player.h"

#include <string.h>

#include "core/mem.h"
#include "core/text.h"

struct player_row {
	const char *part; /* of the client's name or the device's, in any case */
	const char *answer;
};

/* The first row that fits counts: what is rarer, or names more, stands above. */
static const struct player_row platforms[] = {
	{ "android tv", "androidtv" },
	{ "androidtv", "androidtv" },
	{ "google tv", "androidtv" },
	{ "fire tv", "androidtv" },
	{ "firetv", "androidtv" },
	{ "aft", "androidtv" }, /* Amazon's names of its sticks: AFTMM, AFTKA, … */
	{ "shield", "androidtv" },
	{ "bravia", "androidtv" },
	{ "chromecast", "androidtv" },
	{ "apple tv", "tvos" },
	{ "appletv", "tvos" },
	{ "tvos", "tvos" },
	{ "roku", "roku" },
	{ "webos", "webos" },
	{ "lg smart tv", "webos" },
	{ "tizen", "tizen" },
	{ "samsung smart tv", "tizen" },
	{ "iphone", "ios" },
	{ "ipad", "ios" },
	{ "ipod", "ios" },
	{ "ios", "ios" },
	{ "swiftfin", "ios" },
	{ "android", "android" },
	{ "pixel", "android" },
	{ "galaxy", "android" },
	{ "sm-", "android" },
	{ "oneplus", "android" },
	{ "xiaomi", "android" },
	{ "redmi", "android" },
	{ "symfonium", "android" },
	{ "windows", "windows" },
	{ "xbox", "windows" },
	{ "macos", "macos" },
	{ "mac os", "macos" },
	{ "macbook", "macos" },
	{ "imac", "macos" },
	{ "os x", "macos" },
	{ "linux", "linux" },
	{ "ubuntu", "linux" },
	{ "debian", "linux" },
	{ "fedora", "linux" },
	{ "kodi", "linux" },
};

static const struct player_row device_types[] = {
	{ " tv", "tv" },
	{ "androidtv", "tv" },
	{ "appletv", "tv" },
	{ "firetv", "tv" },
	{ "tvos", "tv" },
	{ "aft", "tv" },
	{ "shield", "tv" },
	{ "bravia", "tv" },
	{ "chromecast", "tv" },
	{ "roku", "tv" },
	{ "webos", "tv" },
	{ "tizen", "tv" },
	{ "kodi", "tv" },
	{ "xbox", "tv" },
	{ "playstation", "tv" },
	{ "ipad", "tablet" },
	{ "tablet", "tablet" },
	{ "galaxy tab", "tablet" },
	{ "sm-t", "tablet" },
	{ "sm-x", "tablet" },
	{ "kindle", "tablet" },
	{ "iphone", "mobile" },
	{ "ipod", "mobile" },
	{ "phone", "mobile" },
	{ "pixel", "mobile" },
	{ "galaxy", "mobile" },
	{ "sm-", "mobile" },
	{ "oneplus", "mobile" },
	{ "redmi", "mobile" },
	{ "ios", "mobile" },
	{ "android", "mobile" },
	{ "mobile", "mobile" },
	{ "symfonium", "mobile" },
	{ "swiftfin", "mobile" },
	{ "jellyfin web", "browser" },
	{ "chrome", "browser" },
	{ "firefox", "browser" },
	{ "safari", "browser" },
	{ "edge", "browser" },
	{ "opera", "browser" },
	{ "browser", "browser" },
	{ "windows", "desktop" },
	{ "macos", "desktop" },
	{ "macbook", "desktop" },
	{ "imac", "desktop" },
	{ "linux", "desktop" },
	{ "desktop", "desktop" },
	{ "media player", "desktop" },
	{ "mpv", "desktop" },
	{ "feishin", "desktop" },
	{ "supersonic", "desktop" },
};

static bool
is_letter(char c)
{
	char lower = ascii_lower(c);

	return lower >= 'a' && lower <= 'z';
}

/* Words begin where no letter stands before: "aft" is in "AFTMM", not in "Draft". */
static bool
has_part(const char *name, const char *part)
{
	size_t size = strlen(part);

	for (size_t i = 0; name[i] != '\0'; i++) {
		bool begins = i == 0 || !is_letter(name[i - 1]) || part[0] == ' ';
		if (begins && slice_starts_with_ci(slice_of(name + i), part))
			return true;
	}
	return size == 0;
}

static const char *
answer_of(
	const struct player_row *rows, size_t count, const char *client, const char *device)
{
	for (size_t i = 0; i < count; i++) {
		if (has_part(device, rows[i].part) || has_part(client, rows[i].part))
			return rows[i].answer;
	}
	return "unknown";
}

const char *
player_platform(const char *client, const char *device)
{
	return answer_of(platforms, COUNT_OF(platforms), client, device);
}

const char *
player_device_type(const char *client, const char *device)
{
	return answer_of(device_types, COUNT_OF(device_types), client, device);
}
