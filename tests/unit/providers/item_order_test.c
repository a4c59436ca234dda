#include "providers/item_order.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/json.h"
#include "providers/media_item.h"

static struct item_order
order_of(const char *by, const char *directions)
{
	struct arena *arena = arena_new();
	struct item_order order;
	const char *lists[2][20] = { { NULL }, { NULL } };
	struct slice rest[] = { slice_of(by), slice_of(directions) }, part;
	for (size_t i = 0; i < 2; i++) {
		for (size_t n = 0; slice_next(&rest[i], ',', &part); n++)
			lists[i][n] = arena_slice_dup(arena, part);
	}
	item_order_read(&order, lists[0], lists[1]);
	arena_free(arena);
	return order;
}

static void
orders_are_read_as_jellyfin_reads_them(void **state)
{
	static const struct {
		const char *by, *directions;
		size_t count;
		enum item_order_by first;
		bool descending[3];
	} rows[] = {
		{ "", "", 1, ITEM_ORDER_SORT_NAME, { false } },
		{ "SortName", "Descending", 1, ITEM_ORDER_SORT_NAME, { true } },
		{ "sortname", "descending", 1, ITEM_ORDER_SORT_NAME, { true } },
		/* the first direction is everybody's, but not the tie breaker's */
		{ "Album,IndexNumber", "Descending", 3, ITEM_ORDER_ALBUM,
			{ true, true, false } },
		{ "Album,IndexNumber", "Descending,Ascending", 3, ITEM_ORDER_ALBUM,
			{ true, false, false } },
		/* what nobody knows is passed over; directions go with what is left */
		{ "SearchScore,DatePlayed,SortName", "Descending,Ascending", 2,
			ITEM_ORDER_DATE_PLAYED, { true, false } },
		{ "Random", "", 2, ITEM_ORDER_RANDOM, { false, false } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct item_order order = order_of(rows[i].by, rows[i].directions);
		assert_int_equal(order.count, rows[i].count);
		assert_int_equal(order.keys[0].by, rows[i].first);
		for (size_t j = 0; j < order.count; j++)
			assert_int_equal(order.keys[j].descending, rows[i].descending[j]);
	}
}

/* ---- comparing ---- */

struct order_row {
	const char *by, *directions;
	const char *items[6]; /* in order */
};

static const struct order_row rows[] = {
	{ "SortName", "",
		{ "{\"Name\":\"A Day\"}", "{\"Name\":\"The Élan\"}",
			"{\"Name\":\"Zebra 2\"}", "{\"Name\":\"Zebra 10\"}" } },
	{ "SortName", "Descending", { "{\"Name\":\"b\"}", "{\"Name\":\"A\"}" } },
	/* songs by disc and track */
	{ "SortName", "",
		{ "{\"Type\":\"Audio\",\"Name\":\"Z\",\"ParentIndexNumber\":1,"
		  "\"IndexNumber\":2}",
			"{\"Type\":\"Audio\",\"Name\":\"A\",\"ParentIndexNumber\":1,"
			"\"IndexNumber\":10}",
			"{\"Type\":\"Audio\",\"Name\":\"B\",\"ParentIndexNumber\":2,"
			"\"IndexNumber\":1}" } },
	{ "AlbumArtist,ProductionYear,Album", "",
		{ "{\"AlbumArtist\":\"abba\",\"ProductionYear\":1990,\"Album\":\"Z\"}",
			"{\"AlbumArtist\":\"ABBA\",\"ProductionYear\":2000,\"Album\":"
			"\"A\"}",
			"{\"AlbumArtist\":\"Abba\",\"ProductionYear\":2000,\"Album\":"
			"\"B\"}",
			"{\"AlbumArtist\":\"Beta\"}" } },
	{ "DatePlayed", "Descending",
		{ "{\"UserData\":{\"LastPlayedDate\":\"2026-11-21T02:00:09.2978425Z\"}}",
			"{\"UserData\":{\"LastPlayedDate\":\"2026-11-21T02:00:09."
			"1970000Z\"}}",
			"{\"UserData\":{\"LastPlayedDate\":\"2025-01-01T00:00:00Z\"}}",
			"{\"UserData\":{}}" } },
	{ "PlayCount", "Descending",
		{ "{\"UserData\":{\"PlayCount\":10}}", "{\"UserData\":{\"PlayCount\":9}}",
			"{\"Name\":\"a\"}", "{\"Name\":\"b\"}" } },
	{ "PremiereDate", "",
		{ "{}", "{\"ProductionYear\":2001}",
			"{\"PremiereDate\":\"2001-03-07T00:00:00.0000000Z\"}",
			"{\"PremiereDate\":\"2001-03-08T00:00:00.0000000Z\"}" } },
	{ "IsFolder", "Descending",
		{ "{\"Type\":\"MusicAlbum\"}", "{\"Type\":\"Audio\"}" } },
	{ "Runtime", "", { "{\"RunTimeTicks\":1}", "{\"RunTimeTicks\":2}" } },
	{ "DateCreated", "",
		{ "{\"DateCreated\":\"2001-03-07T00:00:00.0000000Z\"}",
			"{\"DateCreated\":\"2026-01-01T00:00:00.0000000Z\"}" } },
	{ "Artist", "", { "{\"Artists\":[\"a\",\"z\"]}", "{\"Artists\":[\"B\"]}" } },
	{ "IsFavoriteOrLiked", "Descending",
		{ "{\"UserData\":{\"IsFavorite\":true}}",
			"{\"UserData\":{\"IsFavorite\":false}}" } },
	{ "CommunityRating", "Descending",
		{ "{\"CommunityRating\":7.1}", "{\"CommunityRating\":7.0}", "{}" } },
};

static struct item_keys
keys_of(const char *json, const struct item_order *order, struct arena *arena)
{
	json_t *item = json_parse_new(json, strlen(json));
	struct item_keys keys;

	assert_non_null(item);
	item_keys_of_json(&keys, order, arena, item);
	json_decref(item);
	return keys;
}

static void
items_stand_in_order(void **state)
{
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct item_order order = order_of(rows[i].by, rows[i].directions);
		for (size_t j = 1; j < 6 && rows[i].items[j] != NULL; j++) {
			struct item_keys a = keys_of(rows[i].items[j - 1], &order, arena);
			struct item_keys b = keys_of(rows[i].items[j], &order, arena);
			assert_true(item_keys_compare(&order, &a, &b) < 0);
			assert_true(item_keys_compare(&order, &b, &a) > 0);
			assert_int_equal(item_keys_compare(&order, &a, &a), 0);
		}
	}
	arena_free(arena);
}

