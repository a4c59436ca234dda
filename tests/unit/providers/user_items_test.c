#include "providers/user_items.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/clock.h"
#include "core/log.h"

#define ALICE "0ee1aea595e44b91a4fcc5d9a2055479"
#define BOB   "7266ce8b774243e9b4c30fbc9488275b"

static const struct user_item_change liking = {
	.verb = USER_ITEM_FAVOURITE, .on = true, .now_ms = 1000
};
static const struct user_item_change listening = {
	.verb = USER_ITEM_LISTEN, .now_ms = 2000, .date_ms = 2000
};

struct fixture {
	char folder[64];
	struct loop *loop;
	struct store *store;
	struct user_items *items;
	int done;
	enum err err;
	struct user_item item;
	struct user_view *view; /* referenced */
	int told;               /* changes */
	char told_user[33], told_item[33];
	int rows;
	char snapshot[2048];
};

static void
on_told(void *arg, const char *user_id, const char *item_id, const struct user_item *item)
{
	struct fixture *fixture = arg;

	assert_true(loop_is_mine(fixture->loop));
	assert_true(item->version > 0);
	fixture->told++;
	copy_text(fixture->told_user, sizeof fixture->told_user, user_id);
	copy_text(fixture->told_item, sizeof fixture->told_item, item_id);
}

static void
start(struct fixture *fixture)
{
	const struct store_migration_table tables[] = {
		{ user_items_migrations, user_items_migration_count },
	};
	char why[256];

	fixture->loop = loop_new("test");
	loop_adopt(fixture->loop);
	fixture->store = store_start(fixture->folder, tables, 1, why, sizeof why);
	assert_non_null(fixture->store);
	const struct user_items_options options = { fixture->store, on_told, fixture };
	fixture->items = user_items_new(&options);
}

static void
stop(struct fixture *fixture)
{
	user_view_unref(fixture->view);
	fixture->view = NULL;
	store_stop(fixture->store);
	loop_free(fixture->loop);
	user_items_free(fixture->items);
}

static int
setup(void **state)
{
	struct fixture *fixture = xcalloc(1, sizeof *fixture);

	copy_text(fixture->folder, sizeof fixture->folder, "/tmp/user_items_test_XXXXXX");
	assert_non_null(mkdtemp(fixture->folder));
	start(fixture);
	*state = fixture;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *fixture = *state;
	DIR *directory;
	struct dirent *entry;

	stop(fixture);
	directory = opendir(fixture->folder);
	while (directory != NULL && (entry = readdir(directory)) != NULL) {
		if (entry->d_name[0] != '.')
			unlinkat(dirfd(directory), entry->d_name, 0);
	}
	closedir(directory);
	rmdir(fixture->folder);
	xfree(fixture);
	return 0;
}

static void
turn_until(struct fixture *fixture, int wanted)
{
	for (int i = 0; i < 2000 && fixture->done < wanted; i++)
		loop_turn(fixture->loop, 5);
	assert_int_equal(fixture->done, wanted);
	fixture->done = 0;
}

static void
on_changed(void *arg, enum err err, const struct user_item *item)
{
	struct fixture *fixture = arg;

	fixture->done++;
	fixture->err = err;
	fixture->item = *item;
}

static void
on_opened(void *arg, enum err err, struct user_view *view)
{
	struct fixture *fixture = arg;

	fixture->done++;
	fixture->err = err;
	user_view_unref(fixture->view);
	fixture->view = view != NULL ? user_view_ref(view) : NULL;
}

static void
on_erased(void *arg, enum err err)
{
	struct fixture *fixture = arg;

	fixture->done++;
	fixture->err = err;
}

static struct external_id
song(const char *key)
{
	struct external_id id = { .provider = PROVIDER_DEEZER, .kind = MEDIA_SONG };

	assert_true(copy_text(id.key, sizeof id.key, key));
	return id;
}

static void
change(struct fixture *fixture, const char *user, const char *key,
	const struct user_item_change *what)
{
	struct external_id id = song(key);

	user_items_change(
		fixture->items, fixture->loop, user, &id, what, NULL, on_changed, fixture);
	turn_until(fixture, 1);
}

static void
open_view(struct fixture *fixture, const char *user)
{
	user_items_open(fixture->items, fixture->loop, user, on_opened, fixture);
	turn_until(fixture, 1);
}

/* What the open view says of a song: its plays, -1 for nothing. */
static int64_t
plays(struct fixture *fixture, const char *key)
{
	struct external_id id = song(key);
	struct user_item item;

	return user_view_get(fixture->view, &id, &item) ? item.play_count : -1;
}

