/* Track format: in which forms a provider has a song, and which of them a listener may get.
 * Plain values; any thread.
 */
#ifndef PROVIDERS_TRACK_FORMAT_H
#define PROVIDERS_TRACK_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* From worse to better, so that they compare. */
enum track_quality {
	TRACK_PREVIEW, /* 30 s, MP3 128 */
	TRACK_MP3_128,
	TRACK_MP3_320,
	TRACK_FLAC,     /* 16 bit, 44.1 kHz */
	TRACK_FLAC_96,  /* 24 bit, at most 96 kHz */
	TRACK_FLAC_192, /* 24 bit, at most 192 kHz */
};

enum { TRACK_QUALITIES = TRACK_FLAC_192 + 1 };

/* A set of qualities: bit 1 << quality. */
typedef uint8_t track_quality_set;

#define TRACK_BIT(quality) ((track_quality_set)(1u << (quality)))
#define TRACK_ALL_FULL                                                                     \
	((track_quality_set)(TRACK_BIT(TRACK_QUALITIES) - TRACK_BIT(TRACK_MP3_128)))

/* One form of one song. */
struct track_format {
	enum track_quality quality;
	int64_t size;        /* bytes, exact; 0 unknown */
	int64_t duration_ms; /* of these bytes (a preview's 30 s); 0 unknown */
	int64_t bitrate;     /* bits per second; 0 unknown */
	int64_t sample_rate; /* Hz */
	int bit_depth;       /* 0: none (MP3) */
	int channels;
};

/* The forms of one song, best first. */
struct track_formats {
	struct track_format of[TRACK_QUALITIES];
	size_t count;
};

const char *track_quality_name(enum track_quality quality);      /* "flac", "mp3_320" */
const char *track_quality_container(enum track_quality quality); /* "flac", "mp3" */
const char *track_quality_type(enum track_quality quality);      /* "audio/flac" */
/* What follows from the quality alone: rates, depth, channels, an MP3's bit rate. */
struct track_format track_format_of(enum track_quality quality);

#endif
