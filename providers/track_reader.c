#include "providers/track_reader.h"

#include <errno.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "providers/track_copy_state.h"

/* ---- decided by numbers alone ---- */

enum track_where
track_levels_find(const struct track_levels *levels, int64_t at)
{
	/* Of a file that grows, whole blocks can be read. */
	int64_t block_end = at - at % TRACK_BLOCK + TRACK_BLOCK;

	if (at < levels->filled) {
		if (at >= levels->memory_first)
			return TRACK_IN_MEMORY;
		if (block_end <= levels->stored || at < levels->stored)
			return TRACK_IN_FILE;
		if (levels->state == TRACK_COPY_STORED)
			return TRACK_TO_COME;
		return levels->state == TRACK_COPY_FAILED ? TRACK_LOST : TRACK_ELSEWHERE;
	}
	if (levels->state == TRACK_COPY_FAILED)
		return TRACK_LOST;
	if (levels->state != TRACK_COPY_FILLING)
		return TRACK_TO_COME;
	return at - levels->filled <= TRACK_NEAR_BYTES ? TRACK_TO_COME : TRACK_ELSEWHERE;
}

/* ---- life ---- */

struct track_reader *
track_reader_new(
	struct track_copy *copy, struct loop *loop, void (*wake)(void *arg), void *arg)
{
	struct track_reader *reader = xcalloc(1, sizeof *reader);

	reader->copy = track_copy_ref(copy);
	reader->bell = bell_new(loop, wake, arg);
	reader->waiting = true;
	pthread_mutex_lock(&copy->mutex);
	TAILQ_INSERT_TAIL(&copy->readers, reader, link);
	copy->reader_count++;
	/* What a copy that has begun has to tell. */
	if (copy->format.size > 0 || copy->levels.state == TRACK_COPY_FAILED)
		track_copy_ring_readers(copy);
	if (copy->source != NULL)
		bell_ring(copy->source);
	pthread_mutex_unlock(&copy->mutex);
	return reader;
}

static void
reader_destroy(struct track_reader *reader)
{
	track_copy_unref(reader->copy);
	xfree(reader->read_data);
	xfree(reader);
}

void
track_reader_free(struct track_reader *reader)
{
	if (reader == NULL)
		return;
	struct track_copy *copy = reader->copy;
	pthread_mutex_lock(&copy->mutex);
	TAILQ_REMOVE(&copy->readers, reader, link);
	copy->reader_count--;
	track_copy_check_room(copy);
	if (copy->reader_count == 0 && copy->source != NULL)
		bell_ring(copy->source);
	reader->gone = reader->reading;
	bool reading = reader->reading;
	struct bell *bell = reader->bell;
	pthread_mutex_unlock(&copy->mutex);
	bell_free(bell);
	if (!reading)
		reader_destroy(reader);
}

void
track_part_free(struct track_part *part)
{
	if (part->block != NULL)
		track_block_unref(part->block);
	xfree(part->memory);
	*part = (struct track_part){ 0 };
}

/* ---- the file ---- */

/* Of a whole block: is it what was written? */
static bool
is_block_good(struct track_copy *copy, int64_t offset, const void *data, size_t size)
{
	pthread_mutex_lock(&copy->mutex);
	uint64_t sum = copy->sums[offset / TRACK_BLOCK];
	pthread_mutex_unlock(&copy->mutex);
	return track_file_sum(data, size) == sum;
}

static void
on_read(struct message *message)
{
	struct track_reader *reader = CONTAINER_OF(message, struct track_reader, message);
	struct track_copy *copy = reader->copy;
	unsigned char *data = xmalloc(reader->read_size);
	size_t done = 0;

	while (done < reader->read_size) {
		ssize_t size = pread(copy->fd, data + done, reader->read_size - done,
			reader->read_offset + (off_t)done);
		if (size < 0 && errno == EINTR)
			continue;
		if (size <= 0)
			break;
		done += (size_t)size;
	}
	bool good = done == reader->read_size &&
		    is_block_good(copy, reader->read_offset, data, done);
	if (!good)
		track_copy_fail_file(copy);
	pthread_mutex_lock(&copy->mutex);
	reader->reading = false;
	reader->read_data = data;
	bool gone = reader->gone;
	if (!gone)
		bell_ring(reader->bell);
	pthread_mutex_unlock(&copy->mutex);
	if (gone)
		reader_destroy(reader);
}

