/* Track copy: the bytes of one song as far as they have come, for all who listen to it, on
 * whatever worker.
 *
 * One download adds bytes; the latest stay in memory, all of them go to a file behind it,
 * and readers take them from either at their own pace. A slow reader stops nobody. The disk
 * is written and read on threads of its own (struct track_disk); what lies in the page
 * cache is read at once. When the disk cannot keep up the download pauses; when it fails,
 * the download goes on in memory alone, at the pace of the fastest reader, and who falls
 * behind is sent elsewhere.
 *
 *   OPENING -> FILLING -> WHOLE       a download
 *   OPENING -> FILLING -> FAILED      … that did not get there
 *   STORED  -> WHOLE, FAILED          a file of before, while it is being opened
 *
 * Counted references; its mutex guards what threads share. The download's side belongs to
 * its loop; readers are providers/track_reader.h.
 */
#ifndef PROVIDERS_TRACK_COPY_H
#define PROVIDERS_TRACK_COPY_H

#include "core/error.h"
#include "core/loop.h"
#include "providers/track_file.h"

struct track_copy;

/* The threads that touch files; one for writing, which may wait long, one for reading. */
struct track_disk {
	struct loop *writes;
	struct loop *reads;
};

/* What a copy tells its cache; from a thread of the disk. */
struct track_copy_events {
	/* The whole file is on the disk, under its final name. */
	void (*stored)(void *arg, struct track_copy *copy);
	/* It will not be: the disk has failed. */
	void (*unstored)(void *arg, struct track_copy *copy);
	/* The file is damaged or gone; the copy has failed with ERR_IO. */
	void (*damaged)(void *arg, struct track_copy *copy);
	void *arg;
};

struct track_copy_options {
	const struct track_disk *disk; /* borrowed, outlives it */
	const char *folder;            /* copied */
	bool keep;                     /* store the file; else it goes with the copy */
	const struct track_copy_events *events; /* borrowed, outlives it */
};

/* One reference each. A download, or a file of before: `file` names it. */
struct track_copy *track_copy_new(
	const struct track_copy_options *options, const struct track_file *file);
struct track_copy *track_copy_open(
	const struct track_copy_options *options, const struct track_file *file);
struct track_copy *track_copy_ref(struct track_copy *copy);
/* Accepts NULL. The last one closes the file. */
void track_copy_unref(struct track_copy *copy);
/* The file is wanted no longer: it is removed with the last reference. Any thread. */
void track_copy_drop(struct track_copy *copy);
/* Is it whole, and will there never be a file of it? Any thread. */
bool track_copy_is_passing(struct track_copy *copy);
/* False before the head is known. Any thread. */
MUST_CHECK bool track_copy_head(struct track_copy *copy, struct track_format *format);
/* As it is now; the total is 0 before the head. Any thread. */
struct track_file track_copy_file(struct track_copy *copy);

/* ---- the download's side, on one loop ---- */

/* `wake` is called on `loop` when there is room again, or when the last reader has left. */
void track_copy_set_source(
	struct track_copy *copy, struct loop *loop, void (*wake)(void *arg), void *arg);
/* The download has ended, or is gone: `wake` is called no more. */
void track_copy_unset_source(struct track_copy *copy);
void track_copy_begin(struct track_copy *copy, const struct track_format *format);
/* The next bytes. */
void track_copy_add(struct track_copy *copy, const void *data, size_t size);
/* Must the download pause? */
bool track_copy_is_full(struct track_copy *copy);
/* Why it has failed; ERR_NONE while it has not. */
enum err track_copy_failure(struct track_copy *copy);
size_t track_copy_reader_count(struct track_copy *copy);
int64_t track_copy_left(struct track_copy *copy); /* bytes still to come; -1 unknown */
/* ERR_NONE when all bytes were added. */
void track_copy_end(struct track_copy *copy, enum err err);

#endif
