#include "tracker/player.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static void
names_of_clients_and_devices_say_on_what_it_plays(void **state)
{
	static const struct {
		const char *client, *device, *platform, *device_type;
	} rows[] = {
		{ "Jellyfin Web", "Chrome", "unknown", "browser" },
		{ "Jellyfin Web", "Edge Chromium", "unknown", "browser" },
		{ "Jellyfin Android", "Pixel 8", "android", "mobile" },
		{ "Jellyfin Android", "SM-X710", "android", "tablet" },
		{ "Jellyfin Android TV", "AFTMM", "androidtv", "tv" },
		{ "Android TV", "BRAVIA 4K VH2", "androidtv", "tv" },
		{ "Jellyfin iOS", "iPhone", "ios", "mobile" },
		{ "Jellyfin Mobile (iOS)", "Anna's iPad", "ios", "tablet" },
		{ "Swiftfin iOS", "iPhone", "ios", "mobile" },
		{ "Swiftfin tvOS", "Living Room", "tvos", "tv" },
		{ "Jellyfin Roku", "Roku Ultra", "roku", "tv" },
		{ "Jellyfin for WebOS", "LG Smart TV", "webos", "tv" },
		{ "Jellyfin for Tizen", "Samsung Smart TV", "tizen", "tv" },
		{ "Finamp", "Galaxy S24", "android", "mobile" },
		{ "Finamp", "iPhone 15", "ios", "mobile" },
		{ "Feishin", "PC", "unknown", "desktop" },
		{ "Supersonic", "linux", "linux", "desktop" },
		{ "Jellyfin MPV Shim", "workstation", "unknown", "desktop" },
		{ "Jellyfin Media Player", "DESKTOP-WINDOWS", "windows", "desktop" },
		{ "Kodi", "LibreELEC", "linux", "tv" },
		{ "Symfonium", "OnePlus 12", "android", "mobile" },
		{ "Jellyfin Xbox", "XboxOne", "windows", "tv" },
		{ "DLNA", "Draft", "unknown", "unknown" },
		{ "Curious", "", "unknown", "unknown" },
		{ "", "", "unknown", "unknown" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const char *platform = player_platform(rows[i].client, rows[i].device);
		const char *type = player_device_type(rows[i].client, rows[i].device);
		if (strcmp(platform, rows[i].platform) != 0 ||
			strcmp(type, rows[i].device_type) != 0)
			fail_msg("%s on %s: %s, %s", rows[i].client, rows[i].device,
				platform, type);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_of_clients_and_devices_say_on_what_it_plays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
