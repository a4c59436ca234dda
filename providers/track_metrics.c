#include "providers/track_metrics.h"

struct metric track_metric_streams;
struct metric track_metric_broken;
struct metric track_metric_file_bytes;
struct metric track_metric_memory_bytes;
struct metric track_metric_direct_bytes;
struct metric track_metric_source_bytes;
struct metric track_metric_hits;
struct metric track_metric_joined;
struct metric track_metric_misses;
struct metric track_metric_direct;
struct metric track_metric_downloads_active;
struct metric track_metric_downloaded;
struct metric track_metric_failed;
struct metric track_metric_given_up;
struct metric track_metric_resumed;
struct metric track_metric_retried;
struct metric track_metric_slot_waits;
struct metric track_metric_limited_streams;
struct metric track_metric_limited_downloads;
struct metric track_metric_evicted;
struct metric track_metric_damaged;
struct metric track_metric_disk_failed;
struct metric track_metric_cache_bytes;

#define BYTES     "Bytes of external tracks passed on to listeners, by where they were."
#define LOOKED    "External tracks that were asked for, by where their bytes were."
#define DOWNLOADS "Downloads of external tracks into the cache, by how they ended."
#define LIMITED   "Requests for external tracks that a limit of their user refused."
#define FILES     "Files of the track cache that were removed or not written, and why."
#define RENEWED   "Times a track's source failed and was asked once more, before or amid it."

const struct metric_row track_metrics[] = {
	{ "sidetrack_track_bytes_total", METRIC_COUNTER, "from=\"file\"", BYTES,
		&track_metric_file_bytes },
	{ "sidetrack_track_bytes_total", METRIC_COUNTER, "from=\"memory\"", BYTES,
		&track_metric_memory_bytes },
	{ "sidetrack_track_bytes_total", METRIC_COUNTER, "from=\"past_cache\"", BYTES,
		&track_metric_direct_bytes },
	{ "sidetrack_track_cache_bytes", METRIC_GAUGE, NULL,
		"Bytes that the files of the track cache take.",
		&track_metric_cache_bytes },
	{ "sidetrack_track_cache_files_lost_total", METRIC_COUNTER, "why=\"evicted\"",
		FILES, &track_metric_evicted },
	{ "sidetrack_track_cache_files_lost_total", METRIC_COUNTER, "why=\"damaged\"",
		FILES, &track_metric_damaged },
	{ "sidetrack_track_cache_files_lost_total", METRIC_COUNTER, "why=\"disk_failed\"",
		FILES, &track_metric_disk_failed },
	{ "sidetrack_track_cache_lookups_total", METRIC_COUNTER, "found=\"file\"", LOOKED,
		&track_metric_hits },
	{ "sidetrack_track_cache_lookups_total", METRIC_COUNTER, "found=\"download\"",
		LOOKED, &track_metric_joined },
	{ "sidetrack_track_cache_lookups_total", METRIC_COUNTER, "found=\"nothing\"",
		LOOKED, &track_metric_misses },
	{ "sidetrack_track_downloads", METRIC_GAUGE, NULL,
		"Downloads of external tracks that run or wait for their turn.",
		&track_metric_downloads_active },
	{ "sidetrack_track_downloads_total", METRIC_COUNTER, "result=\"whole\"", DOWNLOADS,
		&track_metric_downloaded },
	{ "sidetrack_track_downloads_total", METRIC_COUNTER, "result=\"failed\"", DOWNLOADS,
		&track_metric_failed },
	{ "sidetrack_track_downloads_total", METRIC_COUNTER, "result=\"given_up\"",
		DOWNLOADS, &track_metric_given_up },
	{ "sidetrack_track_limited_total", METRIC_COUNTER, "limit=\"streams\"", LIMITED,
		&track_metric_limited_streams },
	{ "sidetrack_track_limited_total", METRIC_COUNTER, "limit=\"downloads\"", LIMITED,
		&track_metric_limited_downloads },
	{ "sidetrack_track_slot_waits_total", METRIC_COUNTER, NULL,
		"Downloads that had to wait because their account had enough under way.",
		&track_metric_slot_waits },
	{ "sidetrack_track_source_bytes_total", METRIC_COUNTER, NULL,
		"Bytes of external tracks that came from their providers.",
		&track_metric_source_bytes },
	{ "sidetrack_track_sources_past_cache_total", METRIC_COUNTER, NULL,
		"Times a listener was ahead of the download and had a source of his own.",
		&track_metric_direct },
	{ "sidetrack_track_sources_renewed_total", METRIC_COUNTER, "when=\"before\"",
		RENEWED, &track_metric_retried },
	{ "sidetrack_track_sources_renewed_total", METRIC_COUNTER, "when=\"amid\"", RENEWED,
		&track_metric_resumed },
	{ "sidetrack_tracks_failed_total", METRIC_COUNTER, NULL,
		"External tracks that could not be opened or broke off.",
		&track_metric_broken },
	{ "sidetrack_tracks_total", METRIC_COUNTER, NULL,
		"External tracks that were asked for, whole or in part.",
		&track_metric_streams },
};
const size_t track_metric_count = COUNT_OF(track_metrics);
