#include "providers/track_cache.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "providers/track_download.h"
#include "providers/track_reader.h"
#include "tests/unit/providers/fake_tracks.h"

struct fixture {
	struct loop *loop;  /* the CDN's, and the downloads' */
	struct loop *other; /* another worker's */
	struct fake_tracks fake;
	char folder[64];
	struct track_cache *cache;
	struct track_slots *slots;
	int ended;
};

/* Who listens. */
struct listener {
	struct fixture *fixture;
	struct track_copy *copy;
	struct track_reader *reader;
	struct track_download *download; /* begun for it */
	int64_t at;
	int done; /* all of it has come, or none will */
	int elsewhere;
	enum err err;
	bool lazy; /* takes nothing by itself */
};

/* ---- fixture ---- */

static void
open_cache(struct fixture *fixture, int64_t bytes_most)
{
	const struct track_cache_options options = { .folder = fixture->folder,
		.bytes_most = bytes_most,
		.age_most_ms = 24LL * 3600 * 1000 };
	char why[200];

	fixture->cache = track_cache_start(&options, why, sizeof why);
	assert_non_null(fixture->cache);
}

static int
setup(void **state)
{
	struct fixture *fixture = xcalloc(1, sizeof *fixture);

	clock_enable_test();
	snprintf(fixture->folder, sizeof fixture->folder, "/tmp/sidetrack-tracks-XXXXXX");
	assert_non_null(mkdtemp(fixture->folder));
	fixture->loop = loop_new("one");
	loop_adopt(fixture->loop);
	fixture->other = loop_new("other");
	loop_adopt(fixture->other);
	fake_tracks_open(&fixture->fake, fixture->loop);
	fixture->slots = track_slots_new();
	open_cache(fixture, 100LL << 20);
	*state = fixture;
	return 0;
}

static int
count_files(struct fixture *fixture, const char *end)
{
	DIR *folder = opendir(fixture->folder);
	struct dirent *file;
	int count = 0;

	while (folder != NULL && (file = readdir(folder)) != NULL) {
		size_t size = strlen(file->d_name), tail = strlen(end);
		count += file->d_name[0] != '.' && size >= tail &&
			 strcmp(file->d_name + size - tail, end) == 0;
	}
	if (folder != NULL)
		closedir(folder);
	return count;
}

static void
remove_files(struct fixture *fixture)
{
	DIR *folder = opendir(fixture->folder);
	struct dirent *file;

	while (folder != NULL && (file = readdir(folder)) != NULL)
		unlinkat(dirfd(folder), file->d_name, 0);
	if (folder != NULL)
		closedir(folder);
	rmdir(fixture->folder);
}

static int
teardown(void **state)
{
	struct fixture *fixture = *state;

	track_cache_stop(fixture->cache);
	fake_tracks_close(&fixture->fake);
	track_slots_free(fixture->slots);
	loop_free(fixture->other);
	loop_free(fixture->loop);
	remove_files(fixture);
	xfree(fixture);
	return 0;
}

static void
turn(struct fixture *fixture)
{
	loop_turn(fixture->loop, 1);
	loop_turn(fixture->other, 1);
}

static void
wait_for(struct fixture *fixture, const int *what, int wanted)
{
	for (int i = 0; i < 2500 && *what < wanted; i++)
		turn(fixture);
	assert_true(*what >= wanted);
}

static void
rest(struct fixture *fixture)
{
	for (int i = 0; i < 20; i++)
		turn(fixture);
}

static void
wait_files(struct fixture *fixture, const char *end, int wanted)
{
	for (int i = 0; i < 2500 && count_files(fixture, end) != wanted; i++)
		turn(fixture);
	assert_int_equal(count_files(fixture, end), wanted);
}

/* ---- listening ---- */

static void
on_wake(void *arg)
{
	struct listener *listener = arg;
	enum track_step step = TRACK_STEP_PART;
	struct track_part part;

	while (!listener->lazy && step == TRACK_STEP_PART && listener->at < SONG_BYTES) {
		step = track_reader_next(listener->reader, listener->at, &part);
		if (step == TRACK_STEP_PART) {
			assert_memory_equal(part.data,
				listener->fixture->fake.song + listener->at, part.size);
			listener->at += (int64_t)part.size;
			track_part_free(&part);
		}
	}
	listener->elsewhere += step == TRACK_STEP_ELSEWHERE;
	if (step == TRACK_STEP_FAILED)
		listener->err = part.err;
	listener->done += step == TRACK_STEP_FAILED || listener->at == SONG_BYTES;
}

