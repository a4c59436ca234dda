/* MP3 frame: where the frames of an MP3 file are, as far as its headers say.
 *
 * ISO 11172-3 and 13818-3 (MPEG 1, 2 and 2.5, Layer III). A header is four bytes that music
 * may contain too, so that one is believed only when frames of its kind follow it. Bytes
 * are a stranger's. Pure; any thread.
 */
#ifndef PROVIDERS_MP3_FRAME_H
#define PROVIDERS_MP3_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/mem.h"

enum {
	MP3_HEADER_BYTES = 4,
	/* 320 kbit/s at 32 kHz, padded. */
	MP3_FRAME_MOST_BYTES = 1441,
	/* What to read behind a place to find the next frame and be sure of it. */
	MP3_SEARCH_BYTES = 4 * MP3_FRAME_MOST_BYTES,
};

struct mp3_frame {
	uint32_t kind;  /* equal in all frames of a file: version, layer, sample rate */
	int size;       /* bytes, header included */
	int samples;    /* per channel: 1152 or 576 */
	int rate;       /* Hz */
	int bitrate;    /* bits per second */
	int side_bytes; /* of side information, behind the header */
};

/* False: these four bytes are no header. */
MUST_CHECK bool mp3_frame_read(
	struct mp3_frame *frame, const unsigned char header[MP3_HEADER_BYTES]);

/* The first frame at or after `from` that two of its kind follow, or as many as fit in when
 * the file ends with the data (`is_end`). False: none. */
MUST_CHECK bool mp3_frame_find(struct mp3_frame *frame, size_t *at,
	const unsigned char *data, size_t size, size_t from, bool is_end);

/* A whole file, of which the beginning was seen. */
struct mp3_layout {
	struct mp3_frame frame; /* the first that is music */
	int64_t first;          /* its place */
	int64_t end;            /* of the file */
	/* Bytes of a frame on the average: a fraction. Exact when the bit rate is
	 * constant. */
	int64_t frame_bytes, frame_bytes_over;
	int64_t frames; /* that many */
};

enum mp3_look {
	MP3_LOOK_FOUND,
	MP3_LOOK_ELSEWHERE, /* read again from *next: a tag is in the way */
	MP3_LOOK_NONE,      /* it is no MP3 */
};

/* `data` are the bytes from `offset` of a file of `total`, at most 2 GB. The frame that
 * encoders put in front to describe the file (Xing, Info, VBRI) is no music: it is read,
 * and skipped. */
enum mp3_look mp3_layout_read(struct mp3_layout *layout, int64_t *next,
	const unsigned char *data, size_t size, int64_t offset, int64_t total);

/* About where the frame of that number begins: half a frame before it, so that the first
 * frame found from there is it while the bit rate is constant. The end of the file beyond
 * the last, the first one's place for 0. */
int64_t mp3_layout_place(const struct mp3_layout *layout, int64_t number);

/* The whole frames of a piece: the first at or after its beginning, and as many as begin
 * before `wanted` bytes of it. Two pieces cut at the same places have no frame in common
 * and none between them. `is_end`: the file ends with `size`. False: there is none. */
MUST_CHECK bool mp3_frames_cut(size_t *from, size_t *to, const unsigned char *data,
	size_t size, size_t wanted, bool is_end);

#endif
