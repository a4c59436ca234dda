/* What the track engine counts. Any thread. */
#ifndef PROVIDERS_TRACK_METRICS_H
#define PROVIDERS_TRACK_METRICS_H

#include "core/metrics.h"

extern struct metric track_metric_streams;
extern struct metric track_metric_broken;
extern struct metric track_metric_file_bytes;
extern struct metric track_metric_memory_bytes;
extern struct metric track_metric_direct_bytes;
extern struct metric track_metric_source_bytes;
extern struct metric track_metric_hits;
extern struct metric track_metric_joined;
extern struct metric track_metric_misses;
extern struct metric track_metric_direct;
extern struct metric track_metric_downloads_active;
extern struct metric track_metric_downloaded;
extern struct metric track_metric_failed;
extern struct metric track_metric_given_up;
extern struct metric track_metric_resumed;
extern struct metric track_metric_retried;
extern struct metric track_metric_slot_waits;
extern struct metric track_metric_limited_streams;
extern struct metric track_metric_limited_downloads;
extern struct metric track_metric_evicted;
extern struct metric track_metric_damaged;
extern struct metric track_metric_disk_failed;
extern struct metric track_metric_cache_bytes;

extern const struct metric_row track_metrics[];
extern const size_t track_metric_count;

#endif
