#include "providers/user_list.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "providers/media_snapshot.h"

#define ALICE "0ee1aea595e44b91a4fcc5d9a2055479"
#define BOB   "7266ce8b774243e9b4c30fbc9488275b"

struct fixture {
	char folder[64];
	struct loop *loop;
	struct store *store;
	bool done;
	int written;
	char titles[256]; /* of the list, with blanks between */
};

static int
setup(void **state)
{
	const struct store_migration_table tables[] = {
		{ user_items_migrations, user_items_migration_count },
	};
	struct fixture *fixture = xcalloc(1, sizeof *fixture);
	char why[256];

	copy_text(fixture->folder, sizeof fixture->folder, "/tmp/user_list_test_XXXXXX");
	assert_non_null(mkdtemp(fixture->folder));
	fixture->loop = loop_new("test");
	loop_adopt(fixture->loop);
	fixture->store = store_start(fixture->folder, tables, 1, why, sizeof why);
	assert_non_null(fixture->store);
	*state = fixture;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *fixture = *state;
	struct dirent *entry;

	store_stop(fixture->store);
	loop_free(fixture->loop);
	DIR *directory = opendir(fixture->folder);
	while (directory != NULL && (entry = readdir(directory)) != NULL) {
		if (entry->d_name[0] != '.')
			unlinkat(dirfd(directory), entry->d_name, 0);
	}
	closedir(directory);
	rmdir(fixture->folder);
	xfree(fixture);
	return 0;
}

/* Who has done what with which thing. */
struct row {
	const char *user;
	enum media_kind kind;
	const char *key, *title;
	const char *artist, *album; /* keys */
	bool favourite;
	int64_t plays, last_played_ms;
};

static const struct row rows[] = {
	{ ALICE, MEDIA_SONG, "1", "cherry", "7", "70", true, 0, 0 },
	{ ALICE, MEDIA_SONG, "2", "apple", "8", "80", true, 3, 300 },
	{ ALICE, MEDIA_SONG, "3", "banana", "7", "71", false, 9, 200 },
	{ ALICE, MEDIA_ALBUM, "70", "date", "7", NULL, true, 0, 0 },
	{ ALICE, MEDIA_ARTIST, "7", "elder", NULL, NULL, true, 0, 0 },
	{ ALICE, MEDIA_SONG, "4", "fig", "9", NULL, false, 0, 0 },
	{ BOB, MEDIA_SONG, "1", "cherry", "7", "70", false, 1, 100 },
};

static struct external_id
id_of(enum media_kind kind, const char *key)
{
	struct external_id id = { .provider = PROVIDER_DEEZER, .kind = kind };

	assert_true(copy_text(id.key, sizeof id.key, key));
	return id;
}

static bool
write_row(sqlite3 *database, const struct row *row)
{
	struct external_id id = id_of(row->kind, row->key);
	const struct user_item_change change = { .verb = USER_ITEM_SET,
		.now_ms = 1000,
		.set = { .favourite_said = true,
			.favourite = row->favourite,
			.count_said = true,
			.play_count = row->plays,
			.played_said = true,
			.played = row->plays > 0,
			.date_said = true,
			.last_played_ms = row->last_played_ms } };
	struct media_list *list = media_list_new(1);
	struct media *media = media_list_add(list);
	struct user_item item;
	struct text json = { 0 };
	char hex[EXTERNAL_ID_HEX];

	media->kind = row->kind;
	media->id = id;
	media->title = xstrdup(row->title);
	if (row->artist != NULL) {
		struct external_id artist = id_of(MEDIA_ARTIST, row->artist);
		media_add_artist(media, &artist, "somebody");
	}
	if (row->album != NULL)
		media->album_id = id_of(MEDIA_ALBUM, row->album);
	assert_true(external_id_format(hex, &id));
	assert_true(media_snapshot_write(&json, media));
	bool good = user_items_store_change(database, row->user, hex, &change, &item) &&
		    user_items_store_keep_media(
			    database, hex, 1, (struct slice){ json.data, json.size });
	text_fini(&json);
	media_list_unref(list);
	return good;
}

static void
on_written(void *arg, enum err err)
{
	assert_int_equal(err, ERR_NONE);
	((struct fixture *)arg)->written++;
}

static bool
run_write_all(sqlite3 *database, void *arg)
{
	bool good = true;

	(void)arg;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		good = good && write_row(database, &rows[i]);
	return good;
}

