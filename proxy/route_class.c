#include "proxy/route_class.h"

#include <string.h>

enum { PARTS_MAX = 6 };

struct rule {
	struct slice first; /* part of the path */
	const char *rest;   /* "*" is one part, "**" at the end any number, none too */
	enum route_class class;
};

#define RULE(first, rest, name)                                                            \
	{                                                                                  \
		{ (first), sizeof(first) - 1 }, (rest), ROUTE_CLASS_##name                 \
	}

/* The first that fits counts. */
static const struct rule rules[] = {
	RULE("Items", "*/Images/**", IMAGE),
	RULE("Items", "", LIST),
	RULE("Items", "*/PlaybackInfo", ITEM),
	RULE("Items", "Counts", LIST),
	RULE("Items", "Filters", LIST),
	RULE("Items", "Filters2", LIST),
	RULE("Items", "Latest", LIST),
	RULE("Items", "Suggestions", LIST),
	RULE("Items", "RemoteSearch/**", SYSTEM),
	RULE("Items", "*", ITEM),
	RULE("Items", "*/Download", DOWNLOAD),
	RULE("Items", "*/File", DOWNLOAD),
	RULE("Items", "*/RemoteImages/**", SYSTEM),
	RULE("Items", "*/RemoteSearch/**", SUBTITLE),
	RULE("Items", "*/ContentType", SYSTEM),
	RULE("Items", "*/ExternalIdInfos", SYSTEM),
	RULE("Items", "*/MetadataEditor", SYSTEM),
	RULE("Items", "*/Refresh", SYSTEM),
	RULE("Items", "**", LIST),
	RULE("web", "**", WEB),
	RULE("System", "**", SYSTEM),
	RULE("Audio", "*/universal", AUDIO),
	RULE("Audio", "*/hls/**", HLS),
	RULE("Audio", "*/hls1/**", HLS),
	RULE("Audio", "*/Lyrics", SUBTITLE),
	RULE("Audio", "*/RemoteSearch/**", SUBTITLE),
	RULE("Audio", "*/*.m3u8", HLS),
	RULE("Audio", "**", AUDIO),
	RULE("Videos", "*/stream", VIDEO),
	RULE("Videos", "ActiveEncodings", HLS),
	RULE("Videos", "MergeVersions", SYSTEM),
	RULE("Videos", "*/AlternateSources", SYSTEM),
	RULE("Videos", "*/AdditionalParts", LIST),
	RULE("Videos", "*/Trickplay/**", IMAGE),
	RULE("Videos", "*/Subtitles/**", SUBTITLE),
	RULE("Videos", "*/*/Subtitles/**", SUBTITLE),
	RULE("Videos", "*/*/Attachments/**", SUBTITLE),
	RULE("Videos", "*/hls/**", HLS),
	RULE("Videos", "*/hls1/**", HLS),
	RULE("Videos", "*/*.m3u8", HLS),
	RULE("Videos", "**", VIDEO),
	RULE("Sessions", "Playing/**", REPORT),
	RULE("Sessions", "**", SESSION),
	RULE("PlayingItems", "**", REPORT),
	RULE("socket", "", SOCKET),
	RULE("Users", "*/Items", LIST),
	RULE("Users", "*/Items/Latest", LIST),
	RULE("Users", "*/Items/Resume", LIST),
	RULE("Users", "*/Items/*", ITEM),
	RULE("Users", "*/Items/*/Rating", ITEM),
	RULE("Users", "*/Items/*/UserData", ITEM),
	RULE("Users", "*/Items/**", LIST),
	RULE("Users", "*/Views/**", LIST),
	RULE("Users", "*/Suggestions", LIST),
	RULE("Users", "*/FavoriteItems/**", ITEM),
	RULE("Users", "*/PlayedItems/**", ITEM),
	RULE("Users", "*/PlayingItems/**", REPORT),
	RULE("Users", "*/Images/**", IMAGE),
	RULE("Users", "**", USER),
	RULE("UserImage", "", IMAGE),
	RULE("UserItems", "Resume", LIST),
	RULE("UserItems", "**", ITEM),
	RULE("UserFavoriteItems", "**", ITEM),
	RULE("UserPlayedItems", "**", ITEM),
	RULE("UserViews", "**", LIST),
	RULE("MediaSegments", "**", ITEM),
	RULE("LiveStreams", "**", ITEM),
	RULE("Artists", "AlbumArtists", LIST),
	RULE("Artists", "*", ITEM),
	RULE("Artists", "*/Images/**", IMAGE),
	RULE("Artists", "**", LIST),
	RULE("Albums", "**", LIST),
	RULE("Genres", "*", ITEM),
	RULE("Genres", "*/Images/**", IMAGE),
	RULE("Genres", "**", LIST),
	RULE("MusicGenres", "InstantMix", LIST),
	RULE("MusicGenres", "*", ITEM),
	RULE("MusicGenres", "*/Images/**", IMAGE),
	RULE("MusicGenres", "**", LIST),
	RULE("Persons", "*", ITEM),
	RULE("Persons", "*/Images/**", IMAGE),
	RULE("Persons", "**", LIST),
	RULE("Studios", "*", ITEM),
	RULE("Studios", "*/Images/**", IMAGE),
	RULE("Studios", "**", LIST),
	RULE("Years", "*", ITEM),
	RULE("Years", "**", LIST),
	RULE("Playlists", "*", ITEM),
	RULE("Playlists", "**", LIST),
	RULE("Channels", "**", LIST),
	RULE("Collections", "**", LIST),
	RULE("Movies", "**", LIST),
	RULE("Search", "**", LIST),
	RULE("Shows", "**", LIST),
	RULE("Songs", "**", LIST),
	RULE("Trailers", "**", LIST),
	RULE("LiveTv", "LiveRecordings/**", VIDEO),
	RULE("LiveTv", "LiveStreamFiles/**", VIDEO),
	RULE("LiveTv", "ListingProviders/**", SYSTEM),
	RULE("LiveTv", "TunerHosts/**", SYSTEM),
	RULE("LiveTv", "Tuners/**", SYSTEM),
	RULE("LiveTv", "ChannelMappings", SYSTEM),
	RULE("LiveTv", "ChannelMappingOptions", SYSTEM),
	RULE("LiveTv", "**", LIST),
	RULE("SyncPlay", "**", SESSION),
	RULE("QuickConnect", "**", USER),
	RULE("DisplayPreferences", "**", USER),
	RULE("FallbackFont", "**", SUBTITLE),
	RULE("Providers", "**", SUBTITLE),
	RULE("Playback", "**", DOWNLOAD),
	RULE("Images", "**", IMAGE),
	RULE("Branding", "Splashscreen", IMAGE),
	RULE("Branding", "**", SYSTEM),
	RULE("Plugins", "*/*/Image", IMAGE),
	RULE("Plugins", "**", SYSTEM),
	RULE("Auth", "**", SYSTEM),
	RULE("Backup", "**", SYSTEM),
	RULE("ClientLog", "**", SYSTEM),
	RULE("Devices", "**", SYSTEM),
	RULE("Environment", "**", SYSTEM),
	RULE("GetUtcTime", "", SYSTEM),
	RULE("health", "", SYSTEM),
	RULE("Libraries", "**", SYSTEM),
	RULE("Library", "**", SYSTEM),
	RULE("Localization", "**", SYSTEM),
	RULE("Packages", "**", SYSTEM),
	RULE("Repositories", "**", SYSTEM),
	RULE("ScheduledTasks", "**", SYSTEM),
	RULE("Startup", "**", SYSTEM),
	RULE("", "", WEB),
	RULE("favicon.ico", "", WEB),
	RULE("robots.txt", "", WEB),
	RULE("sidetrack", "**", OWN),
	RULE("metrics", "", OWN),
};