static void
what_was_answered_is_there_after_a_restart(void **state)
{
	struct fixture *fixture = *state;
	struct external_id id = song("1");
	struct user_item item;
	struct user_item_change rating = { .verb = USER_ITEM_RATE, .on = true };

	change(fixture, ALICE, "1", &liking);
	change(fixture, ALICE, "1", &listening);
	change(fixture, ALICE, "1", &rating);
	assert_int_equal(fixture->err, ERR_NONE);
	stop(fixture);
	start(fixture);
	open_view(fixture, ALICE);
	assert_true(user_view_get(fixture->view, &id, &item));
	assert_true(item.favourite && item.played && item.rated);
	assert_int_equal(item.favourite_since_ms, 1000);
	assert_int_equal(item.play_count, 1);
	assert_int_equal(item.last_played_ms, 2000);
	assert_int_equal(item.version, 3);
}

static void
a_user_sees_nothing_of_anothers(void **state)
{
	struct fixture *fixture = *state;

	change(fixture, ALICE, "1", &listening);
	open_view(fixture, BOB);
	assert_int_equal(plays(fixture, "1"), -1);
	change(fixture, BOB, "2", &listening);
	open_view(fixture, ALICE);
	assert_int_equal(plays(fixture, "1"), 1);
	assert_int_equal(plays(fixture, "2"), -1);
}

static void
an_open_view_follows_every_change(void **state)
{
	struct fixture *fixture = *state;

	assert_null(user_items_peek(fixture->items, ALICE));
	change(fixture, ALICE, "1", &listening);
	assert_null(user_items_peek(fixture->items, ALICE));
	open_view(fixture, ALICE);
	assert_int_equal(plays(fixture, "1"), 1);
	change(fixture, ALICE, "1", &listening);
	change(fixture, ALICE, "2", &listening);
	assert_int_equal(plays(fixture, "1"), 2);
	assert_int_equal(plays(fixture, "2"), 1);
	struct user_view *view = user_items_peek(fixture->items, ALICE);
	assert_ptr_equal(view, fixture->view);
	user_view_unref(view);
}

/* The view is being read while another change is made: neither is lost. */
static void
changes_while_a_view_is_read_are_in_it(void **state)
{
	struct fixture *fixture = *state;
	struct external_id id = song("1");

	for (int i = 0; i < 50; i++)
		user_items_change(fixture->items, fixture->loop, ALICE, &id, &listening,
			NULL, on_changed, fixture);
	user_items_open(fixture->items, fixture->loop, ALICE, on_opened, fixture);
	for (int i = 0; i < 50; i++)
		user_items_change(fixture->items, fixture->loop, ALICE, &id, &listening,
			NULL, on_changed, fixture);
	turn_until(fixture, 101);
	assert_int_equal(plays(fixture, "1"), 100);
}

static void
everybody_is_told_once_it_is_kept(void **state)
{
	struct fixture *fixture = *state;
	struct external_id id = song("1");

	struct user_items_op *op = user_items_change(fixture->items, fixture->loop, ALICE,
		&id, &liking, NULL, on_changed, fixture);
	assert_int_equal(fixture->told, 0);
	/* The client has left: it is made and told all the same. */
	user_items_cancel(op);
	for (int i = 0; i < 2000 && fixture->told == 0; i++)
		loop_turn(fixture->loop, 5);
	assert_int_equal(fixture->told, 1);
	assert_int_equal(fixture->done, 0);
	assert_string_equal(fixture->told_user, ALICE);
	assert_string_equal(fixture->told_item, "65787401110000000000000000000001");
}

static bool
drop_table(sqlite3 *database, void *arg)
{
	(void)arg;
	return sqlite3_exec(database, "DROP TABLE user_items", NULL, NULL, NULL) ==
	       SQLITE_OK;
}

static void
on_dropped(void *arg, enum err err)
{
	assert_int_equal(err, ERR_NONE);
	((struct fixture *)arg)->done++;
}

static void
what_is_not_kept_is_an_error(void **state)
{
	struct fixture *fixture = *state;

	open_view(fixture, ALICE);
	store_write(fixture->store, fixture->loop, drop_table, on_dropped, fixture, NULL);
	turn_until(fixture, 1);
	change(fixture, ALICE, "1", &liking);
	assert_int_equal(fixture->err, ERR_IO);
	assert_int_equal(fixture->item.version, 0);
	assert_int_equal(fixture->told, 0);
	assert_int_equal(plays(fixture, "1"), -1);
	user_items_open(fixture->items, fixture->loop, BOB, on_opened, fixture);
	turn_until(fixture, 1);
	assert_int_equal(fixture->err, ERR_IO);
	assert_null(fixture->view);
	assert_null(user_items_peek(fixture->items, BOB));
}