static void
on_ended(void *arg, struct track_download *download)
{
	(void)download;
	((struct fixture *)arg)->ended++;
}

static struct track_want
want(const char *song)
{
	struct track_want wanted = { .key = { .provider = PROVIDER_QOBUZ, .account = 7 },
		.qualities = TRACK_ALL_FULL };

	copy_text(wanted.key.song, sizeof wanted.key.song, song);
	return wanted;
}

/* Returns whether a download was begun for it. */
static bool
listen_on(struct fixture *fixture, struct listener *listener, const char *song,
	struct loop *loop, int64_t at)
{
	const struct track_download_options options = { .place = fake_place(&fixture->fake),
		.cache = fixture->cache,
		.slots = fixture->slots,
		.account = 7,
		.downloads = fixture->fake.lane.downloads,
		.ended = on_ended,
		.arg = fixture };
	const struct track_want wanted = want(song);
	const struct track_wish wish = fake_wish(song);
	bool fresh;

	listener->fixture = fixture;
	listener->at = at;
	listener->copy = track_cache_take(fixture->cache, &wanted, &fresh);
	listener->download =
		fresh ? track_download_start(&options, &wish, listener->copy) : NULL;
	listener->reader = track_reader_new(listener->copy, loop, on_wake, listener);
	return fresh;
}

static bool
listen_to(struct fixture *fixture, struct listener *listener, const char *song)
{
	return listen_on(fixture, listener, song, fixture->loop, 0);
}

static void
leave(struct listener *listener)
{
	track_reader_free(listener->reader);
	track_cache_give_back(listener->fixture->cache, listener->copy);
}

static void
hear_whole(struct fixture *fixture, const char *song, bool fresh)
{
	struct listener listener = { 0 };

	assert_int_equal(listen_to(fixture, &listener, song), fresh);
	wait_for(fixture, &listener.done, 1);
	assert_int_equal(listener.err, ERR_NONE);
	leave(&listener);
}

/* With its file on the disk. */
static void
store(struct fixture *fixture, const char *song)
{
	int files = count_files(fixture, ".track");

	hear_whole(fixture, song, true);
	wait_files(fixture, ".track", files + 1);
	wait_files(fixture, ".part", 0);
	rest(fixture);
}

static void
path_of_the_file(struct fixture *fixture, char *path, size_t size)
{
	DIR *folder = opendir(fixture->folder);
	struct dirent *file;

	while ((file = readdir(folder)) != NULL) {
		if (file->d_name[0] != '.')
			snprintf(path, size, "%s/%s", fixture->folder, file->d_name);
	}
	closedir(folder);
}

/* ---- tests ---- */

static void
a_song_is_fetched_once_and_then_read_from_its_file(void **state)
{
	struct fixture *fixture = *state;
	struct track_format format;
	const struct track_want wanted = want("s1");

	assert_false(track_cache_peek(fixture->cache, &wanted, &format));
	store(fixture, "s1");
	assert_true(track_cache_peek(fixture->cache, &wanted, &format));
	assert_int_equal(format.size, SONG_BYTES);
	assert_int_equal(format.quality, TRACK_FLAC);
	for (int i = 0; i < 3; i++)
		hear_whole(fixture, "s1", false);
	assert_int_equal(fixture->fake.calls, 1);
	assert_int_equal(fixture->fake.opens, 1);
}

static void
all_who_listen_share_one_download(void **state)
{
	struct fixture *fixture = *state;
	struct listener all[6] = { 0 };

	for (size_t i = 0; i < COUNT_OF(all); i++)
		assert_int_equal(listen_on(fixture, &all[i], "s1",
					 i % 2 == 0 ? fixture->loop : fixture->other,
					 (int64_t)i * 1000),
			i == 0);
	for (size_t i = 0; i < COUNT_OF(all); i++)
		wait_for(fixture, &all[i].done, 1);
	for (size_t i = 0; i < COUNT_OF(all); i++) {
		assert_int_equal(all[i].err, ERR_NONE);
		leave(&all[i]);
	}
	assert_int_equal(fixture->fake.calls, 1);
}

