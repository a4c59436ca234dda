/* Player: on what somebody plays. Jellyfin names client and device only, so platform and
 * kind of device are read from these names. Pure; any thread.
 */
#ifndef TRACKER_PLAYER_H
#define TRACKER_PLAYER_H

/* "ios", "android", "windows", "macos", "linux", "tvos", "androidtv", "roku", "webos",
 * "tizen", "unknown" */
const char *player_platform(const char *client, const char *device);
/* "tv", "tablet", "mobile", "browser", "desktop", "unknown" */
const char *player_device_type(const char *client, const char *device);

#endif
