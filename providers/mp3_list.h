/* MP3 list: an MP3 file as HTTP Live Streaming: pieces of whole frames, cut where they are.
 *
 * Packed audio (RFC 8216 §3.4): each segment is a run of frames behind an ID3 tag that says
 * when its first one is due. The addresses are Jellyfin's (hls1/main/0.mp3), with the query
 * of the request for the list, which holds its token as Jellyfin's do; where a segment's
 * bytes are stands in them too, so that nothing has to be remembered. Pure; any thread.
 */
#ifndef PROVIDERS_MP3_LIST_H
#define PROVIDERS_MP3_LIST_H

#include "core/text.h"
#include "core/url.h"
#include "providers/mp3_frame.h"

enum {
	MP3_SEGMENT_MS = 6000, /* at least; the last one may be shorter */
	/* A segment's bytes, with what is read to find its end. */
	MP3_SEGMENT_MOST_BYTES = 512 * 1024,
	MP3_TAG_BYTES = 73,
};

/* How long it plays, 100 ns. */
int64_t mp3_list_ticks(const struct mp3_layout *layout);
/* main.m3u8. `query`: of the request, without '?'; `more` is added to it ("a=b", or ""). */
void mp3_list_add(struct text *to, const struct mp3_layout *layout, struct slice query,
	const char *more);
/* master.m3u8: one entry, main.m3u8 with that query. */
void mp3_list_add_master(
	struct text *to, int64_t bitrate, struct slice query, const char *more);

/* Which bytes a segment is in, from its address. */
struct mp3_segment {
	int64_t first, end;  /* end: the first that is not wanted */
	int64_t begin_ticks; /* 100 ns since the song's beginning */
};

/* False: it is no address of ours. */
MUST_CHECK bool mp3_segment_read(struct mp3_segment *segment, const struct query *query);
/* The tag in front of its frames. */
void mp3_segment_tag(unsigned char tag[MP3_TAG_BYTES], int64_t begin_ticks);

#endif
