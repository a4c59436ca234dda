#include "providers/mp3_frame.h"

#include <string.h>

enum {
	MPEG_1 = 3,
	MPEG_2 = 2,
	MPEG_RESERVED = 1,
	LAYER_III = 1,
	MONO = 3,
	FOLLOWERS = 2,   /* frames that must follow one for it to be believed */
	ID3_HEADER = 10, /* also of its footer */
	XING_FLAG_FRAMES = 1,
	FRAME_LEAST_BYTES = 24,
	VBRI_PLACE = 36, /* from the frame's beginning, whatever the side information */
};

/* kbit/s by index; 0 is "free", which nobody makes, 15 is none. */
static const int bitrates_1[16] = { 0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224,
	256, 320, 0 };
static const int bitrates_2[16] = { 0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144,
	160, 0 };
static const int rates_1[4] = { 44100, 48000, 32000, 0 };

/* ---- headers ---- */

bool
mp3_frame_read(struct mp3_frame *frame, const unsigned char header[MP3_HEADER_BYTES])
{
	unsigned version = header[1] >> 3 & 3, layer = header[1] >> 1 & 3;
	bool mono = header[3] >> 6 == MONO;
	int rate = rates_1[header[2] >> 2 & 3];

	if (header[0] != 0xff || header[1] >> 5 != 7 || version == MPEG_RESERVED ||
		layer != LAYER_III || rate == 0)
		return false;
	int kilobits = (version == MPEG_1 ? bitrates_1 : bitrates_2)[header[2] >> 4];
	if (kilobits == 0)
		return false;
	if (version != MPEG_1)
		rate /= version == MPEG_2 ? 2 : 4;
	*frame = (struct mp3_frame){
		.kind = version << 8 | (header[2] >> 2 & 3u),
		.samples = version == MPEG_1 ? 1152 : 576,
		.rate = rate,
		.bitrate = kilobits * 1000,
	};
	frame->size = frame->samples / 8 * frame->bitrate / rate + (header[2] >> 1 & 1);
	frame->side_bytes = version == MPEG_1 ? (mono ? 17 : 32) : (mono ? 9 : 17);
	return true;
}

/* Do frames of its kind follow the one at `at`? */
static bool
is_followed(const struct mp3_frame *frame, const unsigned char *data, size_t size,
	size_t at, bool is_end)
{
	struct mp3_frame next = *frame;

	for (int i = 0; i < FOLLOWERS; i++) {
		at += (size_t)next.size;
		if (at + MP3_HEADER_BYTES > size)
			return is_end && at <= size;
		if (!mp3_frame_read(&next, data + at) || next.kind != frame->kind)
			/* Tags may follow the last frame. */
			return is_end && i > 0;
	}
	return true;
}

bool
mp3_frame_find(struct mp3_frame *frame, size_t *at, const unsigned char *data, size_t size,
	size_t from, bool is_end)
{
	for (size_t i = from; i + MP3_HEADER_BYTES <= size; i++) {
		if (data[i] == 0xff && mp3_frame_read(frame, data + i) &&
			is_followed(frame, data, size, i, is_end)) {
			*at = i;
			return true;
		}
	}
	return false;
}

/* ---- the file ---- */

static uint32_t
big_endian(const unsigned char *data)
{
	return (uint32_t)data[0] << 24 | (uint32_t)data[1] << 16 | (uint32_t)data[2] << 8 |
	       data[3];
}

/* Bytes of an ID3v2 tag at the beginning; 0: there is none (ID3v2.4 §3.1). */
static int64_t
tag_size(const unsigned char *data, size_t size)
{
	if (size < ID3_HEADER || memcmp(data, "ID3", 3) != 0)
		return 0;
	int64_t body = (data[6] & 0x7f) << 21 | (data[7] & 0x7f) << 14 |
		       (data[8] & 0x7f) << 7 | (data[9] & 0x7f);
	bool has_footer = (data[5] & 0x10) != 0;
	return body + ID3_HEADER + (has_footer ? ID3_HEADER : 0);
}

