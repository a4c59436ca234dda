#include "providers/track_copy.h"

#include <string.h>

#include "providers/track_copy_state.h"

/* ---- life ---- */

static struct track_copy *
copy_new(const struct track_copy_options *options, const struct track_file *file,
	enum track_copy_state state)
{
	struct track_copy *copy = xcalloc(1, sizeof *copy);

	atomic_init(&copy->references, 1);
	pthread_mutex_init(&copy->mutex, NULL);
	TAILQ_INIT(&copy->blocks);
	TAILQ_INIT(&copy->readers);
	copy->disk = *options->disk;
	copy->events = options->events;
	copy->folder = xstrdup(options->folder);
	copy->keep = options->keep;
	copy->file = *file;
	copy->levels.state = state;
	copy->fd = -1;
	return copy;
}

struct track_copy *
track_copy_new(const struct track_copy_options *options, const struct track_file *file)
{
	return copy_new(options, file, TRACK_COPY_OPENING);
}

struct track_copy *
track_copy_open(const struct track_copy_options *options, const struct track_file *file)
{
	struct track_copy *copy = copy_new(options, file, TRACK_COPY_STORED);

	copy->finished = true;
	copy->format = track_format_of(file->quality);
	copy->format.size = file->total;
	copy->levels.filled = file->total;
	copy->levels.memory_first = file->total;
	track_copy_ref(copy);
	loop_post(copy->disk.reads, &copy->last_message, track_copy_on_open);
	return copy;
}

struct track_copy *
track_copy_ref(struct track_copy *copy)
{
	atomic_fetch_add(&copy->references, 1);
	return copy;
}

/* Closing and removing may take a while: that is the disk's. */
void
track_copy_unref(struct track_copy *copy)
{
	if (copy != NULL && atomic_fetch_sub(&copy->references, 1) == 1)
		loop_post(copy->disk.writes, &copy->last_message, track_copy_on_last);
}

void
track_copy_drop(struct track_copy *copy)
{
	pthread_mutex_lock(&copy->mutex);
	copy->dropped = true;
	pthread_mutex_unlock(&copy->mutex);
}

bool
track_copy_is_passing(struct track_copy *copy)
{
	pthread_mutex_lock(&copy->mutex);
	bool passing = copy->levels.state == TRACK_COPY_WHOLE && !copy->finished &&
		       (copy->no_file || !copy->keep);
	pthread_mutex_unlock(&copy->mutex);
	return passing;
}

bool
track_copy_head(struct track_copy *copy, struct track_format *format)
{
	pthread_mutex_lock(&copy->mutex);
	*format = copy->format;
	pthread_mutex_unlock(&copy->mutex);
	return format->size > 0;
}

struct track_file
track_copy_file(struct track_copy *copy)
{
	pthread_mutex_lock(&copy->mutex);
	struct track_file file = copy->file;
	pthread_mutex_unlock(&copy->mutex);
	return file;
}

/* ---- inside ---- */

void
track_block_unref(struct track_block *block)
{
	if (atomic_fetch_sub(&block->references, 1) == 1)
		xfree(block);
}

size_t
track_copy_block_size(const struct track_copy *copy, int64_t offset)
{
	int64_t left = copy->format.size - offset;

	return left < TRACK_BLOCK ? (size_t)left : TRACK_BLOCK;
}

void
track_copy_ring_readers(struct track_copy *copy)
{
	struct track_reader *reader;

	TAILQ_FOREACH (reader, &copy->readers, link) {
		if (!reader->waiting)
			continue;
		reader->waiting = false;
		bell_ring(reader->bell);
	}
}

static int64_t
fastest_reader(const struct track_copy *copy)
{
	const struct track_reader *reader;
	int64_t fastest = 0;

	TAILQ_FOREACH (reader, &copy->readers, link) {
		if (reader->at > fastest)
			fastest = reader->at;
	}
	return fastest;
}

/* Who reads ahead of what has come does not hold the rest up. */
static int64_t
wanted_from(const struct track_copy *copy)
{
	int64_t from = copy->no_file ? fastest_reader(copy) : copy->levels.stored;

	return from < copy->levels.filled ? from : copy->levels.filled;
}

bool
track_copy_lacks_room(const struct track_copy *copy)
{
	return copy->levels.filled - wanted_from(copy) >= TRACK_AHEAD_BYTES;
}

void
track_copy_check_room(struct track_copy *copy)
{
	if (!copy->source_waits || track_copy_lacks_room(copy))
		return;
	copy->source_waits = false;
	if (copy->source != NULL)
		bell_ring(copy->source);
}

/* Forgets blocks that nobody will want from memory. */
void
track_copy_trim(struct track_copy *copy)
{
	int64_t wanted = wanted_from(copy), kept = copy->levels.filled - TRACK_KEPT_BYTES;
	struct track_block *block;

	if (copy->no_file)
		kept = wanted - TRACK_KEPT_BYTES;
	else if (copy->levels.state == TRACK_COPY_WHOLE)
		kept = copy->levels.filled;
	while ((block = TAILQ_FIRST(&copy->blocks)) != NULL) {
		int64_t end = block->offset + (int64_t)TRACK_BLOCK;
		if (end > copy->levels.filled)
			end = copy->levels.filled;
		bool grows = copy->levels.state == TRACK_COPY_FILLING &&
			     end == copy->levels.filled;
		if (grows || end > wanted || end > kept)
			break;
		TAILQ_REMOVE(&copy->blocks, block, link);
		copy->levels.memory_first = end;
		track_block_unref(block);
	}
}

