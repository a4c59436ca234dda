#include "providers/external_id.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* The published vectors of the layout. */
static const struct {
	const char *alias;
	const char *hex;
} vectors[] = {
	{ "ext-deezer-song-3135556", "657874011100000000000000002fd844" },
	{ "ext-deezer-song--1234", "657874011120000000000000000004d2" },
	{ "ext-deezer-album-302127", "65787401120000000000000000049c2f" },
	{ "ext-deezer-artist-27", "6578740113000000000000000000001b" },
	{ "ext-deezer-playlist-9200461", "657874011400000000000000008c634d" },
	{ "ext-qobuz-song-343367694", "6578740121000000000000001477600e" },
	{ "ext-qobuz-album-0603497941032", "65787401221d00000af6cf7a34d0aeae" },
	{ "ext-qobuz-album-s72ps0jshvpwa", "65787401221d00073e27b8848d6265da" },
	{ "ext-qobuz-album-5051083087698", "6578740122000000000004980c035f52" },
	{ "ext-qobuz-artist-1195379", "65787401230000000000000000123d73" },
	{ "ext-qobuz-playlist-61997651", "65787401240000000000000003b20253" },
	/* the ends of each format */
	{ "ext-deezer-song-0", "65787401110000000000000000000000" },
	{ "ext-deezer-song-18446744073709551615", "6578740111000000ffffffffffffffff" },
	{ "ext-qobuz-album-000000000000000", "65787401221f00000000000000000000" },
	{ "ext-qobuz-album-zzzzzzzzzzzzzzz", "65787401221f2ed070f29e2e3fffffff" },
};

static void
vectors_hold_both_ways(void **state)
{
	struct external_id id, again;
	char hex[EXTERNAL_ID_HEX];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(vectors); i++) {
		assert_true(external_id_parse(&id, slice_of(vectors[i].alias)));
		assert_true(external_id_format(hex, &id));
		assert_int_equal(strlen(hex), 32);
		assert_string_equal(hex, vectors[i].hex);
		assert_true(external_id_parse(&again, slice_of(hex)));
		assert_true(external_id_equal(&id, &again));
	}
}