/* What a frame that describes the file says of it. */
struct description {
	bool found;
	bool varies;           /* the bit rate does */
	int64_t frames, bytes; /* 0: not said */
};

static struct description
describe(const struct mp3_frame *frame, const unsigned char *data, size_t size)
{
	struct description found = { 0 };
	size_t xing = (size_t)(MP3_HEADER_BYTES + frame->side_bytes);

	if (size >= xing + 16 && (memcmp(data + xing, "Xing", 4) == 0 ||
					 memcmp(data + xing, "Info", 4) == 0)) {
		uint32_t flags = big_endian(data + xing + 4);
		found.found = true;
		found.varies = data[xing] == 'X';
		if ((flags & XING_FLAG_FRAMES) != 0)
			found.frames = big_endian(data + xing + 8);
	} else if (size >= VBRI_PLACE + 18 && memcmp(data + VBRI_PLACE, "VBRI", 4) == 0) {
		found = (struct description){ .found = true,
			.varies = true,
			.frames = big_endian(data + VBRI_PLACE + 14) };
	}
	return found;
}

static void
measure(struct mp3_layout *layout, const struct description *description)
{
	const struct mp3_frame *frame = &layout->frame;
	int64_t bytes = layout->end - layout->first;

	layout->frame_bytes = (int64_t)frame->samples / 8 * frame->bitrate;
	layout->frame_bytes_over = frame->rate;
	if (description->varies && description->frames > 0 &&
		description->frames <= bytes / FRAME_LEAST_BYTES) {
		layout->frame_bytes = bytes;
		layout->frame_bytes_over = description->frames;
	}
	/* Rounded; what follows the last frame is less than a half. */
	layout->frames = (bytes * layout->frame_bytes_over + layout->frame_bytes / 2) /
			 layout->frame_bytes;
}

enum mp3_look
mp3_layout_read(struct mp3_layout *layout, int64_t *next, const unsigned char *data,
	size_t size, int64_t offset, int64_t total)
{
	bool is_end = offset + (int64_t)size >= total;
	int64_t tag = offset > 0 ? 0 : tag_size(data, size);
	struct description description;
	struct mp3_frame frame;
	size_t at;

	if (total > INT32_MAX)
		return MP3_LOOK_NONE; /* 14 hours at 320 kbit/s, and sums stay numbers */
	if (tag > 0 && tag + MP3_SEARCH_BYTES > (int64_t)size && !is_end) {
		*next = offset + tag;
		return *next < total ? MP3_LOOK_ELSEWHERE : MP3_LOOK_NONE;
	}
	if (tag >= (int64_t)size ||
		!mp3_frame_find(&frame, &at, data, size, (size_t)tag, is_end))
		return MP3_LOOK_NONE;
	description = describe(&frame, data + at, size - at);
	if (description.found &&
		!mp3_frame_find(&frame, &at, data, size, at + (size_t)frame.size, is_end))
		return MP3_LOOK_NONE;
	*layout = (struct mp3_layout){
		.frame = frame, .first = offset + (int64_t)at, .end = total
	};
	measure(layout, &description);
	return layout->frames > 0 ? MP3_LOOK_FOUND : MP3_LOOK_NONE;
}

int64_t
mp3_layout_place(const struct mp3_layout *layout, int64_t number)
{
	if (number <= 0)
		return layout->first;
	if (number >= layout->frames)
		return layout->end;
	return layout->first +
	       (2 * number - 1) * layout->frame_bytes / (2 * layout->frame_bytes_over);
}

bool
mp3_frames_cut(size_t *from, size_t *to, const unsigned char *data, size_t size,
	size_t wanted, bool is_end)
{
	struct mp3_frame frame;
	uint32_t kind;

	if (!mp3_frame_find(&frame, from, data, size, 0, is_end) || *from >= wanted)
		return false;
	kind = frame.kind;
	*to = *from;
	while (*to < wanted && *to + MP3_HEADER_BYTES <= size &&
		mp3_frame_read(&frame, data + *to) && frame.kind == kind &&
		*to + (size_t)frame.size <= size)
		*to += (size_t)frame.size;
	return *to > *from;
}