/* As many pages as there are, or as many as may be. */
static bool
fill_disk(sqlite3 *database, void *arg)
{
	(void)arg;
	return sqlite3_exec(database, "PRAGMA max_page_count = 1", NULL, NULL, NULL) ==
	       SQLITE_OK;
}

static bool
empty_disk(sqlite3 *database, void *arg)
{
	(void)arg;
	return sqlite3_exec(database, "PRAGMA max_page_count = 1000000", NULL, NULL,
		       NULL) == SQLITE_OK;
}

static void
a_full_disk_is_an_error_that_passes(void **state)
{
	struct fixture *fixture = *state;
	char key[16];
	int song_number = 0;

	open_view(fixture, ALICE);
	store_write(fixture->store, fixture->loop, fill_disk, on_dropped, fixture, NULL);
	turn_until(fixture, 1);
	/* What is free in the pages that there are is used up first. */
	while (fixture->err == ERR_NONE && song_number < 5000) {
		snprintf(key, sizeof key, "%d", ++song_number);
		change(fixture, ALICE, key, &listening);
	}
	assert_int_equal(fixture->err, ERR_IO);
	assert_int_equal(plays(fixture, key), -1);
	assert_int_equal(fixture->told, song_number - 1);
	store_write(fixture->store, fixture->loop, empty_disk, on_dropped, fixture, NULL);
	turn_until(fixture, 1);
	change(fixture, ALICE, key, &listening);
	assert_int_equal(fixture->err, ERR_NONE);
	stop(fixture);
	start(fixture);
	open_view(fixture, ALICE);
	for (int i = 1; i <= song_number; i++) {
		snprintf(key, sizeof key, "%d", i);
		assert_int_equal(plays(fixture, key), 1);
	}
}

/* ---- snapshots ---- */

static void
add_row(void *arg, const struct user_items_row *row)
{
	struct fixture *fixture = arg;

	fixture->rows++;
	assert_true(row->snapshot.size < sizeof fixture->snapshot);
	memcpy(fixture->snapshot, row->snapshot.data, row->snapshot.size);
	fixture->snapshot[row->snapshot.size] = '\0';
}

static bool
run_list(sqlite3 *database, void *arg)
{
	const struct user_items_filter filter = {
		.user_id = ALICE, .kinds = 1u << MEDIA_SONG, .most = 10
	};

	return user_items_store_list(database, &filter, add_row, arg);
}

static void
list(struct fixture *fixture)
{
	fixture->rows = 0;
	store_read(
		fixture->store, fixture->loop, 2000, run_list, on_dropped, fixture, NULL);
	turn_until(fixture, 1);
}

static struct media_list *
seen(const char *key, const char *title, int64_t seen_ms)
{
	struct media_list *list = media_list_new(1);
	struct media *media = media_list_add(list);

	media->kind = MEDIA_SONG;
	media->id = song(key);
	media->title = xstrdup(title);
	media->seen_ms = seen_ms;
	return list;
}

static void
what_it_looks_like_is_kept_beside_it(void **state)
{
	struct fixture *fixture = *state;
	struct media_list *given = seen("1", "Given", 20), *older = seen("1", "Older", 10);
	struct external_id id = song("1");

	change(fixture, ALICE, "1", &liking);
	list(fixture);
	assert_int_equal(fixture->rows, 0); /* nobody knows what it looks like */
	user_items_change(fixture->items, fixture->loop, ALICE, &id, &liking,
		&given->items[0], on_changed, fixture);
	turn_until(fixture, 1);
	list(fixture);
	assert_int_equal(fixture->rows, 1);
	assert_non_null(strstr(fixture->snapshot, "Given"));
	/* Seen lately will do, but not what is older than what there is. */
	user_items_see(fixture->items, ALICE, &older->items[0]);
	change(fixture, ALICE, "1", &listening);
	list(fixture);
	assert_non_null(strstr(fixture->snapshot, "Given"));
	media_list_unref(given);
	given = seen("1", "Newer", 30);
	user_items_see(fixture->items, ALICE, &given->items[0]);
	change(fixture, ALICE, "1", &listening);
	list(fixture);
	assert_non_null(strstr(fixture->snapshot, "Newer"));
	media_list_unref(given);
	media_list_unref(older);
}

