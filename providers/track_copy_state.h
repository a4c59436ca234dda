/* Track copy, inside: for providers/track_copy, track_copy_disk and track_reader only. */
#ifndef PROVIDERS_TRACK_COPY_STATE_H
#define PROVIDERS_TRACK_COPY_STATE_H

#include <pthread.h>
#include <stdatomic.h>
#include <sys/queue.h>

#include "core/bell.h"
#include "providers/track_copy.h"
#include "providers/track_reader.h"

enum {
	TRACK_KEPT_BYTES = 4 * TRACK_BLOCK, /* in memory behind the newest byte */
	TRACK_AHEAD_BYTES = 1 << 20,        /* the disk, or the fastest reader, may lag */
	TRACK_NEAR_BYTES = 1 << 19,         /* what is worth waiting for */
};

/* 64 KB of the song, at a multiple of that. Bytes below the copy's `filled` never change.
 */
struct track_block {
	atomic_int references;
	TAILQ_ENTRY(track_block) link;
	int64_t offset;
	unsigned char data[TRACK_BLOCK];
};

struct track_reader {
	struct track_copy *copy;
	TAILQ_ENTRY(track_reader) link;
	struct bell *bell;
	int64_t at;
	bool waiting; /* to be rung when there is more */
	/* One read of the disk at a time. */
	struct message message;
	bool reading;
	bool gone; /* freed while reading: the disk's thread frees it */
	int64_t read_offset;
	size_t read_size;
	unsigned char *read_data; /* NULL: none has been read */
};

struct track_copy {
	atomic_int references;
	struct track_disk disk;
	const struct track_copy_events *events;
	char *folder;
	bool keep;

	pthread_mutex_t mutex; /* guards what follows, readers' insides too */
	struct track_file file;
	struct track_format format;
	struct track_levels levels;
	enum err err;
	TAILQ_HEAD(track_block_list, track_block) blocks; /* in memory, in order, no gaps */
	TAILQ_HEAD(, track_reader) readers;
	size_t reader_count;
	struct bell *source; /* NULL: nobody adds */
	bool source_waits;   /* for room */
	int fd;              /* -1: none yet. Closed with the copy only */
	bool no_file;        /* the disk has failed: memory alone */
	bool finished;       /* the file has its final name */
	bool dropped;
	uint64_t *sums; /* of the blocks below levels.stored */
	size_t sum_capacity;
	bool writing; /* the disk's thread is at it */
	struct message write_message;
	struct message last_message; /* to be opened, to be freed */
};

/* With the mutex held. */
void track_copy_ring_readers(struct track_copy *copy);
void track_copy_trim(struct track_copy *copy);
void track_copy_check_room(struct track_copy *copy);
bool track_copy_lacks_room(const struct track_copy *copy);
/* Posts to the disk what is there to be written, unless it is at it. */
void track_copy_write(struct track_copy *copy);
/* Without it. The bytes that a file was to give are not there. */
void track_copy_fail_file(struct track_copy *copy);
void track_block_unref(struct track_block *block);

/* On threads of the disk. */
void track_copy_on_write(struct message *message);
void track_copy_on_open(struct message *message);
void track_copy_on_last(struct message *message);

/* How long the block at `offset` is. */
size_t track_copy_block_size(const struct track_copy *copy, int64_t offset);

#endif
