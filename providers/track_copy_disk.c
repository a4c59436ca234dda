/* Track copy, on the threads of the disk: what is written, opened, closed and removed. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/log.h"
#include "providers/track_copy_state.h"
#include "providers/track_metrics.h"

enum { PATH_SIZE = 4096, WRITE_BLOCKS = 8 };

static void
copy_path(char path[PATH_SIZE], const struct track_copy *copy, bool part)
{
	char name[TRACK_FILE_NAME];

	track_file_name(name, &copy->file, part);
	snprintf(path, PATH_SIZE, "%s/%s", copy->folder, name);
}

/* ---- writing ---- */

static bool
write_all(int fd, const unsigned char *data, size_t size, int64_t offset)
{
	while (size > 0) {
		ssize_t written = pwrite(fd, data, size, offset);
		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return false;
		data += written;
		offset += written;
		size -= (size_t)written;
	}
	return true;
}

/* The file that grows. One that is not to be kept has no name from the beginning. */
static bool
open_part(struct track_copy *copy)
{
	char path[PATH_SIZE];

	if (copy->fd >= 0)
		return true;
	copy_path(path, copy, true);
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd >= 0 && !copy->keep)
		unlink(path);
	pthread_mutex_lock(&copy->mutex);
	copy->fd = fd;
	pthread_mutex_unlock(&copy->mutex);
	return fd >= 0;
}

/* What is to be written next: whole blocks, and at the song's end the last one. */
static size_t
take_blocks(struct track_copy *copy, struct track_block *taken[WRITE_BLOCKS])
{
	struct track_block *block;
	size_t count = 0;

	pthread_mutex_lock(&copy->mutex);
	int64_t from = copy->levels.stored;
	TAILQ_FOREACH (block, &copy->blocks, link) {
		int64_t end =
			block->offset + (int64_t)track_copy_block_size(copy, block->offset);
		if (block->offset < from)
			continue;
		if (count == WRITE_BLOCKS || end > copy->levels.filled)
			break;
		atomic_fetch_add(&block->references, 1);
		taken[count++] = block;
	}
	pthread_mutex_unlock(&copy->mutex);
	return count;
}

static void
note_stored(struct track_copy *copy, const struct track_block *block, size_t size)
{
	size_t number = (size_t)(block->offset / TRACK_BLOCK);
	uint64_t sum = track_file_sum(block->data, size);

	pthread_mutex_lock(&copy->mutex);
	if (number >= copy->sum_capacity) {
		copy->sum_capacity = copy->sum_capacity * 2 + 64;
		copy->sums =
			xrealloc(copy->sums, copy->sum_capacity * sizeof copy->sums[0]);
	}
	copy->sums[number] = sum;
	copy->levels.stored = block->offset + (int64_t)size;
	track_copy_trim(copy);
	track_copy_check_room(copy);
	pthread_mutex_unlock(&copy->mutex);
}

static bool
write_blocks(struct track_copy *copy, struct track_block *const *blocks, size_t count)
{
	bool good = open_part(copy);

	for (size_t i = 0; i < count; i++) {
		size_t size = track_copy_block_size(copy, blocks[i]->offset);
		good = good &&
		       write_all(copy->fd, blocks[i]->data, size, blocks[i]->offset);
		if (good)
			note_stored(copy, blocks[i], size);
		track_block_unref(blocks[i]);
	}
	return good;
}

/* From now on in memory alone; what has been written can still be read. */
static void
give_file_up(struct track_copy *copy)
{
	char path[PATH_SIZE];
	int error = errno;

	metric_add(&track_metric_disk_failed, 1);
	log_warn_limited("track_not_stored", LOG_TEXT("why", strerror(error)),
		LOG_TEXT("song", copy->file.key.song));
	if (copy->fd >= 0 && copy->keep) {
		copy_path(path, copy, true);
		unlink(path);
	}
	pthread_mutex_lock(&copy->mutex);
	copy->no_file = true;
	track_copy_trim(copy);
	track_copy_check_room(copy);
	track_copy_ring_readers(copy);
	pthread_mutex_unlock(&copy->mutex);
	copy->events->unstored(copy->events->arg, copy);
}

static bool
sync_folder(const char *folder)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return false;
	bool good = fsync(fd) == 0;
	close(fd);
	return good;
}

