/* Peaks: how many streams ran at the same time, bucket by bucket.
 *
 * A stream runs from its start up to, but not including, its stop: at a hand-over one ends
 * before the other begins. What runs when a bucket begins counts there from its first
 * moment. O(n log n) in the streams, whatever the buckets. Pure; any thread.
 */
#ifndef TRACKER_PEAKS_H
#define TRACKER_PEAKS_H

#include <stddef.h>
#include <stdint.h>

enum peak_category { PEAK_DIRECT, PEAK_DIRECT_STREAM, PEAK_TRANSCODE, PEAK_CATEGORIES };

struct peak_stream {
	int64_t start_ms;
	int64_t stop_ms; /* of what still runs: now */
	enum peak_category category;
};

struct peak {
	int64_t total;
	int64_t of[PEAK_CATEGORIES]; /* at the moment of the peak, the first one on ties */
	int64_t at_ms;
};

/* `bounds` are the starts of `bucket_count` buckets in order, and the end of the last. The
 * streams may come in any order, and from beyond the bounds. */
void peaks_find(struct peak *peaks, const int64_t *bounds, size_t bucket_count,
	const struct peak_stream *streams, size_t count);

#endif