static void
what_has_come_of_a_growing_song_can_be_read(void **state)
{
	struct fixture *fixture = *state;
	struct listener first = { 0 }, amid = { 0 }, near = { 0 }, far = { 0 };

	fixture->fake.holds_back = true;
	listen_to(fixture, &first, "s1");
	wait_for(fixture, &fixture->fake.held_count, 1);
	fake_tracks_go_on(&fixture->fake, 0, 99999);
	for (int i = 0; i < 1000 && first.at < 100000; i++)
		turn(fixture);
	assert_int_equal(first.at, 100000);
	listen_on(fixture, &amid, "s1", fixture->other, 70000);
	listen_on(fixture, &near, "s1", fixture->other, 100000 + 500000);
	listen_on(fixture, &far, "s1", fixture->other, 100000 + 530000);
	rest(fixture);
	assert_int_equal(amid.at, 100000);
	assert_int_equal(near.elsewhere, 0);
	assert_int_equal(far.elsewhere, 1);
	assert_int_equal(first.done + amid.done + near.done, 0);
	fake_tracks_go_on(&fixture->fake, 0, SONG_BYTES - 1);
	wait_for(fixture, &first.done, 1);
	wait_for(fixture, &amid.done, 1);
	wait_for(fixture, &near.done, 1);
	assert_true(track_reader_may(far.reader, far.at));
	leave(&first);
	leave(&amid);
	leave(&near);
	leave(&far);
}

static void
a_slow_listener_holds_nobody_up(void **state)
{
	struct fixture *fixture = *state;
	struct listener slow = { .lazy = true }, quick = { 0 };

	listen_to(fixture, &slow, "s1");
	listen_on(fixture, &quick, "s1", fixture->other, 0);
	wait_for(fixture, &quick.done, 1);
	wait_for(fixture, &fixture->ended, 1); /* and the account's slot is free */
	wait_files(fixture, ".track", 1);
	slow.lazy = false;
	track_reader_yield(slow.reader);
	wait_for(fixture, &slow.done, 1);
	leave(&slow);
	leave(&quick);
}

static void
a_restart_finds_whole_files_and_removes_the_rest(void **state)
{
	struct fixture *fixture = *state;
	char path[200], name[300];

	store(fixture, "s1");
	path_of_the_file(fixture, path, sizeof path);
	store(fixture, "s2");
	track_cache_stop(fixture->cache);
	snprintf(name, sizeof name, "%s.part", path);
	close(open(name, O_CREAT | O_WRONLY, 0600));
	snprintf(name, sizeof name, "%s/garbage.track", fixture->folder);
	close(open(name, O_CREAT | O_WRONLY, 0600));
	assert_int_equal(truncate(path, SONG_BYTES), 0);
	open_cache(fixture, 100LL << 20);
	assert_int_equal(count_files(fixture, ""), 1);
	hear_whole(fixture, "s2", false);
	store(fixture, "s1");
	assert_int_equal(fixture->fake.calls, 3);
}

static void
a_damaged_file_is_never_served(void **state)
{
	struct fixture *fixture = *state;
	/* In the song, in a sum, in the footer. */
	static const int64_t places[] = { 200000, SONG_BYTES + 9, SONG_BYTES + 100 };

	for (size_t i = 0; i < COUNT_OF(places); i++) {
		struct listener listener = { 0 };
		char path[200], byte;

		store(fixture, "s1");
		path_of_the_file(fixture, path, sizeof path);
		int file = open(path, O_RDWR);
		assert_int_equal(pread(file, &byte, 1, places[i]), 1);
		byte ^= 1;
		assert_int_equal(pwrite(file, &byte, 1, places[i]), 1);
		close(file);
		assert_false(listen_to(fixture, &listener, "s1"));
		wait_for(fixture, &listener.done, 1);
		assert_int_equal(listener.err, ERR_IO);
		/* What was before it has been compared with the song. */
		assert_int_equal(listener.at, i == 0 ? 3 * TRACK_BLOCK : 0);
		leave(&listener);
		wait_files(fixture, ".track", 0);
	}
}

static void
what_was_unused_longest_goes_first(void **state)
{
	struct fixture *fixture = *state;

	track_cache_stop(fixture->cache);
	open_cache(fixture, 2 * SONG_BYTES + 100000);
	store(fixture, "s1");
	store(fixture, "s2");
	hear_whole(fixture, "s1", false);
	hear_whole(fixture, "s3", true);
	for (int i = 0; i < 1000 && count_files(fixture, ".part") > 0; i++)
		turn(fixture);
	wait_files(fixture, ".track", 2);
	hear_whole(fixture, "s1", false);
	hear_whole(fixture, "s3", false);
	/* What is being listened to stays, too much or not. */
	struct listener one = { .lazy = true }, three = { .lazy = true };
	assert_false(listen_to(fixture, &one, "s1"));
	assert_false(listen_to(fixture, &three, "s3"));
	hear_whole(fixture, "s2", true);
	one.lazy = three.lazy = false;
	track_reader_yield(one.reader);
	track_reader_yield(three.reader);
	wait_for(fixture, &one.done, 1);
	wait_for(fixture, &three.done, 1);
	assert_int_equal(one.err, ERR_NONE);
	leave(&one);
	leave(&three);
}