/* What is read of media is what is read of the item that it is shown as. */
static void
a_thing_stands_where_its_item_would(void **state)
{
	static const char *const all[] = { "SortName", "Name", "Album", "AlbumArtist",
		"Artist", "DateCreated", "DatePlayed", "PlayCount", "PremiereDate",
		"ProductionYear", "Runtime", "ParentIndexNumber", "IndexNumber", "IsFolder",
		"IsFavoriteOrLiked", "IsPlayed", "IsUnplayed", "CommunityRating",
		"Random" };
	struct user_item done = { .favourite = true,
		.played = true,
		.play_count = 3,
		.last_played_ms = 1795226409297,
		.version = 1 };
	struct item_context context = { .server_id = "s", .user = user_view_new() };
	struct media_list *list = media_list_new(3);
	struct external_id artist = { PROVIDER_DEEZER, MEDIA_ARTIST, "27" };
	struct arena *arena = arena_new();

	(void)state;
	for (enum media_kind kind = MEDIA_SONG; kind <= MEDIA_PLAYLIST; kind++) {
		struct media *media = media_list_add(list);
		media->kind = kind;
		media->id = (struct external_id){ PROVIDER_DEEZER, kind, "1" };
		media->title = xstrdup("The Élan 7");
		media->seen_ms = 1774968992000;
		media->duration_ms = 226000;
		if (kind == MEDIA_SONG || kind == MEDIA_ALBUM) {
			media_add_artist(media, &artist, "Ångström");
			media->main_artist_count = 1;
			memcpy(media->release_date, "2001-03-07", 11);
		}
		if (kind == MEDIA_SONG) {
			media->album_title = xstrdup("Rails");
			media->track_number = 4;
		}
		char hex[EXTERNAL_ID_HEX];
		assert_true(external_id_format(hex, &media->id));
		user_view_put(context.user, hex, &done);
	}
	for (size_t i = 0; i < list->count; i++) {
		json_t *item = media_item_new(&list->items[i], &context);
		/* A preview is shown as one, and sorted as the song it is of. */
		json_put_text(item, "Name", list->items[i].title);
		json_put_int(item, "RunTimeTicks", list->items[i].duration_ms * 10000);
		for (size_t j = 0; j < COUNT_OF(all); j++) {
			struct item_order order = order_of(all[j], "");
			struct item_keys a, b;
			if (text_equal_ci(all[j], "DateCreated") &&
				list->items[i].release_date[0] == '\0')
				continue; /* shown by day, sorted by the moment */
			item_keys_of_media(&a, &order, arena, &list->items[i], &done);
			item_keys_of_json(&b, &order, arena, item);
			assert_int_equal(item_keys_compare(&order, &a, &b), 0);
		}
		json_decref(item);
	}
	user_view_unref(context.user);
	media_list_unref(list);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(orders_are_read_as_jellyfin_reads_them),
		cmocka_unit_test(items_stand_in_order),
		cmocka_unit_test(a_thing_stands_where_its_item_would),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
