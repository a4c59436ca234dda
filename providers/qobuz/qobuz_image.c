#include "providers/qobuz/qobuz_image.h"

#include <stdio.h>

#include "core/crypto.h"
#include "core/json.h"
#include "providers/foreign.h"

enum { MAX_KEY = 64 };

#define HOST "https://static.qobuz.com"

/* ---- the base ---- */

static bool
is_key(struct slice key)
{
	if (key.size == 0 || key.size > MAX_KEY)
		return false;
	for (size_t i = 0; i < key.size; i++) {
		char c = key.data[i];
		if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'z'))
			return false;
	}
	return true;
}

/* Qobuz's hosts speak TLS, but older answers do not say so. */
static void
add_address(struct text *to, struct slice url)
{
	static const char host[] = "http://static.qobuz.com/";

	if (slice_starts_with_ci(url, host)) {
		text_add(to, HOST "/");
		url.data += sizeof host - 1;
		url.size -= sizeof host - 1;
	}
	text_add_slice(to, url);
}

static void
set(struct media *media, struct slice key, struct text *take_base)
{
	char digest[SHA1_HEX_SIZE];

	if (is_key(key)) {
		media->image_key = slice_dup(key);
	} else {
		crypto_sha1_hex(digest, text_get(take_base), take_base->size);
		media->image_key = xstrdup(digest);
	}
	media->image_base = text_take(take_base);
}

static bool
is_size(struct slice word)
{
	static const char *const words[] = { "50", "100", "150", "230", "300", "600", "max",
		"org" };

	for (size_t i = 0; i < COUNT_OF(words); i++) {
		if (slice_equal_text(word, words[i]))
			return true;
	}
	return false;
}

/* "…/covers/87/70/0886443927087_230.jpg", of an album's cover. */
static bool
set_cover(struct media *media, struct slice file, const char *url)
{
	const char *mark = memchr(file.data, '_', file.size);
	const char *dot = memchr(file.data, '.', file.size);
	struct text base;

	if (mark == NULL || dot == NULL || dot < mark ||
		!is_size((struct slice){ mark + 1, (size_t)(dot - mark - 1) }))
		return false;
	text_init(&base);
	add_address(&base, (struct slice){ url, (size_t)(mark + 1 - url) });
	text_add_char(&base, '*');
	text_add(&base, dot);
	set(media, (struct slice){ file.data, (size_t)(mark - file.data) }, &base);
	text_fini(&base);
	return true;
}

/* "…/artists/covers/medium/c0ffee.jpg", of a person. */
static bool
set_portrait(struct media *media, struct slice file, const char *url)
{
	static const char *const folders[] = { "/covers/small/", "/covers/medium/",
		"/covers/large/" };
	const char *dot = memchr(file.data, '.', file.size);
	struct text base;

	for (size_t i = 0; i < COUNT_OF(folders); i++) {
		const char *at = strstr(url, folders[i]);
		if (at == NULL || at + strlen(folders[i]) != file.data || dot == NULL)
			continue;
		text_init(&base);
		add_address(&base, (struct slice){ url, (size_t)(at - url) });
		text_add(&base, "/covers/*/");
		text_add_slice(&base, file);
		set(media, (struct slice){ file.data, (size_t)(dot - file.data) }, &base);
		text_fini(&base);
		return true;
	}
	return false;
}

static bool
set_url(struct media *media, const char *url)
{
	struct slice file;
	struct text base;

	if (url == NULL || !foreign_is_url(url) || strchr(url, '*') != NULL)
		return false;
	file.data = strrchr(url, '/') + 1;
	file.size = strlen(file.data);
	if (file.size == 0)
		return false;
	if (set_cover(media, file, url) || set_portrait(media, file, url))
		return true;
	text_init(&base);
	add_address(&base, slice_of(url));
	set(media, (struct slice){ NULL, 0 }, &base);
	text_fini(&base);
	return true;
}

/* {"hash": "c0ffee", "format": "jpg"} of the newer answers. */
static bool
set_hash(struct media *media, const json_t *portrait)
{
	struct slice hash = slice_of(json_text(portrait, "hash"));
	struct slice format = slice_of(json_text_or(portrait, "format", "jpg"));
	struct text base;

	if (!is_key(hash) || !is_key(format))
		return false;
	text_init(&base);
	text_addf(&base, HOST "/images/artists/covers/*/%s.%s", hash.data, format.data);
	set(media, hash, &base);
	text_fini(&base);
	return true;
}

/* ---- where answers have it ---- */

/* The first that is a picture among the members of an object, the largest first. */
static bool
set_sizes(struct media *media, const json_t *sizes)
{
	static const char *const names[] = { "large", "small", "medium", "mega",
		"extralarge", "thumbnail" };

	for (size_t i = 0; i < COUNT_OF(names); i++) {
		if (set_url(media, json_text(sizes, names[i])))
			return true;
	}
	return false;
}

static bool
set_first(struct media *media, const json_t *list)
{
	return set_url(media, json_string_value(json_array_get(list, 0)));
}

void
qobuz_image_read(struct media *media, const json_t *json)
{
	const json_t *images = json_member(json, "images");
	const json_t *image = json_member(json, "image");

	if (set_hash(media, json_member(images, "portrait")) || set_sizes(media, image) ||
		set_url(media, json_string_value(image)) || set_sizes(media, images) ||
		set_url(media, json_text(json, "picture")))
		return;
	/* A playlist shows the covers of its albums, or a picture that is not square. */
	if (set_first(media, json_member(json, "images300")) ||
		set_first(media, json_member(json, "images150")) ||
		set_first(media, images) ||
		set_first(media, json_member(image, "covers")) ||
		set_first(media, json_member(images, "covers")) ||
		set_first(media, json_member(json, "image_rectangle")) ||
		set_first(media, json_member(image, "rectangle")))
		return;
	(void)set_first(media, json_member(images, "rectangle"));
}

/* ---- the address ---- */

void
qobuz_image_url(struct text *url, const char *base, int size)
{
	static const struct {
		int pixels;
		const char *cover, *portrait;
	} sizes[] = {
		{ 50, "50", "small" },
		{ 230, "230", "medium" },
		{ 600, "600", "large" },
		{ 0, "max", "large" },
	};
	const char *star = strchr(base, '*');
	size_t i = 0;

	if (star == NULL) {
		text_add(url, base);
		return;
	}
	while (i + 1 < COUNT_OF(sizes) && sizes[i].pixels < size)
		i++;
	text_add_bytes(url, base, (size_t)(star - base));
	bool folder = star > base && star[-1] == '/';
	text_add(url, folder ? sizes[i].portrait : sizes[i].cover);
	text_add(url, star + 1);
}