static void
what_is_seen_anew_is_kept_anew_once_a_day(void **state)
{
	struct fixture *fixture = *state;
	struct media_list *newer = seen("1", "Newer", 30),
			  *newest = seen("1", "Newest", 40);

	clock_enable_test();
	user_items_see(fixture->items, ALICE, &newer->items[0]);
	change(fixture, ALICE, "1", &liking);
	open_view(fixture, ALICE);
	user_items_see(fixture->items, BOB, &newest->items[0]); /* has no part in it */
	list(fixture);
	assert_null(strstr(fixture->snapshot, "Newest"));
	user_items_see(fixture->items, ALICE, &newest->items[0]);
	change(fixture, ALICE, "2", &liking); /* the writer is through with it */
	list(fixture);
	assert_non_null(strstr(fixture->snapshot, "Newest"));
	media_list_unref(newer);
	newer = seen("1", "Tomorrow", 50);
	user_items_see(fixture->items, ALICE, &newer->items[0]);
	change(fixture, ALICE, "2", &liking);
	list(fixture);
	assert_null(strstr(fixture->snapshot, "Tomorrow"));
	clock_advance(25 * 3600 * 1000);
	user_items_see(fixture->items, ALICE, &newer->items[0]);
	change(fixture, ALICE, "2", &liking);
	list(fixture);
	assert_non_null(strstr(fixture->snapshot, "Tomorrow"));
	media_list_unref(newer);
	media_list_unref(newest);
}

/* ---- many at once ---- */

static void
all_songs_of_a_list_are_changed_or_none(void **state)
{
	struct fixture *fixture = *state;
	struct media_list *songs = seen("1", "One", 20), *no_id = seen("x!", "Odd", 20);
	struct media_list *more = seen("2", "Two", 20);

	open_view(fixture, ALICE);
	media_list_append(songs, more);
	user_items_change_all(fixture->items, fixture->loop, ALICE, songs, &listening,
		on_erased, fixture);
	turn_until(fixture, 1);
	assert_int_equal(fixture->err, ERR_NONE);
	assert_int_equal(plays(fixture, "1"), 1);
	assert_int_equal(plays(fixture, "2"), 1);
	assert_int_equal(fixture->told, 2);
	list(fixture);
	assert_int_equal(fixture->rows, 2); /* their snapshots too */
	media_list_append(songs, no_id);
	user_items_change_all(fixture->items, fixture->loop, ALICE, songs, &listening,
		on_erased, fixture);
	turn_until(fixture, 1);
	assert_int_equal(fixture->err, ERR_IO);
	assert_int_equal(plays(fixture, "1"), 1);
	assert_int_equal(fixture->told, 2);
	media_list_unref(songs);
	media_list_unref(more);
	media_list_unref(no_id);
}

/* ---- erasing ---- */

static void
an_erased_user_has_done_nothing(void **state)
{
	struct fixture *fixture = *state;
	struct media_list *one = seen("1", "One", 20), *two = seen("2", "Two", 20);

	user_items_see(fixture->items, ALICE, &one->items[0]);
	user_items_see(fixture->items, ALICE, &two->items[0]);
	change(fixture, ALICE, "1", &listening);
	change(fixture, BOB, "1", &listening);
	change(fixture, ALICE, "2", &listening);
	open_view(fixture, ALICE);
	user_items_erase(fixture->items, fixture->loop, ALICE, on_erased, fixture);
	turn_until(fixture, 1);
	assert_int_equal(fixture->err, ERR_NONE);
	assert_null(user_items_peek(fixture->items, ALICE));
	open_view(fixture, ALICE);
	assert_int_equal(plays(fixture, "1"), -1);
	change(fixture, ALICE, "1", &listening);
	assert_int_equal(plays(fixture, "1"), 1);
	open_view(fixture, BOB);
	assert_int_equal(plays(fixture, "1"), 1);
	media_list_unref(one);
	media_list_unref(two);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			what_was_answered_is_there_after_a_restart, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_user_sees_nothing_of_anothers, setup, teardown),
		cmocka_unit_test_setup_teardown(
			an_open_view_follows_every_change, setup, teardown),
		cmocka_unit_test_setup_teardown(
			changes_while_a_view_is_read_are_in_it, setup, teardown),
		cmocka_unit_test_setup_teardown(
			everybody_is_told_once_it_is_kept, setup, teardown),
		cmocka_unit_test_setup_teardown(
			what_is_not_kept_is_an_error, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_full_disk_is_an_error_that_passes, setup, teardown),
		cmocka_unit_test_setup_teardown(
			what_it_looks_like_is_kept_beside_it, setup, teardown),
		cmocka_unit_test_setup_teardown(
			what_is_seen_anew_is_kept_anew_once_a_day, setup, teardown),
		cmocka_unit_test_setup_teardown(
			all_songs_of_a_list_are_changed_or_none, setup, teardown),
		cmocka_unit_test_setup_teardown(
			an_erased_user_has_done_nothing, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