static void
files_do_not_get_old(void **state)
{
	struct fixture *fixture = *state;

	store(fixture, "s1");
	clock_advance(23LL * 3600 * 1000);
	hear_whole(fixture, "s1", false);
	clock_advance(2LL * 3600 * 1000);
	wait_files(fixture, ".track", 0);
	store(fixture, "s1");
}

static void
nothing_is_stored_where_nothing_may_be(void **state)
{
	struct fixture *fixture = *state;
	struct listener first = { 0 }, second = { .lazy = true };

	track_cache_stop(fixture->cache);
	open_cache(fixture, 0);
	listen_to(fixture, &first, "s1");
	listen_to(fixture, &second, "s1");
	wait_for(fixture, &first.done, 1);
	rest(fixture);
	assert_int_equal(count_files(fixture, ""), 0);
	second.lazy = false;
	track_reader_yield(second.reader);
	wait_for(fixture, &second.done, 1);
	assert_int_equal(second.err, ERR_NONE);
	leave(&first);
	leave(&second);
	hear_whole(fixture, "s1", true);
	wait_for(fixture, &fixture->ended, 2);
}

static void
a_disk_that_fails_breaks_nobody_off(void **state)
{
	struct fixture *fixture = *state;
	struct listener quick = { 0 }, slow = { .lazy = true };

	remove_files(fixture); /* the folder, too: no file can be made */
	listen_to(fixture, &quick, "s1");
	listen_to(fixture, &slow, "s1");
	wait_for(fixture, &quick.done, 1);
	assert_int_equal(quick.err, ERR_NONE);
	rest(fixture);
	slow.lazy = false;
	track_reader_yield(slow.reader);
	rest(fixture);
	/* From memory as far as it reaches, else past the copy. */
	assert_true(slow.done == 1 || slow.elsewhere == 1);
	assert_int_equal(slow.err, ERR_NONE);
	leave(&quick);
	leave(&slow);
	wait_for(fixture, &fixture->ended, 1);
	rest(fixture);
	hear_whole(fixture, "s1", true);
	wait_for(fixture, &fixture->ended, 2);
}

static void
a_download_without_a_listener_is_given_up(void **state)
{
	struct fixture *fixture = *state;
	struct listener listener = { 0 }, again = { 0 };

	fixture->fake.holds_back = true;
	listen_to(fixture, &listener, "s1");
	wait_for(fixture, &fixture->fake.held_count, 1);
	leave(&listener);
	rest(fixture);
	clock_advance(TRACK_LINGER_MS / 2);
	rest(fixture);
	assert_int_equal(fixture->ended, 0);
	assert_false(listen_to(fixture, &again, "s1"));
	rest(fixture);
	clock_advance(TRACK_LINGER_MS * 2);
	rest(fixture);
	assert_int_equal(fixture->ended, 0);
	leave(&again);
	rest(fixture);
	/* What is left of this song is little, so it goes on for longer. */
	clock_advance(TRACK_FINISH_MS);
	wait_for(fixture, &fixture->ended, 1);
	fixture->fake.holds_back = false;
	hear_whole(fixture, "s1", true);
}

static void
an_account_downloads_one_song_at_a_time(void **state)
{
	struct fixture *fixture = *state;
	struct listener first = { 0 }, second = { 0 }, third = { 0 };

	fixture->fake.lane.downloads = 1;
	fixture->fake.holds_back = true;
	listen_to(fixture, &first, "s1");
	wait_for(fixture, &fixture->fake.held_count, 1);
	assert_true(listen_to(fixture, &second, "s2"));
	rest(fixture);
	assert_int_equal(fixture->fake.calls, 1);
	fixture->fake.holds_back = false;
	fake_tracks_go_on(&fixture->fake, 0, SONG_BYTES - 1);
	wait_for(fixture, &second.done, 1);
	assert_int_equal(second.err, ERR_NONE);
	/* And nobody waits for ever. */
	fixture->fake.holds_back = true;
	fixture->fake.held_count = 0;
	leave(&second);
	listen_to(fixture, &second, "s3");
	wait_for(fixture, &fixture->fake.held_count, 1);
	listen_to(fixture, &third, "s4");
	rest(fixture);
	/* The source is silent for as long, and is asked once more. */
	fixture->fake.holds_back = false;
	second.done = 0;
	clock_advance(TRACK_SLOT_WAIT_MS);
	wait_for(fixture, &third.done, 1);
	assert_int_equal(third.err, ERR_BUSY);
	leave(&third);
	wait_for(fixture, &second.done, 1);
	leave(&first);
	leave(&second);
	wait_for(fixture, &fixture->ended, 4);
}

