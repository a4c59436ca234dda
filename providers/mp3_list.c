#include "providers/mp3_list.h"

#include <inttypes.h>
#include <string.h>

#define TIMESTAMP_OWNER "com.apple.streaming.transportStreamTimestamp"

enum {
	TICKS_PER_SECOND = 10 * 1000 * 1000,
	STAMPS_PER_SECOND = 90 * 1000,
	STAMP_BYTES = 8,
	HEADER_BYTES = 10, /* of a tag, and of a frame in it */
};

/* Frames of one segment. */
static int64_t
frames_of(const struct mp3_layout *layout)
{
	int64_t samples = (int64_t)MP3_SEGMENT_MS * layout->frame.rate / 1000;

	return (samples + layout->frame.samples - 1) / layout->frame.samples;
}

static int64_t
ticks_of(const struct mp3_layout *layout, int64_t frames)
{
	return frames * layout->frame.samples * TICKS_PER_SECOND / layout->frame.rate;
}

int64_t
mp3_list_ticks(const struct mp3_layout *layout)
{
	return ticks_of(layout, layout->frames);
}

static void
add_query(struct text *to, struct slice query, const char *more)
{
	text_add_char(to, '?');
	text_add_slice(to, query);
	if (query.size > 0 && more[0] != '\0')
		text_add_char(to, '&');
	text_add(to, more);
}

static void
add_segment(struct text *to, const struct mp3_layout *layout, int64_t number,
	struct slice query, const char *more)
{
	int64_t begin = number * frames_of(layout), end = begin + frames_of(layout);

	if (end > layout->frames)
		end = layout->frames;
	int64_t begin_ticks = ticks_of(layout, begin);
	int64_t length_ticks = ticks_of(layout, end) - begin_ticks;
	text_addf(to, "#EXTINF:%" PRId64 ".%06" PRId64 ", nodesc\n",
		length_ticks / TICKS_PER_SECOND, length_ticks % TICKS_PER_SECOND / 10);
	text_addf(to, "hls1/main/%" PRId64 ".mp3", number);
	add_query(to, query, more);
	text_addf(to,
		"&runtimeTicks=%" PRId64 "&actualSegmentLengthTicks=%" PRId64
		"&firstByte=%" PRId64 "&endByte=%" PRId64 "\n",
		begin_ticks, length_ticks, mp3_layout_place(layout, begin),
		mp3_layout_place(layout, end));
}

void
mp3_list_add(struct text *to, const struct mp3_layout *layout, struct slice query,
	const char *more)
{
	int64_t per_segment = frames_of(layout), number = 0;
	int64_t longest = ticks_of(layout, per_segment);

	text_addf(to,
		"#EXTM3U\n#EXT-X-PLAYLIST-TYPE:VOD\n#EXT-X-VERSION:3\n"
		"#EXT-X-TARGETDURATION:%" PRId64 "\n#EXT-X-MEDIA-SEQUENCE:0\n",
		(longest + TICKS_PER_SECOND - 1) / TICKS_PER_SECOND);
	for (int64_t begin = 0; begin < layout->frames; begin += per_segment)
		add_segment(to, layout, number++, query, more);
	text_add(to, "#EXT-X-ENDLIST\n");
}

void
mp3_list_add_master(struct text *to, int64_t bitrate, struct slice query, const char *more)
{
	/* RFC 6381's name of MP3, as Jellyfin writes it (HlsCodecStringHelpers.cs). */
	text_addf(to,
		"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=%" PRId64
		",AVERAGE-BANDWIDTH=%" PRId64 ",CODECS=\"mp4a.40.34\"\nmain.m3u8",
		bitrate, bitrate);
	add_query(to, query, more);
	text_add_char(to, '\n');
}

bool
mp3_segment_read(struct mp3_segment *segment, const struct query *query)
{
	*segment = (struct mp3_segment){
		.first = query_int(query, "firstByte", -1),
		.end = query_int(query, "endByte", -1),
		.begin_ticks = query_int(query, "runtimeTicks", -1),
	};
	return segment->first >= 0 && segment->begin_ticks >= 0 &&
	       segment->begin_ticks < INT64_MAX / STAMPS_PER_SECOND &&
	       segment->first < INT32_MAX && segment->end > segment->first &&
	       segment->end - segment->first <= MP3_SEGMENT_MOST_BYTES - MP3_SEARCH_BYTES;
}

void
mp3_segment_tag(unsigned char tag[MP3_TAG_BYTES], int64_t begin_ticks)
{
	/* 33 bits that go round, as in a transport stream. */
	uint64_t stamp = (uint64_t)(begin_ticks * STAMPS_PER_SECOND / TICKS_PER_SECOND) &
			 0x1ffffffff;
	unsigned char *at = tag;

	/* ID3v2.4: a header with the size of the rest, the header of one frame likewise. */
	memcpy(at, "ID3\4\0\0\0\0\0", 9);
	at[9] = MP3_TAG_BYTES - HEADER_BYTES;
	at += HEADER_BYTES;
	memcpy(at, "PRIV\0\0\0\0\0\0", HEADER_BYTES);
	at[7] = MP3_TAG_BYTES - 2 * HEADER_BYTES;
	at += HEADER_BYTES;
	memcpy(at, TIMESTAMP_OWNER, sizeof TIMESTAMP_OWNER);
	at += sizeof TIMESTAMP_OWNER;
	for (int i = 0; i < STAMP_BYTES; i++)
		at[i] = (unsigned char)(stamp >> (56 - 8 * i));
}