static void
write_rows(struct fixture *fixture)
{
	store_write(
		fixture->store, fixture->loop, run_write_all, on_written, fixture, NULL);
	for (int i = 0; i < 2000 && fixture->written == 0; i++)
		loop_turn(fixture->loop, 5);
	assert_int_equal(fixture->written, 1);
}

static void
on_read(void *arg, enum err err, struct user_list *list)
{
	struct fixture *fixture = arg;
	struct text titles = { 0 };

	assert_int_equal(err, ERR_NONE);
	fixture->done = true;
	for (size_t i = 0; i < list->count; i++) {
		struct media_list *one = media_list_new(1);
		const struct media *media =
			media_snapshot_read(one, list->things[i].snapshot);
		assert_non_null(media);
		text_addf(&titles, "%s%s", i > 0 ? " " : "", media->title);
		media_list_unref(one);
	}
	assert_true(copy_text(fixture->titles, sizeof fixture->titles, text_get(&titles)));
	text_fini(&titles);
}

static void
expect(struct fixture *fixture, struct user_list_query *query, const char *titles)
{
	fixture->done = false;
	user_list_read(fixture->store, fixture->loop, query, on_read, fixture);
	for (int i = 0; i < 2000 && !fixture->done; i++)
		loop_turn(fixture->loop, 5);
	assert_true(fixture->done);
	assert_string_equal(fixture->titles, titles);
}

static struct user_list_query
query_of(const char *user, unsigned kinds, const char *by, const char *direction)
{
	const char *const bys[] = { by, NULL }, *const directions[] = { direction, NULL };
	struct user_list_query query = { .filter = { .kinds = kinds } };

	assert_true(copy_text(query.filter.user_id, sizeof query.filter.user_id, user));
	item_order_read(&query.order, bys, directions);
	return query;
}

static void
it_holds_what_is_asked_for_in_order(void **state)
{
	struct fixture *fixture = *state;
	const unsigned songs = 1u << MEDIA_SONG, albums = 1u << MEDIA_ALBUM,
		       artists = 1u << MEDIA_ARTIST;
	struct user_list_query query = query_of(ALICE, songs, "Name", NULL);

	write_rows(fixture);
	expect(fixture, &query, "apple banana cherry fig");
	query.filter.favourite = true;
	expect(fixture, &query, "apple cherry");
	query.filter.played = true;
	expect(fixture, &query, "apple");
	query.filter.played = false;
	query.filter.unplayed = true;
	expect(fixture, &query, "cherry");
	query = query_of(ALICE, songs, "DatePlayed", "Descending");
	query.filter.played = true;
	expect(fixture, &query, "apple banana");
	query = query_of(ALICE, songs, "PlayCount", "Descending");
	query.filter.played = true;
	expect(fixture, &query, "banana apple");
	query = query_of(ALICE, songs | albums | artists, "Name", "Descending");
	query.filter.favourite = true;
	expect(fixture, &query, "elder date cherry apple");
	query = query_of(BOB, songs, "Name", NULL);
	expect(fixture, &query, "cherry");
	query.filter.favourite = true;
	expect(fixture, &query, "");
}

static void
parents_narrow_it(void **state)
{
	struct fixture *fixture = *state;
	const unsigned all = 1u << MEDIA_SONG | 1u << MEDIA_ALBUM | 1u << MEDIA_ARTIST;
	struct user_list_query query = query_of(ALICE, all, "Name", NULL);

	write_rows(fixture);
	query.parents[0] = id_of(MEDIA_ARTIST, "7");
	query.parent_count = 1;
	expect(fixture, &query, "banana cherry date");
	query.parents[1] = id_of(MEDIA_ARTIST, "8");
	query.parent_count = 2;
	expect(fixture, &query, "apple banana cherry date");
	query.parents[0] = id_of(MEDIA_ALBUM, "70");
	query.parent_count = 1;
	expect(fixture, &query, "cherry");
}

static void
what_was_cancelled_is_silent(void **state)
{
	struct fixture *fixture = *state;
	struct user_list_query query = query_of(ALICE, 1u << MEDIA_SONG, "Random", NULL);

	user_list_cancel(
		user_list_read(fixture->store, fixture->loop, &query, on_read, fixture));
	expect(fixture, &query, "");
	fixture->done = false;
	loop_turn(fixture->loop, 5);
	assert_false(fixture->done);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			it_holds_what_is_asked_for_in_order, setup, teardown),
		cmocka_unit_test_setup_teardown(parents_narrow_it, setup, teardown),
		cmocka_unit_test_setup_teardown(
			what_was_cancelled_is_silent, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
