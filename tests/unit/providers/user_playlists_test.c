#include "providers/user_playlists.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/log.h"

#define LIST  "0ee1aea595e44b91a4fcc5d9a2055479"
#define OWNER "7266ce8b774243e9b4c30fbc9488275b"

struct fixture {
	char folder[64];
	struct loop *loop;
	struct store *store;
	struct user_playlists *playlists;
	int done;
	enum err err;
	struct playlist_order order;
	struct media_list *songs;
	size_t found[8];
};

static void
on_loaded(void *arg)
{
	((struct fixture *)arg)->done++;
}

static void
wait_done(struct fixture *fixture)
{
	int before = fixture->done;

	for (int i = 0; i < 500 && fixture->done == before; i++)
		loop_turn(fixture->loop, 10);
	assert_int_equal(fixture->done, before + 1);
}

static void
start(struct fixture *fixture)
{
	const struct store_migration_table tables[] = {
		{ user_playlists_migrations, user_playlists_migration_count },
	};
	char why[256];

	fixture->loop = loop_new("test");
	loop_adopt(fixture->loop);
	fixture->store = store_start(fixture->folder, tables, 1, why, sizeof why);
	assert_non_null(fixture->store);
	fixture->playlists = user_playlists_new(fixture->store);
	user_playlists_load(fixture->playlists, fixture->loop, on_loaded, fixture);
	wait_done(fixture);
}

static void
stop(struct fixture *fixture)
{
	playlist_order_fini(&fixture->order);
	media_list_unref(fixture->songs);
	fixture->songs = NULL;
	store_stop(fixture->store);
	loop_free(fixture->loop);
	user_playlists_free(fixture->playlists);
}