static void
a_download_that_fails_is_forgotten(void **state)
{
	struct fixture *fixture = *state;
	struct listener listener = { 0 };

	fixture->fake.ciphered = fixture->fake.key_is_wrong = true;
	assert_true(listen_to(fixture, &listener, "s1"));
	wait_for(fixture, &listener.done, 1);
	assert_int_equal(listener.err, ERR_DENIED);
	leave(&listener);
	rest(fixture);
	assert_int_equal(count_files(fixture, ""), 0);
	fixture->fake.key_is_wrong = false;
	store(fixture, "s1");
}

static const struct {
	track_quality_set wanted;
	enum track_quality quality;
	track_quality_set wished;
	bool fits;
} wishes[] = {
	{ TRACK_ALL_FULL, TRACK_FLAC, TRACK_ALL_FULL, true },
	{ TRACK_BIT(TRACK_MP3_320), TRACK_FLAC, TRACK_ALL_FULL, false },
	{ TRACK_BIT(TRACK_FLAC), TRACK_FLAC, TRACK_ALL_FULL, true },
	{ TRACK_ALL_FULL, TRACK_MP3_320, TRACK_ALL_FULL, true },
	/* A better one might be had: nobody has asked for it yet. */
	{ TRACK_ALL_FULL, TRACK_MP3_320, TRACK_BIT(TRACK_MP3_320), false },
	{ TRACK_BIT(TRACK_MP3_320) | TRACK_BIT(TRACK_MP3_128), TRACK_MP3_320,
		TRACK_BIT(TRACK_MP3_320), true },
	{ TRACK_BIT(TRACK_PREVIEW), TRACK_PREVIEW, TRACK_BIT(TRACK_PREVIEW), true },
	{ TRACK_ALL_FULL, TRACK_PREVIEW, TRACK_ALL_FULL, false },
};

static void
a_copy_fits_when_nothing_better_could_come(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(wishes); i++)
		assert_int_equal(track_cache_fits(wishes[i].wanted, wishes[i].quality,
					 wishes[i].wished),
			wishes[i].fits);
}

static void
what_one_account_has_fetched_is_not_anothers(void **state)
{
	struct fixture *fixture = *state;
	struct track_want theirs = want("s1");
	struct track_format format;

	store(fixture, "s1");
	theirs.key.account = 8;
	assert_false(track_cache_peek(fixture->cache, &theirs, &format));
	theirs.key.account = 7;
	theirs.key.provider = PROVIDER_DEEZER;
	assert_false(track_cache_peek(fixture->cache, &theirs, &format));
}

static void
a_folder_that_cannot_be_used_is_told(void **state)
{
	const struct track_cache_options options = {
		.folder = "/proc/nothing/here", .bytes_most = 1, .age_most_ms = 1
	};
	char why[200];

	(void)state;
	assert_null(track_cache_start(&options, why, sizeof why));
	assert_non_null(strstr(why, "/proc/nothing/here"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_song_is_fetched_once_and_then_read_from_its_file, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			all_who_listen_share_one_download, setup, teardown),
		cmocka_unit_test_setup_teardown(
			what_has_come_of_a_growing_song_can_be_read, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_slow_listener_holds_nobody_up, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_restart_finds_whole_files_and_removes_the_rest, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_damaged_file_is_never_served, setup, teardown),
		cmocka_unit_test_setup_teardown(
			what_was_unused_longest_goes_first, setup, teardown),
		cmocka_unit_test_setup_teardown(files_do_not_get_old, setup, teardown),
		cmocka_unit_test_setup_teardown(
			nothing_is_stored_where_nothing_may_be, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_disk_that_fails_breaks_nobody_off, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_download_without_a_listener_is_given_up, setup, teardown),
		cmocka_unit_test_setup_teardown(
			an_account_downloads_one_song_at_a_time, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_download_that_fails_is_forgotten, setup, teardown),
		cmocka_unit_test(a_copy_fits_when_nothing_better_could_come),
		cmocka_unit_test_setup_teardown(
			what_one_account_has_fetched_is_not_anothers, setup, teardown),
		cmocka_unit_test(a_folder_that_cannot_be_used_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
