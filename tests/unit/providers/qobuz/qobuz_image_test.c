#include "providers/qobuz/qobuz_image.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "core/json.h"

#define COVERS "https://static.qobuz.com/images/covers/87/70/"
#define PEOPLE "https://static.qobuz.com/images/artists/covers/"

/* The picture of a one-off media; key and base are "" without one. */
static void
assert_image(const char *json, const char *key, const char *base)
{
	json_t *root = json_parse_new(json, strlen(json));
	struct media_list *list = media_list_new(1);
	struct media *media = media_list_add(list);

	qobuz_image_read(media, root);
	if (media->image_key == NULL && key[0] != '\0')
		fail_msg("no picture in %s", json);
	assert_string_equal(media->image_key != NULL ? media->image_key : "", key);
	assert_string_equal(media->image_base != NULL ? media->image_base : "", base);
	media_list_unref(list);
	json_decref(root);
}

static void
pictures_are_found_in_every_shape(void **state)
{
	static const struct {
		const char *json, *key, *base;
	} rows[] = {
		/* An album, old and over plain HTTP. */
		{ "{\"image\":{\"thumbnail\":\"http://static.qobuz.com/images/covers/87/70/"
		  "0886_50.jpg\",\"large\":\"http://static.qobuz.com/images/covers/87/70/"
		  "0886_600.jpg\",\"back\":null}}",
			"0886", COVERS "0886_*.jpg" },
		{ "{\"image\":{\"small\":\"" COVERS "qxjbxh1dc3xyb_230.jpg\"}}",
			"qxjbxh1dc3xyb", COVERS "qxjbxh1dc3xyb_*.jpg" },
		/* Not Qobuz's own: kept as it is. */
		{ "{\"image\":{\"large\":\"http://127.0.0.1:1/covers/a_600.jpg\"}}", "a",
			"http://127.0.0.1:1/covers/a_*.jpg" },
		/* People. */
		{ "{\"image\":{\"small\":\"" PEOPLE "small/c0ffee.jpg\",\"large\":\"" PEOPLE
		  "large/c0ffee.jpg\"}}",
			"c0ffee", PEOPLE "*/c0ffee.jpg" },
		{ "{\"images\":{\"portrait\":{\"hash\":\"c0ffee\",\"format\":\"png\"}}}",
			"c0ffee", PEOPLE "*/c0ffee.png" },
		{ "{\"picture\":\"" PEOPLE "medium/c0ffee.jpg\",\"image\":null}", "c0ffee",
			PEOPLE "*/c0ffee.jpg" },
		/* Playlists. */
		{ "{\"images300\":[\"" COVERS "0886_300.jpg\"],\"images\":[\"" COVERS
		  "1_50.jpg\"]}",
			"0886", COVERS "0886_*.jpg" },
		{ "{\"images\":[\"" COVERS "1_50.jpg\"]}", "1", COVERS "1_*.jpg" },
		{ "{\"images\":{\"covers\":[\"" COVERS "2_150.jpg\"]}}", "2",
			COVERS "2_*.jpg" },
		/* None. */
		{ "{\"image\":null,\"picture\":null}", "", "" },
		{ "{\"image\":{\"large\":\"\"}}", "", "" },
		{ "{\"image\":{\"large\":\"ftp://x/y_600.jpg\"}}", "", "" },
		{ "{\"image\":{\"large\":\"https://x/*_600.jpg\"}}", "", "" },
		{ "{\"image\":{\"large\":\"https://x/\"}}", "", "" },
		{ "{\"images\":{\"portrait\":{\"hash\":\"../../x\"}}}", "", "" },
		{ "{}", "", "" },
		{ "[]", "", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		assert_image(rows[i].json, rows[i].key, rows[i].base);
}

static void
a_picture_of_one_size_is_named_by_its_address(void **state)
{
	/* sha1 of the address */
	(void)state;
	assert_image("{\"image_rectangle\":[\"https://x.example/p/ABC.jpg\"]}",
		"468aa8892f34fa6a7f4339f076ee0085b7897785", "https://x.example/p/ABC.jpg");
}

static void
the_smallest_picture_that_is_large_enough_is_asked_for(void **state)
{
	static const struct {
		const char *base;
		int size;
		const char *url;
	} rows[] = {
		{ "b_*.jpg", 0, "b_50.jpg" },
		{ "b_*.jpg", 50, "b_50.jpg" },
		{ "b_*.jpg", 51, "b_230.jpg" },
		{ "b_*.jpg", 600, "b_600.jpg" },
		{ "b_*.jpg", 601, "b_max.jpg" },
		{ "b/*/c.jpg", 40, "b/small/c.jpg" },
		{ "b/*/c.jpg", 230, "b/medium/c.jpg" },
		{ "b/*/c.jpg", 4000, "b/large/c.jpg" },
		{ "b/c.jpg", 4000, "b/c.jpg" },
	};
	struct text url;

	(void)state;
	text_init(&url);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		text_clear(&url);
		qobuz_image_url(&url, rows[i].base, rows[i].size);
		assert_string_equal(text_get(&url), rows[i].url);
	}
	text_fini(&url);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pictures_are_found_in_every_shape),
		cmocka_unit_test(a_picture_of_one_size_is_named_by_its_address),
		cmocka_unit_test(the_smallest_picture_that_is_large_enough_is_asked_for),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