struct parts {
	struct slice parts[PARTS_MAX]; /* those beyond are not looked at */
	size_t count;
};

static void
split(struct parts *parts, struct slice path)
{
	struct slice part;

	parts->count = 0;
	if (path.size > 0 && path.data[0] == '/')
		path = (struct slice){ path.data + 1, path.size - 1 };
	while (parts->count < PARTS_MAX && slice_next(&path, '/', &part))
		parts->parts[parts->count++] = part;
	if (parts->count == 0)
		parts->parts[parts->count++] = (struct slice){ "", 0 };
}

/* "*" is anything, "*.m3u8" anything that ends so. */
static bool
part_fits(struct slice wanted, struct slice part)
{
	if (wanted.data[0] != '*')
		return wanted.size == part.size && slice_equal_ci(wanted, part);
	wanted = (struct slice){ wanted.data + 1, wanted.size - 1 };
	if (part.size < wanted.size)
		return false;
	part = (struct slice){ part.data + part.size - wanted.size, wanted.size };
	return slice_equal_ci(wanted, part);
}

static bool
rest_fits(const char *rest, const struct parts *parts)
{
	struct slice wanted, left = slice_of(rest);
	size_t i = 1;

	while (slice_next(&left, '/', &wanted)) {
		if (wanted.size == 2 && wanted.data[1] == '*')
			return true;
		if (i >= parts->count || !part_fits(wanted, parts->parts[i++]))
			return false;
	}
	return i == parts->count;
}

enum route_class
route_class_of(struct slice path)
{
	const char *compared = NULL; /* rules with the same first part stand together */
	bool first_fits = false;
	struct parts parts;

	split(&parts, path);
	const struct slice first = parts.parts[0];
	char letter = first.size > 0 ? ascii_lower(first.data[0]) : '\0';
	for (size_t i = 0; i < COUNT_OF(rules); i++) {
		const struct rule *rule = &rules[i];
		if (rule->first.data != compared)
			first_fits = rule->first.size == first.size &&
				     ascii_lower(rule->first.data[0]) == letter &&
				     slice_equal_ci(rule->first, first);
		compared = rule->first.data;
		if (first_fits && rest_fits(rule->rest, &parts))
			return rule->class;
	}
	return ROUTE_CLASS_OTHER;
}

const char *route_class_name(enum route_class class)
{
	static const char *const names[] = {
#define ROUTE_CLASS_NAME(name, label) label,
		ROUTE_CLASSES(ROUTE_CLASS_NAME)
#undef ROUTE_CLASS_NAME
	};

	return names[class];
}
