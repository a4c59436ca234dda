#include "providers/qobuz/qobuz_people.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "core/json.h"
#include "core/text.h"

/* "A#1 B | C": ids behind '#', the main artists before the bar. */
static void
assert_people(const char *json, const char *wanted)
{
	json_t *root = json_parse_new(json, strlen(json));
	struct media_list *list = media_list_new(1);
	struct media *media = media_list_add(list);
	struct text text;

	qobuz_people_read(media, root);
	text_init(&text);
	for (size_t i = 0; i < media->artist_count; i++) {
		const struct media_artist *artist = &media->artists[i];
		if (i > 0)
			text_add(&text, i == media->main_artist_count ? " | " : "; ");
		text_add(&text, artist->name);
		if (artist->id.key[0] != '\0')
			text_addf(&text, "#%s", artist->id.key);
		assert_int_equal(artist->id.kind, MEDIA_ARTIST);
		assert_int_equal(artist->id.provider, PROVIDER_QOBUZ);
	}
	assert_string_equal(text_get(&text), wanted);
	text_fini(&text);
	media_list_unref(list);
	json_decref(root);
}

static void
people_are_told_by_their_roles(void **state)
{
	static const struct {
		const char *json, *people;
	} rows[] = {
		{ "{\"artist\":{\"id\":5,\"name\":\"A\"}}", "A#5" },
		{ "{\"artist\":{\"id\":5,\"name\":{\"display\":\"A\"}}}", "A#5" },
		{ "{\"performer\":{\"id\":5,\"name\":\"A\"},\"performers\":"
		  "\"A, Performer, MainArtist - B, FeaturedArtist - C, Composer\"}",
			"A#5 | B" },
		{ "{\"performer\":{\"id\":5,\"name\":\"A\"},\"performers\":"
		  "\"B, Featured Artist\\r - C, Main Artist\\r - A, MainArtist\\r\"}",
			"A#5; C | B" },
		{ "{\"artist\":{\"id\":5,\"name\":\"A\"},\"artists\":["
		  "{\"id\":7,\"name\":\"B\",\"roles\":[\"featured-artist\"]},"
		  "{\"id\":5,\"name\":\"A\",\"roles\":[\"main-artist\"]},"
		  "{\"id\":6,\"name\":\"C\",\"roles\":[\"composer\",\"main-artist\"]},"
		  "{\"id\":8,\"name\":\"D\",\"roles\":[\"producer\"]}]}",
			"A#5; C#6 | B#7" },
		/* Nobody leads: a list without roles is one of equals. */
		{ "{\"artists\":[{\"id\":1,\"name\":\"A\"},{\"id\":2,\"name\":\"B\"}]}",
			"A#1; B#2" },
		/* A name only, an id only, nobody. */
		{ "{\"artist\":{\"name\":\"A\",\"id\":0}}", "A" },
		{ "{\"artist\":{\"id\":5}}", "" },
		{ "{\"artist\":null,\"performers\":null}", "" },
		{ "{\"performers\":\"A, FeaturedArtist\"}", "A" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		assert_people(rows[i].json, rows[i].people);
}

static void
names_may_have_commas_and_dashes(void **state)
{
	static const struct {
		const char *json, *people;
	} rows[] = {
		{ "{\"performer\":{\"id\":1,\"name\":\"Earth, Wind & Fire\"},"
		  "\"performers\":\"Earth, Wind & Fire, MainArtist - B, FeaturedArtist\"}",
			"Earth, Wind & Fire#1 | B" },
		{ "{\"performers\":\"A - B, MainArtist - C, Composer\"}", "A - B" },
		{ "{\"performers\":\"A, Composer - , MainArtist - B, MainArtist - \"}",
			"B" },
		{ "{\"performers\":\"MainArtist\"}", "" },
		{ "{\"performers\":\" - , - ,\"}", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		assert_people(rows[i].json, rows[i].people);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(people_are_told_by_their_roles),
		cmocka_unit_test(names_may_have_commas_and_dashes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
