/* Play profile: which forms of a song a client can play, and which of them it gets.
 *
 * Decides as Jellyfin does of a library file (StreamBuilder, 12.0): a form plays directly
 * when a DirectPlayProfile of type Audio names its container and codec and no
 * CodecProfile's conditions speak against it. Two things differ. A provider has a song in
 * several forms, so that a client without FLAC gets MP3 instead of a transcode; and since
 * we never transcode, a limit on the bit rate, which says how much the network carries and
 * not what can be decoded, is met as well as possible: when every form is above it, the
 * smallest comes. Pure; any thread.
 */
#ifndef PROVIDERS_PLAY_PROFILE_H
#define PROVIDERS_PLAY_PROFILE_H

#include <jansson.h>

#include "providers/track_format.h"

/* Those that come as MP3. */
#define PLAY_MP3_FORMS                                                                     \
	(TRACK_BIT(TRACK_PREVIEW) | TRACK_BIT(TRACK_MP3_128) | TRACK_BIT(TRACK_MP3_320))

/* What a client says of itself and of this playback. */
struct play_wish {
	/* Jellyfin's DeviceProfile, borrowed. NULL, or one that names no way to play
	 * anything: nothing is known, so it plays everything. */
	const json_t *device;
	int64_t max_bitrate;  /* bits per second; 0: no limit */
	int64_t mp3_bitrate;  /* of what is not played directly; 0: as max_bitrate */
	int64_t max_channels; /* 0: no limit */
	bool no_direct_play;  /* EnableDirectPlay=false */
	bool no_transcoding;  /* EnableTranscoding=false */
};

enum play_way {
	PLAY_NOT,    /* nothing fits */
	PLAY_DIRECT, /* as a file */
	/* A TranscodingProfile takes what it cannot take directly, or is not to: MP3 as a
	 * file, or as a list of segments. */
	PLAY_MP3_FILE,
	PLAY_MP3_SEGMENTS,
};

struct play_choice {
	enum play_way way;
	track_quality_set qualities; /* may come that way; 0 with PLAY_NOT */
};

/* Chooses among the qualities in `offered`. `known` are exact forms where they are known,
 * else NULL. */
struct play_choice play_profile_choose(const struct play_wish *wish,
	track_quality_set offered, const struct track_formats *known);

/* Those of `qualities` that `max_bitrate` (0: no limit) carries; when there are none, the
 * smallest. */
track_quality_set play_profile_limit(track_quality_set qualities, int64_t max_bitrate,
	const struct track_formats *known);

/* The form of that quality: the exact one when it is known, else what the quality says,
 * with a typical bit rate. */
struct track_format play_profile_format(
	enum track_quality quality, const struct track_formats *known);

#endif
