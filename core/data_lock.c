#include "core/data_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/text.h"

struct data_lock {
	int fd;
};

/* Who has it, as far as the file says; 0 when it does not. */
static long
read_holder(int fd)
{
	char digits[24];
	int64_t holder = 0;
	ssize_t got = pread(fd, digits, sizeof digits - 1, 0);

	digits[got > 0 ? got : 0] = '\0';
	digits[strcspn(digits, "\n")] = '\0';
	return text_to_i64(digits, &holder) ? (long)holder : 0;
}

/* For whoever is refused, and for people who look. */
static bool
write_holder(int fd)
{
	char digits[24];
	int size = snprintf(digits, sizeof digits, "%ld\n", (long)getpid());

	return ftruncate(fd, 0) == 0 && pwrite(fd, digits, (size_t)size, 0) == size;
}

static int
open_file(const char *folder)
{
	struct text path;

	if (mkdir(folder, 0700) != 0 && errno != EEXIST)
		return -1;
	text_init(&path);
	text_addf(&path, "%s/sidetrack.lock", folder);
	int fd = open(text_get(&path), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	text_fini(&path);
	return fd;
}

struct data_lock *
data_lock_take(const char *folder, char *why, size_t why_size)
{
	int fd = open_file(folder);

	if (fd < 0)
		goto fail;
	if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		if (errno != EWOULDBLOCK)
			goto fail;
		snprintf(why, why_size,
			"the folder %s is in use by another sidetrack (process %ld); "
			"each needs a folder of its own",
			folder, read_holder(fd));
		close(fd);
		return NULL;
	}
	if (!write_holder(fd))
		goto fail;
	struct data_lock *lock = xcalloc(1, sizeof *lock);
	lock->fd = fd;
	return lock;
fail:
	snprintf(
		why, why_size, "the folder %s cannot be used: %s", folder, strerror(errno));
	if (fd >= 0)
		close(fd);
	return NULL;
}

void
data_lock_free(struct data_lock *lock)
{
	if (lock == NULL)
		return;
	close(lock->fd);
	xfree(lock);
}
