#include "core/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { MAX_SECRET_BYTES = 64 * 1024 };

static char *
check_secret(char *text, size_t size, const char *path, char *why, size_t why_size)
{
	if (size > MAX_SECRET_BYTES) {
		snprintf(why, why_size, "%s is larger than 64 KB", path);
		return NULL;
	}
	if (size > 0 && text[size - 1] == '\n')
		size--;
	if (size > 0 && text[size - 1] == '\r')
		size--;
	if (size == 0) {
		snprintf(why, why_size, "%s is empty", path);
		return NULL;
	}
	if (memchr(text, '\0', size) != NULL) {
		snprintf(why, why_size, "%s is not a text file", path);
		return NULL;
	}
	return xstrndup(text, size);
}

char *
secret_read_file(const char *path, char *why, size_t why_size)
{
	char *secret = NULL;
	char *buffer = xmalloc(MAX_SECRET_BYTES + 1);
	size_t size = 0;
	ssize_t got = -1;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	while (fd >= 0 && size <= MAX_SECRET_BYTES) {
		got = read(fd, buffer + size, MAX_SECRET_BYTES + 1 - size);
		if (got <= 0)
			break;
		size += (size_t)got;
	}
	if (fd < 0 || got < 0) {
		snprintf(why, why_size, "%s cannot be read: %s", path, strerror(errno));
		goto out;
	}
	secret = check_secret(buffer, size, path, why, why_size);
out:
	if (fd >= 0)
		close(fd);
	explicit_bzero(buffer, size);
	xfree(buffer);
	return secret;
}

bool
secret_equal(const char *given, const char *expected)
{
	size_t given_size = strlen(given);
	size_t expected_size = strlen(expected);
	volatile unsigned char difference = given_size != expected_size;

	for (size_t i = 0; i < given_size; i++) {
		unsigned char other =
			(unsigned char)(expected_size > 0 ? expected[i % expected_size]
							  : 0);
		difference =
			(unsigned char)(difference | ((unsigned char)given[i] ^ other));
	}
	return difference == 0;
}
