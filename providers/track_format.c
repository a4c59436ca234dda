#include "providers/track_format.h"

#include <assert.h>

struct quality_row {
	const char *name, *container, *type;
	struct track_format format;
};

/* In the order of enum track_quality. */
static const struct quality_row rows[TRACK_QUALITIES] = {
	{ "preview", "mp3", "audio/mpeg",
		{ .quality = TRACK_PREVIEW,
			.bitrate = 128000,
			.sample_rate = 44100,
			.channels = 2 } },
	{ "mp3_128", "mp3", "audio/mpeg",
		{ .quality = TRACK_MP3_128,
			.bitrate = 128000,
			.sample_rate = 44100,
			.channels = 2 } },
	{ "mp3_320", "mp3", "audio/mpeg",
		{ .quality = TRACK_MP3_320,
			.bitrate = 320000,
			.sample_rate = 44100,
			.channels = 2 } },
	{ "flac", "flac", "audio/flac",
		{ .quality = TRACK_FLAC,
			.sample_rate = 44100,
			.bit_depth = 16,
			.channels = 2 } },
	{ "flac_96", "flac", "audio/flac",
		{ .quality = TRACK_FLAC_96,
			.sample_rate = 96000,
			.bit_depth = 24,
			.channels = 2 } },
	{ "flac_192", "flac", "audio/flac",
		{ .quality = TRACK_FLAC_192,
			.sample_rate = 192000,
			.bit_depth = 24,
			.channels = 2 } },
};

static const struct quality_row *
row_of(enum track_quality quality)
{
	assert((size_t)quality < TRACK_QUALITIES);
	return &rows[quality];
}

const char *
track_quality_name(enum track_quality quality)
{
	return row_of(quality)->name;
}

const char *
track_quality_container(enum track_quality quality)
{
	return row_of(quality)->container;
}

const char *
track_quality_type(enum track_quality quality)
{
	return row_of(quality)->type;
}

struct track_format
track_format_of(enum track_quality quality)
{
	return row_of(quality)->format;
}
