#include "core/geo.h"

#include <arpa/inet.h>
#include <maxminddb.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "core/text.h"

struct geo {
	MMDB_s database;
};

struct geo *
geo_open(const char *path, char *why, size_t why_size)
{
	struct geo *geo = xcalloc(1, sizeof *geo);
	int status = MMDB_open(path, MMDB_MODE_MMAP, &geo->database);

	if (status == MMDB_SUCCESS)
		return geo;
	snprintf(why, why_size, "names %s, which is no readable database: %s", path,
		MMDB_strerror(status));
	xfree(geo);
	return NULL;
}

void
geo_close(struct geo *geo)
{
	if (geo == NULL)
		return;
	MMDB_close(&geo->database);
	xfree(geo);
}

/* ---- what is local ---- */

struct network {
	unsigned char bytes[16];
	int bits;
};

/* As IPv6, IPv4 mapped: private, loopback and link-local ranges (RFC 1918, 3927, 4193). */
static const struct network local_networks[] = {
	{ { [10] = 0xff, [11] = 0xff, [12] = 10 }, 96 + 8 },
	{ { [10] = 0xff, [11] = 0xff, [12] = 172, [13] = 16 }, 96 + 12 },
	{ { [10] = 0xff, [11] = 0xff, [12] = 192, [13] = 168 }, 96 + 16 },
	{ { [10] = 0xff, [11] = 0xff, [12] = 127 }, 96 + 8 },
	{ { [10] = 0xff, [11] = 0xff, [12] = 169, [13] = 254 }, 96 + 16 },
	{ { [15] = 1 }, 128 },
	{ { 0xfe, 0x80 }, 10 },
	{ { 0xfc }, 7 },
};

static bool
read_address(unsigned char bytes[16], const char *address)
{
	memset(bytes, 0, 16);
	if (inet_pton(AF_INET6, address, bytes) == 1)
		return true;
	bytes[10] = bytes[11] = 0xff;
	return inet_pton(AF_INET, address, bytes + 12) == 1;
}

static bool
is_in(const struct network *network, const unsigned char bytes[16])
{
	size_t whole = (size_t)network->bits / 8;
	int rest = network->bits % 8;
	unsigned char mask = (unsigned char)(0xff << (8 - rest));

	return memcmp(network->bytes, bytes, whole) == 0 &&
	       (rest == 0 || ((network->bytes[whole] ^ bytes[whole]) & mask) == 0);
}

static bool
is_local(const unsigned char bytes[16])
{
	for (size_t i = 0; i < COUNT_OF(local_networks); i++) {
		if (is_in(&local_networks[i], bytes))
			return true;
	}
	return false;
}

/* ---- what the database says ---- */

static bool
get(MMDB_lookup_result_s *found, MMDB_entry_data_s *value, uint32_t type,
	const char *const *path)
{
	return MMDB_aget_value(&found->entry, value, path) == MMDB_SUCCESS &&
	       value->has_data && value->type == type;
}

static void
copy_value(char *to, size_t size, MMDB_lookup_result_s *found, const char *const *path)
{
	MMDB_entry_data_s value;
	struct text text = { 0 };

	if (!get(found, &value, MMDB_DATA_TYPE_UTF8_STRING, path))
		return;
	text_add_bytes(&text, value.utf8_string, value.data_size);
	copy_text(to, size, text_get(&text));
	text_fini(&text);
}

static void
read_place(struct geo_place *place, MMDB_lookup_result_s *found)
{
	static const char *const country[] = { "country", "iso_code", NULL };
	static const char *const region[] = { "subdivisions", "0", "names", "en", NULL };
	static const char *const city[] = { "city", "names", "en", NULL };
	static const char *const latitude[] = { "location", "latitude", NULL };
	static const char *const longitude[] = { "location", "longitude", NULL };
	MMDB_entry_data_s north, east;

	copy_value(place->country, sizeof place->country, found, country);
	copy_value(place->region, sizeof place->region, found, region);
	copy_value(place->city, sizeof place->city, found, city);
	if (!get(found, &north, MMDB_DATA_TYPE_DOUBLE, latitude) ||
		!get(found, &east, MMDB_DATA_TYPE_DOUBLE, longitude))
		return;
	place->located = true;
	place->latitude = north.double_value;
	place->longitude = east.double_value;
}

struct geo_place
geo_find(const struct geo *geo, const char *address)
{
	struct geo_place place = { 0 };
	unsigned char bytes[16];
	int not_found = 0, status = MMDB_SUCCESS;

	if (!read_address(bytes, address))
		return place;
	place.local = is_local(bytes);
	if (geo == NULL || place.local)
		return place;
	MMDB_lookup_result_s found =
		MMDB_lookup_string(&geo->database, address, &not_found, &status);
	if (not_found == 0 && status == MMDB_SUCCESS && found.found_entry)
		read_place(&place, &found);
	return place;
}
