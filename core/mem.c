#include "core/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *
check(void *memory, size_t size)
{
	if (memory == NULL && size > 0) {
		fprintf(stderr, "sidetrack: out of memory (%zu bytes)\n", size);
		abort();
	}
	return memory;
}

void *
xmalloc(size_t size)
{
	size_t wanted = size > 0 ? size : 1;
	return check(malloc(wanted), wanted);
}

void *
xcalloc(size_t count, size_t size)
{
	if (count == 0 || size == 0)
		return check(calloc(1, 1), 1);
	return check(calloc(count, size), count);
}

void *
xrealloc(void *memory, size_t size)
{
	size_t wanted = size > 0 ? size : 1;
	return check(realloc(memory, wanted), wanted);
}

char *
xstrdup(const char *text)
{
	return xstrndup(text, strlen(text));
}

char *
xstrndup(const char *text, size_t size)
{
	char *copy = xmalloc(size + 1);
	memcpy(copy, text, size);
	copy[size] = '\0';
	return copy;
}

char *
xstrdup_or_null(const char *text)
{
	return text != NULL ? xstrdup(text) : NULL;
}

void
xfree(void *memory)
{
	free(memory);
}

_Bool
copy_text(char *to, size_t size, const char *text)
{
	size_t length = text != NULL ? strlen(text) : 0;
	_Bool whole = length < size;

	if (!whole) {
		length = size - 1;
		while (length > 0 && ((unsigned char)text[length] & 0xC0) == 0x80)
			length--;
	}
	if (length > 0)
		memcpy(to, text, length);
	to[length] = '\0';
	return whole;
}

void
fill_text(char *to, size_t size, const char *text)
{
	if (to[0] == '\0')
		(void)copy_text(to, size, text);
}

void
renew_text(char *to, size_t size, const char *text)
{
	if (text != NULL && text[0] != '\0')
		(void)copy_text(to, size, text);
}