/* The name promises that all of it is there, so it comes last. */
static bool
finish_file(struct track_copy *copy)
{
	char part[PATH_SIZE], whole[PATH_SIZE];
	size_t size;
	unsigned char *trailer = track_file_trailer_new(&copy->format, copy->sums, &size);
	bool good = write_all(copy->fd, trailer, size, copy->format.size);

	xfree(trailer);
	copy_path(part, copy, true);
	copy_path(whole, copy, false);
	return good && fsync(copy->fd) == 0 && rename(part, whole) == 0 &&
	       sync_folder(copy->folder);
}

/* Returns whether it has a name that can be found. */
static bool
finish(struct track_copy *copy)
{
	pthread_mutex_lock(&copy->mutex);
	bool ready = copy->levels.state == TRACK_COPY_WHOLE && copy->keep &&
		     !copy->dropped && copy->levels.stored == copy->format.size;
	pthread_mutex_unlock(&copy->mutex);
	if (!ready)
		return false;
	if (!finish_file(copy)) {
		give_file_up(copy);
		return false;
	}
	pthread_mutex_lock(&copy->mutex);
	copy->finished = true;
	pthread_mutex_unlock(&copy->mutex);
	return true;
}

void
track_copy_on_write(struct message *message)
{
	struct track_copy *copy = CONTAINER_OF(message, struct track_copy, write_message);
	struct track_block *blocks[WRITE_BLOCKS];
	bool good = true;
	size_t count;

	while (good && (count = take_blocks(copy, blocks)) > 0)
		good = write_blocks(copy, blocks, count);
	if (!good)
		give_file_up(copy);
	bool stored = good && finish(copy);
	pthread_mutex_lock(&copy->mutex);
	copy->writing = false;
	track_copy_write(copy); /* what came meanwhile */
	pthread_mutex_unlock(&copy->mutex);
	if (stored)
		copy->events->stored(copy->events->arg, copy);
	track_copy_unref(copy);
}

/* ---- opening ---- */

static bool
read_trailer(struct track_copy *copy, int fd, uint64_t *sums, struct track_format *format)
{
	int64_t total = copy->file.total;
	size_t size = (size_t)(track_file_size(total) - total);
	unsigned char *trailer = xmalloc(size);
	struct stat facts;

	bool good = fstat(fd, &facts) == 0 && facts.st_size == track_file_size(total) &&
		    pread(fd, trailer, size, total) == (ssize_t)size &&
		    track_file_read_trailer(trailer, size, total, format, sums) &&
		    format->quality == copy->file.quality;
	xfree(trailer);
	return good;
}

void
track_copy_on_open(struct message *message)
{
	struct track_copy *copy = CONTAINER_OF(message, struct track_copy, last_message);
	uint64_t *sums = xcalloc(track_file_blocks(copy->file.total), sizeof *sums);
	struct track_format format;
	char path[PATH_SIZE];

	copy_path(path, copy, false);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool good = fd >= 0 && read_trailer(copy, fd, sums, &format);
	pthread_mutex_lock(&copy->mutex);
	copy->fd = fd;
	copy->sums = sums;
	if (good) {
		copy->format = format;
		copy->levels.stored = format.size;
		copy->levels.state = TRACK_COPY_WHOLE;
		track_copy_ring_readers(copy);
	}
	pthread_mutex_unlock(&copy->mutex);
	if (!good)
		track_copy_fail_file(copy);
	track_copy_unref(copy);
}

/* ---- the end ---- */

void
track_copy_on_last(struct message *message)
{
	struct track_copy *copy = CONTAINER_OF(message, struct track_copy, last_message);
	struct track_block *block;
	char path[PATH_SIZE];

	copy_path(path, copy, !copy->finished);
	if (copy->finished ? copy->dropped : copy->fd >= 0 && copy->keep)
		unlink(path);
	if (copy->fd >= 0)
		close(copy->fd);
	while ((block = TAILQ_FIRST(&copy->blocks)) != NULL) {
		TAILQ_REMOVE(&copy->blocks, block, link);
		track_block_unref(block);
	}
	assert(TAILQ_EMPTY(&copy->readers) && copy->source == NULL);
	pthread_mutex_destroy(&copy->mutex);
	xfree(copy->sums);
	xfree(copy->folder);
	xfree(copy);
}