static int
setup(void **state)
{
	struct fixture *fixture = xcalloc(1, sizeof *fixture);

	copy_text(
		fixture->folder, sizeof fixture->folder, "/tmp/user_playlists_test_XXXXXX");
	assert_non_null(mkdtemp(fixture->folder));
	start(fixture);
	*state = fixture;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *fixture = *state;
	struct dirent *entry;

	stop(fixture);
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

/* ---- lists as texts: capitals are local, small letters external ---- */

static struct playlist_member
member_of(char letter)
{
	struct playlist_member member = { .external = letter >= 'a' };

	snprintf(member.id, sizeof member.id, "%032x", (unsigned char)letter);
	if (member.external)
		snprintf(member.song, sizeof member.song, "657874011100%020x",
			(unsigned char)letter);
	return member;
}

static struct playlist_order
order_of(const char *letters)
{
	struct playlist_order order = { 0 };

	for (size_t i = 0; letters[i] != '\0'; i++) {
		struct playlist_member member = member_of(letters[i]);
		playlist_order_insert(&order, order.count, &member, 1);
	}
	return order;
}

static const char *
letters_of(const struct playlist_order *order)
{
	static char letters[64];

	for (size_t i = 0; i < order->count; i++)
		letters[i] = (char)strtol(order->members[i].id, NULL, 16);
	letters[order->count] = '\0';
	return letters;
}

static struct media_list *
media_of(const char *letters, const char *picture)
{
	struct media_list *list = media_list_new(0);

	for (; *letters != '\0'; letters++) {
		struct media *media = media_list_add(list);
		media->kind = MEDIA_SONG;
		media->id = (struct external_id){ PROVIDER_DEEZER, MEDIA_SONG, "" };
		snprintf(media->id.key, sizeof media->id.key, "%d", *letters);
		media->title = xstrdup((const char[]){ *letters, '\0' });
		media->duration_ms = 1000;
		media->image_key = xstrdup_or_null(picture);
		media->image_base = xstrdup_or_null(picture);
	}
	return list;
}

static void
on_written(void *arg, enum err err)
{
	struct fixture *fixture = arg;

	fixture->err = err;
	fixture->done++;
}

static void
write_list(struct fixture *fixture, const char *letters, const char *fresh,
	const char *picture, const char *owner)
{
	struct playlist_order order = order_of(letters);
	struct media_list *media = media_of(fresh, picture);
	struct user_playlist_song songs[8];

	for (size_t i = 0; i < media->count; i++) {
		copy_text(songs[i].entry, sizeof songs[i].entry, member_of(fresh[i]).id);
		songs[i].media = &media->items[i];
	}
	user_playlists_write(fixture->playlists, fixture->loop, LIST, owner, &order, songs,
		media->count, NULL, on_written, fixture);
	playlist_order_fini(&order);
	media_list_unref(media);
	wait_done(fixture);
	assert_int_equal(fixture->err, ERR_NONE);
}

static void
on_read(void *arg, enum err err, const struct playlist_order *order)
{
	struct fixture *fixture = arg;

	playlist_order_fini(&fixture->order);
	playlist_order_copy(&fixture->order, order);
	fixture->err = err;
	fixture->done++;
}

static const char *
read_list(struct fixture *fixture)
{
	user_playlists_read(fixture->playlists, fixture->loop, LIST, on_read, fixture);
	wait_done(fixture);
	return fixture->err == ERR_NONE ? letters_of(&fixture->order) : NULL;
}

static void
on_songs(void *arg, enum err err, struct media_list *list, const size_t *found)
{
	struct fixture *fixture = arg;

	media_list_unref(fixture->songs);
	fixture->songs = media_list_ref(list);
	memcpy(fixture->found, found, 3 * sizeof *found);
	fixture->err = err;
	fixture->done++;
}

static void
a_list_is_there_after_a_restart(void **state)
{
	struct fixture *fixture = *state;
	struct user_playlist_facts facts;

	assert_null(read_list(fixture));
	assert_int_equal(fixture->err, ERR_NOT_FOUND);
	write_list(fixture, "AxBy", "xy", NULL, OWNER);
	stop(fixture);
	start(fixture);
	assert_string_equal(read_list(fixture), "AxBy");
	assert_true(user_playlists_facts(fixture->playlists, LIST, &facts));
	assert_true(user_playlists_any(fixture->playlists));
	assert_int_equal(facts.songs, 2);
	assert_int_equal(facts.parts[PROVIDER_DEEZER].songs, 2);
	assert_int_equal(facts.parts[PROVIDER_DEEZER].duration_ms, 2000);
	assert_int_equal(facts.parts[PROVIDER_QOBUZ].songs, 0);
	assert_string_equal(facts.owner, OWNER);
	assert_string_equal(facts.picture, "");
}

static void
songs_come_in_the_order_asked_for(void **state)
{
	struct fixture *fixture = *state;
	char entries[3][PLAYLIST_ID_HEX];

	write_list(fixture, "xAy", "xy", NULL, OWNER);
	copy_text(entries[0], PLAYLIST_ID_HEX, member_of('y').id);
	copy_text(entries[1], PLAYLIST_ID_HEX, member_of('z').id);
	copy_text(entries[2], PLAYLIST_ID_HEX, member_of('x').id);
	user_playlists_songs(fixture->playlists, fixture->loop, LIST,
		(const char(*)[PLAYLIST_ID_HEX])entries, 3, on_songs, fixture);
	wait_done(fixture);
	assert_int_equal(fixture->err, ERR_NONE);
	assert_string_equal(fixture->songs->items[fixture->found[0]].title, "y");
	assert_true(fixture->found[1] == SIZE_MAX);
	assert_string_equal(fixture->songs->items[fixture->found[2]].title, "x");
}

static void
entries_that_are_gone_are_forgotten(void **state)
{
	struct fixture *fixture = *state;
	struct user_playlist_facts facts;

	write_list(fixture, "AxBy", "xy", NULL, OWNER);
	write_list(fixture, "yzA", "z", "cover", "");
	assert_string_equal(read_list(fixture), "yzA");
	assert_true(user_playlists_facts(fixture->playlists, LIST, &facts));
	assert_int_equal(facts.songs, 2);
	assert_string_equal(facts.owner, OWNER); /* it is still theirs */
	assert_string_equal(facts.picture_song, member_of('z').song);
	assert_true(facts.picture[0] != '\0');
}

static void
without_external_entries_there_is_nothing(void **state)
{
	struct fixture *fixture = *state;

	write_list(fixture, "AxB", "x", NULL, OWNER);
	write_list(fixture, "AB", "", NULL, "");
	assert_null(read_list(fixture));
	assert_false(user_playlists_facts(fixture->playlists, LIST, NULL));
	assert_false(user_playlists_any(fixture->playlists));
}

static void
a_dropped_list_does_not_come_back(void **state)
{
	struct fixture *fixture = *state;

	write_list(fixture, "AxB", "x", NULL, OWNER);
	user_playlists_drop(fixture->playlists, LIST);
	assert_false(user_playlists_facts(fixture->playlists, LIST, NULL));
	stop(fixture);
	start(fixture);
	assert_null(read_list(fixture));
	assert_false(user_playlists_any(fixture->playlists));
}

static void
settle(struct fixture *fixture, const struct playlist_order *before,
	const struct playlist_order *after)
{
	user_playlists_settle(fixture->playlists, fixture->loop, LIST, before, after,
		on_written, fixture);
	wait_done(fixture);
	assert_int_equal(fixture->err, ERR_NONE);
}

static void
what_is_shown_is_kept_unless_it_has_changed(void **state)
{
	struct fixture *fixture = *state;
	struct playlist_order before = order_of("AxB"), after = order_of("BAx"),
			      late = order_of("xBA");

	write_list(fixture, "AxB", "x", NULL, OWNER);
	settle(fixture, &before, &after);
	assert_string_equal(read_list(fixture), "BAx");
	settle(fixture, &before, &late);
	assert_string_equal(read_list(fixture), "BAx");
	write_list(fixture, "BAxy", "y", NULL, "");
	settle(fixture, &after, &before);
	assert_string_equal(read_list(fixture), "BAxy");
	playlist_order_fini(&before);
	playlist_order_fini(&after);
	playlist_order_fini(&late);
}

static void
a_cancelled_write_is_written_and_its_turn_left(void **state)
{
	struct fixture *fixture = *state;
	struct playlist_turns *turns = user_playlists_turns(fixture->playlists);
	struct playlist_order order = order_of("Ax");
	struct media_list *media = media_of("x", NULL);
	struct user_playlist_song song = { .media = &media->items[0] };

	copy_text(song.entry, sizeof song.entry, member_of('x').id);
	struct playlist_turn *first =
		playlist_turn_wait(turns, fixture->loop, LIST, 1000, on_written, fixture);
	wait_done(fixture);
	struct user_playlist_call *call = user_playlists_write(fixture->playlists,
		fixture->loop, LIST, "", &order, &song, 1, first, on_written, fixture);
	user_playlists_cancel(call);
	struct playlist_turn *second =
		playlist_turn_wait(turns, fixture->loop, LIST, 100000, on_written, fixture);
	wait_done(fixture); /* the second turn's, nothing else */
	assert_string_equal(read_list(fixture), "Ax");
	playlist_turn_leave(second);
	playlist_order_fini(&order);
	media_list_unref(media);
}

static void
no_two_entries_have_one_id(void **state)
{
	char one[PLAYLIST_ID_HEX], other[PLAYLIST_ID_HEX], again[PLAYLIST_ID_HEX];
	struct external_id id;

	(void)state;
	user_playlist_entry_id(one);
	user_playlist_entry_id(other);
	assert_string_not_equal(one, other);
	assert_true(playlist_id_read(again, slice_of(one)));
	assert_string_equal(one, again);
	assert_false(external_id_parse(&id, slice_of(one))); /* it names no song */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_list_is_there_after_a_restart),
		TEST(songs_come_in_the_order_asked_for),
		TEST(entries_that_are_gone_are_forgotten),
		TEST(without_external_entries_there_is_nothing),
		TEST(a_dropped_list_does_not_come_back),
		TEST(what_is_shown_is_kept_unless_it_has_changed),
		TEST(a_cancelled_write_is_written_and_its_turn_left),
		cmocka_unit_test(no_two_entries_have_one_id),
	};

	log_set_level(LOG_LEVEL_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
