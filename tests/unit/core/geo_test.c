#include "core/geo.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/text.h"

/* ---- a database of one network, in MaxMind's format ---- */

enum { TYPE_STRING = 2, TYPE_DOUBLE = 3, TYPE_UINT16 = 5, TYPE_UINT32 = 6, TYPE_MAP = 7 };

static void
add_head(struct text *to, int type, size_t size)
{
	text_add_char(to, (char)(type << 5 | (int)size));
}

static void
add_string(struct text *to, const char *string)
{
	add_head(to, TYPE_STRING, strlen(string));
	text_add(to, string);
}

static void
add_number(struct text *to, int type, size_t size, uint64_t number)
{
	add_head(to, type, size);
	for (size_t i = size; i-- > 0;)
		text_add_char(to, (char)(number >> 8 * i));
}

static void
add_double(struct text *to, double number)
{
	uint64_t bits;

	memcpy(&bits, &number, sizeof bits);
	add_number(to, TYPE_DOUBLE, sizeof bits, bits);
}

/* An array of one map of one map of one string. */
static void
add_region(struct text *to)
{
	add_string(to, "subdivisions");
	text_add_bytes(to, "\x01\x04", 2); /* extended type 11 */
	add_head(to, TYPE_MAP, 1);
	add_string(to, "names");
	add_head(to, TYPE_MAP, 1);
	add_string(to, "en");
	add_string(to, "Land Berlin");
}

static void
add_data(struct text *to)
{
	add_head(to, TYPE_MAP, 4);
	add_string(to, "country");
	add_head(to, TYPE_MAP, 1);
	add_string(to, "iso_code");
	add_string(to, "DE");
	add_region(to);
	add_string(to, "city");
	add_head(to, TYPE_MAP, 1);
	add_string(to, "names");
	add_head(to, TYPE_MAP, 1);
	add_string(to, "en");
	add_string(to, "Berlin");
	add_string(to, "location");
	add_head(to, TYPE_MAP, 2);
	add_string(to, "latitude");
	add_double(to, 52.5);
	add_string(to, "longitude");
	add_double(to, 13.25);
}

static void
add_metadata(struct text *to, int nodes)
{
	text_add(to, "\xab\xcd\xefMaxMind.com");
	add_head(to, TYPE_MAP, 9);
	add_string(to, "languages");
	text_add_bytes(to, "\x00\x04", 2); /* an empty array */
	add_string(to, "description");
	add_head(to, TYPE_MAP, 0);
	add_string(to, "node_count");
	add_number(to, TYPE_UINT32, 4, (uint64_t)nodes);
	add_string(to, "record_size");
	add_number(to, TYPE_UINT16, 2, 24);
	add_string(to, "ip_version");
	add_number(to, TYPE_UINT16, 2, 4);
	add_string(to, "binary_format_major_version");
	add_number(to, TYPE_UINT16, 2, 2);
	add_string(to, "binary_format_minor_version");
	add_number(to, TYPE_UINT16, 2, 0);
	add_string(to, "database_type");
	add_string(to, "Test-City");
	add_string(to, "build_epoch");
	text_add_bytes(to, "\x01\x02\x01", 3); /* a 64-bit 1 */
}

static void
add_record(struct text *to, unsigned record)
{
	for (int shift = 16; shift >= 0; shift -= 8)
		text_add_char(to, (char)(record >> shift));
}

/* 85.0.0.0/8 is in Berlin. */
static void
write_database(const char *path)
{
	enum { NODES = 8, NETWORK = 85 };
	static const char separator[16];
	struct text text = { 0 };

	for (unsigned i = 0; i < NODES; i++) {
		unsigned next = i + 1 < NODES ? i + 1 : NODES + sizeof separator;
		bool right = (NETWORK >> (NODES - 1 - i) & 1) != 0;
		add_record(&text, right ? NODES : next);
		add_record(&text, right ? next : NODES);
	}
	text_add_bytes(&text, separator, sizeof separator);
	add_data(&text);
	add_metadata(&text, NODES);
	FILE *file = fopen(path, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(text.data, 1, text.size, file), text.size);
	assert_int_equal(fclose(file), 0);
	text_fini(&text);
}

/* ---- */

static void
an_address_is_where_the_database_says(void **state)
{
	char path[] = "/tmp/sidetrack-geo-XXXXXX";
	char why[200] = "";
	int file = mkstemp(path);

	(void)state;
	assert_true(file >= 0);
	close(file);
	write_database(path);
	struct geo *geo = geo_open(path, why, sizeof why);
	assert_string_equal(why, "");
	assert_non_null(geo);
	struct geo_place place = geo_find(geo, "85.1.2.3");
	assert_false(place.local);
	assert_string_equal(place.country, "DE");
	assert_string_equal(place.region, "Land Berlin");
	assert_string_equal(place.city, "Berlin");
	assert_true(place.located);
	assert_true(place.latitude > 52.4 && place.latitude < 52.6);
	assert_true(place.longitude > 13.2 && place.longitude < 13.3);
	place = geo_find(geo, "86.1.2.3");
	assert_string_equal(place.country, "");
	assert_false(place.located);
	assert_string_equal(geo_find(geo, "85.1.2").country, "");
	geo_close(geo);
	unlink(path);
}

static void
private_addresses_are_local(void **state)
{
	static const char *const local[] = { "10.0.0.1", "172.16.0.1", "172.31.255.255",
		"192.168.1.5", "127.0.0.1", "169.254.9.9", "::1", "::ffff:192.168.0.1",
		"fe80::1", "febf::1", "fd00::1", "fc00::1" };
	static const char *const other[] = { "9.255.255.255", "11.0.0.1", "172.32.0.1",
		"172.15.0.1", "192.169.0.1", "8.8.8.8", "::2", "::ffff:8.8.8.8", "fec0::1",
		"2001:db8::1", "", "localhost", "192.168.1" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(local); i++) {
		if (!geo_find(NULL, local[i]).local)
			fail_msg("%s is local", local[i]);
	}
	for (size_t i = 0; i < COUNT_OF(other); i++) {
		if (geo_find(NULL, other[i]).local)
			fail_msg("%s is not local", other[i]);
	}
}

static void
what_is_no_database_is_refused_with_a_sentence(void **state)
{
	char why[200];

	(void)state;
	assert_null(geo_open("/nowhere/places.mmdb", why, sizeof why));
	assert_non_null(strstr(why, "/nowhere/places.mmdb"));
	assert_null(geo_open("/dev/null", why, sizeof why));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_is_where_the_database_says),
		cmocka_unit_test(private_addresses_are_local),
		cmocka_unit_test(what_is_no_database_is_refused_with_a_sentence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