static void
aliases_name_provider_kind_and_key(void **state)
{
	static const struct {
		const char *text;
		enum provider_id provider;
		enum media_kind kind;
		const char *key;
	} rows[] = {
		{ "ext-deezer-12", PROVIDER_DEEZER, MEDIA_SONG, "12" },
		{ "EXT-Deezer-Album-12", PROVIDER_DEEZER, MEDIA_ALBUM, "12" },
		{ "ext-qobuz-0012abc", PROVIDER_QOBUZ, MEDIA_SONG, "0012abc" },
		{ "pl-deezer-9200461", PROVIDER_DEEZER, MEDIA_PLAYLIST, "9200461" },
		{ "PL-qobuz-5", PROVIDER_QOBUZ, MEDIA_PLAYLIST, "5" },
		{ "ext-deezer--7", PROVIDER_DEEZER, MEDIA_SONG, "-7" },
		{ "ext-deezer-genre-113", PROVIDER_DEEZER, MEDIA_GENRE, "113" },
		{ "65787401-1100-0000-0000-0000002fd844", PROVIDER_DEEZER, MEDIA_SONG,
			"3135556" },
		{ "657874011100000000000000002FD844", PROVIDER_DEEZER, MEDIA_SONG,
			"3135556" },
		{ "65787401-221D-0007-3E27-B8848D6265DA", PROVIDER_QOBUZ, MEDIA_ALBUM,
			"s72ps0jshvpwa" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct external_id id;
		assert_true(external_id_parse(&id, slice_of(rows[i].text)));
		assert_int_equal(id.provider, rows[i].provider);
		assert_int_equal(id.kind, rows[i].kind);
		assert_string_equal(id.key, rows[i].key);
	}
}

static void
whatever_is_not_canonical_is_refused(void **state)
{
	static const char *const texts[] = {
		"", "3135556", "ext-", "ext-deezer", "ext-deezer-", "ext-deezer-song",
		"ext-deezer-song-", "ext-tidal-song-1", "ext-deezer-song-1 ",
		"ext-deezer-song-A", "ext-deezer-song-1/../2",
		"ext-deezer-song-0123456789abcdef", /* 16 of base 36 */
		"ext-deezer-song-18446744073709551616", "ext-deezer-song--0",
		"ext-deezer-song--012", "ext-deezer-song---1", "pl-", "pl-deezer-",
		"pl-tidal-1", "832e25879a396454558606107194281a", /* one of Jellyfin's */
		"657874011100000000000000002fd84", "657874011100000000000000002fd8444",
		"657874011100000000000000002fd84g", "6578740-11100-0000-0000-0000002fd844",
		"65787401 1100 0000 0000 0000002fd844",
		"657874021100000000000000002fd844", /* version */
		"657874010100000000000000002fd844", /* provider 0 */
		"657874013100000000000000002fd844", /* provider 3 */
		"657874011000000000000000002fd844", /* kind 0 */
		"657874011600000000000000002fd844", /* kind 6 */
		"657874011101000000000000002fd844", /* a number has no length */
		"657874011100000100000000002fd844", /* over 64 bits */
		"65787401112000000000000000000000", /* -0 */
		"657874011121000000000000000004d2",
		"65787401111000000000000000000000", /* base 36, no digits */
		"65787401111100000000000000000001", /* "1" is a number */
		"6578740111110000000000000000000000",
		"65787401111100000000000000000024", /* 36 needs two digits */
		"657874011130000000000000000004d2", /* format 3 */
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		struct external_id id;
		if (external_id_parse(&id, slice_of(texts[i])))
			fail_msg("accepted \"%s\"", texts[i]);
	}
}

static void
a_text_with_a_zero_byte_is_refused(void **state)
{
	struct external_id id;

	(void)state;
	assert_false(external_id_parse(&id, SLICE("ext-deezer-song-1\0002")));
}

static void
what_cannot_be_encoded_is_not_formatted(void **state)
{
	static const char *const keys[] = { "", "-", "A", "a b", "0123456789abcdef",
		"99999999999999999999" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(keys); i++) {
		struct external_id id = { .provider = PROVIDER_QOBUZ, .kind = MEDIA_ALBUM };
		char hex[EXTERNAL_ID_HEX];
		assert_true(copy_text(id.key, sizeof id.key, keys[i]));
		assert_false(external_id_format(hex, &id));
		assert_string_equal(hex, "");
	}
	struct external_id nobody = { .key = "1" };
	char hex[EXTERNAL_ID_HEX];
	assert_false(external_id_format(hex, &nobody));
}

static void
ids_of_jellyfin_are_not_taken_for_ours(void **state)
{
	struct external_id id;

	(void)state;
	assert_false(external_id_parse(&id, SLICE("832e25879a396454558606107194281a")));
	assert_false(external_id_parse(&id, SLICE("832e2587-9a39-6454-5586-06107194281a")));
	assert_false(external_id_parse(&id, SLICE("")));
	assert_false(external_id_parse(&id, SLICE("65787401")));
}

static void
a_name_has_one_id_per_thing_and_it_is_no_item(void **state)
{
	char rock[EXTERNAL_ID_HEX], same[EXTERNAL_ID_HEX], other[EXTERNAL_ID_HEX];
	struct external_id id;

	(void)state;
	external_id_of_name(rock, "genre", "Rock");
	external_id_of_name(same, "genre", "ROCK");
	external_id_of_name(other, "studio", "Rock");
	assert_string_equal(rock, same);
	assert_string_not_equal(rock, other);
	assert_false(external_id_parse(&id, slice_of(rock)));
}

static void
providers_and_kinds_have_names(void **state)
{
	(void)state;
	assert_string_equal(provider_name(PROVIDER_DEEZER), "deezer");
	assert_string_equal(provider_title(PROVIDER_QOBUZ), "Qobuz");
	assert_string_equal(media_kind_name(MEDIA_PLAYLIST), "playlist");
	assert_string_equal(provider_name((enum provider_id)9), "unknown");
	assert_string_equal(provider_title((enum provider_id)9), "Unknown");
	assert_string_equal(media_kind_name((enum media_kind)9), "unknown");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vectors_hold_both_ways),
		cmocka_unit_test(aliases_name_provider_kind_and_key),
		cmocka_unit_test(whatever_is_not_canonical_is_refused),
		cmocka_unit_test(a_text_with_a_zero_byte_is_refused),
		cmocka_unit_test(what_cannot_be_encoded_is_not_formatted),
		cmocka_unit_test(ids_of_jellyfin_are_not_taken_for_ours),
		cmocka_unit_test(a_name_has_one_id_per_thing_and_it_is_no_item),
		cmocka_unit_test(providers_and_kinds_have_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