/* What lies in the page cache is taken at once; the rest is the disk's. */
static ssize_t
read_now(int fd, void *data, size_t size, int64_t offset)
{
	struct iovec piece = { data, size };

	return preadv2(fd, &piece, 1, offset, RWF_NOWAIT);
}

static enum track_step
set_part(struct track_part *part, unsigned char *take_memory, size_t size, size_t skipped)
{
	part->memory = take_memory;
	part->data = take_memory + skipped;
	part->size = size - skipped;
	return TRACK_STEP_PART;
}

/* The mutex is held on entry, and is not on return. */
static enum track_step
next_of_file(struct track_reader *reader, int64_t at, struct track_part *part)
{
	struct track_copy *copy = reader->copy;
	int64_t offset = at - at % TRACK_BLOCK;
	size_t size = track_copy_block_size(copy, offset), skipped = (size_t)(at - offset);
	unsigned char *data = reader->read_data;
	bool reading = reader->reading;
	bool is_it = data != NULL && reader->read_offset == offset;
	int fd = copy->fd;

	if (reading) {
		pthread_mutex_unlock(&copy->mutex);
		return TRACK_STEP_WAIT;
	}
	reader->read_data = NULL;
	pthread_mutex_unlock(&copy->mutex);
	if (is_it)
		return set_part(part, data, size, skipped);
	if (data == NULL)
		data = xmalloc(TRACK_BLOCK);
	if (read_now(fd, data, size, offset) == (ssize_t)size) {
		if (is_block_good(copy, offset, data, size))
			return set_part(part, data, size, skipped);
		xfree(data);
		track_copy_fail_file(copy);
		part->err = ERR_IO;
		return TRACK_STEP_FAILED;
	}
	xfree(data);
	pthread_mutex_lock(&copy->mutex);
	reader->reading = true;
	reader->read_offset = offset;
	reader->read_size = size;
	pthread_mutex_unlock(&copy->mutex);
	loop_post(copy->disk.reads, &reader->message, on_read);
	return TRACK_STEP_WAIT;
}

/* ---- memory ---- */

static enum track_step
next_of_memory(struct track_copy *copy, int64_t at, struct track_part *part)
{
	struct track_block *block = TAILQ_FIRST(&copy->blocks);

	while (at >= block->offset + (int64_t)TRACK_BLOCK)
		block = TAILQ_NEXT(block, link);
	int64_t end = block->offset + (int64_t)TRACK_BLOCK;
	if (end > copy->levels.filled)
		end = copy->levels.filled;
	atomic_fetch_add(&block->references, 1);
	part->block = block;
	part->data = block->data + (at - block->offset);
	part->size = (size_t)(end - at);
	return TRACK_STEP_PART;
}

enum track_step
track_reader_next(struct track_reader *reader, int64_t at, struct track_part *part)
{
	struct track_copy *copy = reader->copy;
	enum track_step step = TRACK_STEP_WAIT;

	*part = (struct track_part){ 0 };
	pthread_mutex_lock(&copy->mutex);
	reader->at = at;
	reader->waiting = false;
	if (copy->no_file) {
		track_copy_trim(copy);
		track_copy_check_room(copy);
	}
	switch (track_levels_find(&copy->levels, at)) {
	case TRACK_IN_MEMORY:
		step = next_of_memory(copy, at, part);
		break;
	case TRACK_IN_FILE:
		return next_of_file(reader, at, part);
	case TRACK_TO_COME:
		reader->waiting = true;
		break;
	case TRACK_ELSEWHERE:
		step = TRACK_STEP_ELSEWHERE;
		break;
	case TRACK_LOST:
		part->err = copy->err;
		step = TRACK_STEP_FAILED;
		break;
	}
	pthread_mutex_unlock(&copy->mutex);
	return step;
}

bool
track_reader_may(struct track_reader *reader, int64_t at)
{
	struct track_copy *copy = reader->copy;

	pthread_mutex_lock(&copy->mutex);
	reader->at = at;
	enum track_where where = track_levels_find(&copy->levels, at);
	pthread_mutex_unlock(&copy->mutex);
	return where == TRACK_IN_MEMORY || where == TRACK_IN_FILE;
}

void
track_reader_yield(struct track_reader *reader)
{
	bell_ring(reader->bell);
}