void
track_copy_write(struct track_copy *copy)
{
	int64_t unwritten = copy->levels.filled - copy->levels.stored;
	bool worth = unwritten >= TRACK_BLOCK;

	/* At the end there is a short block, and the file's name. */
	if (copy->levels.state == TRACK_COPY_WHOLE)
		worth = unwritten > 0 || (copy->keep && !copy->dropped);
	else if (copy->levels.state != TRACK_COPY_FILLING)
		worth = false;
	if (copy->writing || copy->no_file || copy->finished || !worth)
		return;
	copy->writing = true;
	track_copy_ref(copy);
	loop_post(copy->disk.writes, &copy->write_message, track_copy_on_write);
}

void
track_copy_fail_file(struct track_copy *copy)
{
	pthread_mutex_lock(&copy->mutex);
	bool is_new = copy->levels.state != TRACK_COPY_FAILED;
	copy->levels.state = TRACK_COPY_FAILED;
	copy->levels.stored = 0;
	copy->err = ERR_IO;
	copy->dropped = true;
	track_copy_ring_readers(copy);
	if (copy->source != NULL)
		bell_ring(copy->source);
	pthread_mutex_unlock(&copy->mutex);
	if (is_new)
		copy->events->damaged(copy->events->arg, copy);
}

/* ---- the download's side ---- */

void
track_copy_set_source(
	struct track_copy *copy, struct loop *loop, void (*wake)(void *arg), void *arg)
{
	pthread_mutex_lock(&copy->mutex);
	copy->source = bell_new(loop, wake, arg);
	pthread_mutex_unlock(&copy->mutex);
}

void
track_copy_unset_source(struct track_copy *copy)
{
	pthread_mutex_lock(&copy->mutex);
	struct bell *bell = copy->source;
	copy->source = NULL;
	pthread_mutex_unlock(&copy->mutex);
	bell_free(bell);
}

void
track_copy_begin(struct track_copy *copy, const struct track_format *format)
{
	assert(format->size > 0);
	pthread_mutex_lock(&copy->mutex);
	copy->format = *format;
	copy->file.total = format->size;
	copy->file.quality = format->quality;
	copy->levels.state = TRACK_COPY_FILLING;
	track_copy_ring_readers(copy);
	pthread_mutex_unlock(&copy->mutex);
}

static struct track_block *
growing_block(struct track_copy *copy)
{
	struct track_block *block = TAILQ_LAST(&copy->blocks, track_block_list);

	if (block != NULL && copy->levels.filled < block->offset + (int64_t)TRACK_BLOCK)
		return block;
	block = xmalloc(sizeof *block);
	atomic_init(&block->references, 1);
	block->offset = copy->levels.filled;
	if (TAILQ_EMPTY(&copy->blocks))
		copy->levels.memory_first = block->offset;
	TAILQ_INSERT_TAIL(&copy->blocks, block, link);
	return block;
}

void
track_copy_add(struct track_copy *copy, const void *data, size_t size)
{
	const unsigned char *bytes = data;

	pthread_mutex_lock(&copy->mutex);
	assert(copy->levels.filled + (int64_t)size <= copy->format.size);
	while (size > 0) {
		struct track_block *block = growing_block(copy);
		size_t used = (size_t)(copy->levels.filled - block->offset);
		size_t fits = TRACK_BLOCK - used < size ? TRACK_BLOCK - used : size;
		memcpy(block->data + used, bytes, fits);
		copy->levels.filled += (int64_t)fits;
		bytes += fits;
		size -= fits;
	}
	track_copy_trim(copy);
	track_copy_write(copy);
	track_copy_ring_readers(copy);
	pthread_mutex_unlock(&copy->mutex);
}

bool
track_copy_is_full(struct track_copy *copy)
{
	pthread_mutex_lock(&copy->mutex);
	bool full = track_copy_lacks_room(copy);
	if (full)
		copy->source_waits = true;
	pthread_mutex_unlock(&copy->mutex);
	return full;
}

enum err
track_copy_failure(struct track_copy *copy)
{
	pthread_mutex_lock(&copy->mutex);
	enum err err = copy->err;
	pthread_mutex_unlock(&copy->mutex);
	return err;
}

size_t
track_copy_reader_count(struct track_copy *copy)
{
	pthread_mutex_lock(&copy->mutex);
	size_t count = copy->reader_count;
	pthread_mutex_unlock(&copy->mutex);
	return count;
}

int64_t
track_copy_left(struct track_copy *copy)
{
	pthread_mutex_lock(&copy->mutex);
	int64_t left = copy->format.size - copy->levels.filled;
	bool known = copy->format.size > 0;
	pthread_mutex_unlock(&copy->mutex);
	return known ? left : -1;
}

void
track_copy_end(struct track_copy *copy, enum err err)
{
	pthread_mutex_lock(&copy->mutex);
	if (copy->levels.state != TRACK_COPY_FAILED) {
		assert(err != ERR_NONE || copy->levels.filled == copy->format.size);
		copy->levels.state = err == ERR_NONE ? TRACK_COPY_WHOLE : TRACK_COPY_FAILED;
		copy->err = err;
	}
	track_copy_write(copy);
	track_copy_ring_readers(copy);
	pthread_mutex_unlock(&copy->mutex);
}
