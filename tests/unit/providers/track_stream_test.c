#include "providers/track_stream.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "providers/track_download.h"
#include "providers/track_size.h"
#include "tests/unit/providers/fake_tracks.h"

/* Two workers, on loops of one thread. */
struct fixture {
	struct loop *loop, *other_loop;
	struct fake_tracks fake;
	char folder[64];
	struct catalog *catalog;
	struct catalog_worker *worker, *other_worker;
	struct http_client *other_client;
	struct track_limits_options limits;
	struct track_shared shared;
	struct track_streams *streams, *other;
};

/* What a stream told. */
struct seen {
	struct track_stream *stream;
	int ready, done;
	struct track_end end;
	struct track_head head;
	char type[32], etag[TRACK_ETAG_SIZE];
	struct text bytes;
	bool pause_when_ready, cancel_when_ready, cancel_at_data;
	size_t pause_at; /* bytes */
};

/* ---- fixture ---- */

static void
open_shared(struct fixture *fixture)
{
	const struct track_cache_options options = { .folder = fixture->folder,
		.bytes_most = 100LL << 20,
		.age_most_ms = 24LL * 3600 * 1000 };
	char why[200];

	fixture->shared.cache = track_cache_start(&options, why, sizeof why);
	assert_non_null(fixture->shared.cache);
	fixture->shared.slots = track_slots_new();
	fixture->shared.limits = track_limits_new(&fixture->limits);
	fixture->streams = track_streams_new(
		fixture->worker, fixture->fake.client, fixture->loop, &fixture->shared);
	fixture->other = track_streams_new(fixture->other_worker, fixture->other_client,
		fixture->other_loop, &fixture->shared);
}

static void
close_shared(struct fixture *fixture)
{
	track_streams_free(fixture->streams);
	track_streams_free(fixture->other);
	track_cache_stop(fixture->shared.cache);
	track_slots_free(fixture->shared.slots);
	track_limits_free(fixture->shared.limits);
}

static int
setup(void **state)
{
	struct fixture *fixture = xcalloc(1, sizeof *fixture);
	static const struct http_client_options client = { .user_agent = "test" };

	clock_enable_test();
	snprintf(fixture->folder, sizeof fixture->folder, "/tmp/sidetrack-stream-XXXXXX");
	assert_non_null(mkdtemp(fixture->folder));
	fixture->loop = loop_new("one");
	loop_adopt(fixture->loop);
	fixture->other_loop = loop_new("other");
	loop_adopt(fixture->other_loop);
	fake_tracks_open(&fixture->fake, fixture->loop);
	const struct provider_list providers = {
		.of = { { &fake_track_ops, &fixture->fake } }, .count = 1
	};
	fixture->catalog = catalog_new(&providers);
	fixture->worker =
		catalog_worker_new(fixture->catalog, fixture->loop, fixture->fake.client);
	fixture->other_client = http_client_new(fixture->other_loop, &client);
	fixture->other_worker = catalog_worker_new(
		fixture->catalog, fixture->other_loop, fixture->other_client);
	open_shared(fixture);
	*state = fixture;
	return 0;
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

	close_shared(fixture);
	track_streams_free(NULL);
	catalog_worker_free(fixture->worker);
	catalog_worker_free(fixture->other_worker);
	http_client_free(fixture->other_client);
	fake_tracks_close(&fixture->fake);
	loop_free(fixture->other_loop);
	loop_free(fixture->loop);
	catalog_free(fixture->catalog);
	remove_files(fixture);
	xfree(fixture);
	return 0;
}

static void
turn(struct fixture *fixture)
{
	loop_turn(fixture->loop, 1);
	loop_turn(fixture->other_loop, 1);
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

static char *
path_of_the_file(struct fixture *fixture)
{
	DIR *folder = opendir(fixture->folder);
	struct text path = { 0 };
	struct dirent *file;

	while ((file = readdir(folder)) != NULL) {
		size_t size = strlen(file->d_name);
		if (size > 6 && strcmp(file->d_name + size - 6, ".track") == 0)
			text_addf(&path, "%s/%s", fixture->folder, file->d_name);
	}
	closedir(folder);
	return text_take(&path);
}

static void
wait_stored(struct fixture *fixture)
{
	bool stored = false;

	for (int i = 0; i < 2500 && !stored; i++) {
		char *path = path_of_the_file(fixture);
		stored = path[0] != '\0';
		xfree(path);
		turn(fixture);
	}
	assert_true(stored);
	rest(fixture);
}

/* ---- listening ---- */

static void
on_ready(void *arg, const struct track_head *head)
{
	struct seen *seen = arg;

	seen->ready++;
	seen->head = *head;
	copy_text(seen->type, sizeof seen->type, head->content_type);
	copy_text(seen->etag, sizeof seen->etag, head->etag);
	if (seen->pause_when_ready)
		track_stream_pause(seen->stream);
	if (seen->cancel_when_ready)
		track_stream_cancel(seen->stream);
}

static void
on_data(void *arg, const void *data, size_t size)
{
	struct seen *seen = arg;

	assert_int_equal(seen->ready, 1);
	text_add_bytes(&seen->bytes, data, size);
	if (seen->pause_at > 0 && seen->bytes.size >= seen->pause_at)
		track_stream_pause(seen->stream);
	if (seen->cancel_at_data)
		track_stream_cancel(seen->stream);
}

static void
on_done(void *arg, const struct track_end *end)
{
	struct seen *seen = arg;

	seen->done++;
	seen->end = *end;
}

static const struct track_range whole = { .last = -1 };
static const struct track_range head_only = { .last = -1, .head_only = true };

static struct track_range
part(int64_t first, int64_t last)
{
	return (struct track_range){ .first = first, .last = last, .asked = true };
}

static struct track_request
request_of(const char *song, struct track_range range)
{
	const struct track_wish wish = fake_wish(song);

	return (struct track_request){ .id = wish.id,
		.listener = wish.listener,
		.qualities = TRACK_ALL_FULL | TRACK_BIT(TRACK_PREVIEW),
		.range = range };
}

static void
open_request(struct track_streams *streams, struct seen *seen,
	const struct track_request *request)
{
	static const struct track_callbacks callbacks = { on_ready, on_data, on_done };

	seen->stream = track_stream_open(streams, request, &callbacks, seen);
	assert_int_equal(seen->ready + seen->done, 0);
}

static void
start(struct fixture *fixture, struct seen *seen, const char *song,
	struct track_range range)
{
	const struct track_request request = request_of(song, range);

	open_request(fixture->streams, seen, &request);
}

static struct seen
stream(struct fixture *fixture, const char *song, struct track_range range)
{
	struct seen seen = { 0 };

	start(fixture, &seen, song, range);
	wait_for(fixture, &seen.done, 1);
	return seen;
}

static void
check_bytes(struct fixture *fixture, struct seen *seen, int64_t first, int64_t last)
{
	assert_int_equal(seen->end.err, ERR_NONE);
	assert_true(seen->head.satisfiable);
	assert_int_equal(seen->head.format.size, SONG_BYTES);
	assert_int_equal(seen->head.first, first);
	assert_int_equal(seen->head.last, last);
	assert_int_equal(seen->bytes.size, last - first + 1);
	assert_memory_equal(seen->bytes.data, fixture->fake.song + first, seen->bytes.size);
	text_fini(&seen->bytes);
}

static void
check_failure(struct fixture *fixture, const struct track_request *request, enum err err)
{
	struct seen seen = { 0 };

	open_request(fixture->streams, &seen, request);
	wait_for(fixture, &seen.done, 1);
	assert_int_equal(seen.ready, 0);
	assert_int_equal(seen.end.err, err);
}

/* ---- tests ---- */

static void
a_song_comes_whole(void **state)
{
	struct fixture *fixture = *state;
	struct seen seen = stream(fixture, "s1", whole);

	assert_string_equal(seen.type, "audio/flac");
	assert_string_equal(seen.etag, "\"qobuz-s1-flac-700077\"");
	assert_false(seen.head.is_part);
	check_bytes(fixture, &seen, 0, SONG_BYTES - 1);
	wait_stored(fixture);
	seen = stream(fixture, "s1", whole);
	check_bytes(fixture, &seen, 0, SONG_BYTES - 1);
	assert_int_equal(fixture->fake.calls, 1);
}

static const struct {
	int64_t asked_first, asked_last, first, last;
} ranges[] = {
	{ 0, 0, 0, 0 },
	{ 100, 199, 100, 199 },
	{ SONG_BYTES - 1, -1, SONG_BYTES - 1, SONG_BYTES - 1 },
	{ 650000, 999999, 650000, SONG_BYTES - 1 },
	{ -1, 500, SONG_BYTES - 500, SONG_BYTES - 1 },
	{ -1, 2000000, 0, SONG_BYTES - 1 },
	{ 1, -1, 1, SONG_BYTES - 1 },
	{ 0, -1, 0, SONG_BYTES - 1 },
};

static void
a_part_is_exactly_the_bytes_asked_for(void **state)
{
	struct fixture *fixture = *state;
	char song[8];

	/* Of a song that nobody has heard yet, and once more of its file. */
	for (size_t i = 0; i < 2 * COUNT_OF(ranges); i++) {
		size_t row = i / 2;
		fixture->fake.ciphered = row % 2 == 1;
		snprintf(song, sizeof song, "s%zu", row);
		struct seen seen = stream(fixture, song,
			part(ranges[row].asked_first, ranges[row].asked_last));
		assert_true(seen.head.is_part);
		check_bytes(fixture, &seen, ranges[row].first, ranges[row].last);
	}
}

static void
a_range_beyond_the_end_tells_the_size_only(void **state)
{
	struct fixture *fixture = *state;

	for (int i = 0; i < 2; i++) {
		struct seen seen = stream(fixture, "s1", part(SONG_BYTES, -1));
		assert_int_equal(seen.ready, 1);
		assert_false(seen.head.satisfiable);
		assert_int_equal(seen.head.format.size, SONG_BYTES);
		assert_int_equal(seen.end.err, ERR_NONE);
		assert_int_equal(seen.bytes.size, 0);
	}
}

static void
a_range_counts_only_for_the_song_it_was_meant_for(void **state)
{
	struct fixture *fixture = *state;
	static const struct {
		const char *if_range;
		bool counts;
	} rows[] = { { "\"qobuz-s1-flac-700077\"", true }, { "\"qobuz-s1-flac-9\"", false },
		{ "", false }, { "Sat, 21 Nov 2026 03:07:19 GMT", false } };

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct track_request request = request_of("s1", part(100, 199));
		struct seen seen = { 0 };
		request.if_range = rows[i].if_range;
		open_request(fixture->streams, &seen, &request);
		wait_for(fixture, &seen.done, 1);
		assert_int_equal(seen.head.is_part, rows[i].counts);
		if (rows[i].counts)
			check_bytes(fixture, &seen, 100, 199);
		else
			check_bytes(fixture, &seen, 0, SONG_BYTES - 1);
	}
}

static void
the_head_alone_downloads_nothing(void **state)
{
	struct fixture *fixture = *state;
	struct seen seen = stream(fixture, "s1", head_only);

	assert_int_equal(seen.end.err, ERR_NONE);
	assert_int_equal(seen.head.format.size, SONG_BYTES);
	assert_string_equal(fixture->fake.ranges.data, "HEAD -\n");
	/* A source that knows no HEAD, one whose address has expired, and a provider that
	 * knows the size. */
	fixture->fake.knows_no_head = true;
	seen = stream(fixture, "s1", head_only);
	assert_int_equal(seen.head.format.size, SONG_BYTES);
	assert_non_null(strstr(fixture->fake.ranges.data, "\nbytes=0-0\n"));
	fixture->fake.refuse = 1;
	seen = stream(fixture, "s1", head_only);
	assert_int_equal(seen.head.format.size, SONG_BYTES);
	assert_int_equal(fixture->fake.anew, 1);
	fixture->fake.calls = 0;
	fixture->fake.knows_formats = true;
	seen = stream(fixture, "s1", head_only);
	assert_int_equal(seen.head.format.size, SONG_BYTES);
	assert_int_equal(fixture->fake.calls, 0);
	fixture->fake.knows_formats = false;
	fixture->fake.status = 502;
	seen = stream(fixture, "s1", head_only);
	assert_int_equal(seen.end.err, ERR_UNREACHABLE);
	/* What lies on the disk is known. */
	fixture->fake.status = 0;
	seen = stream(fixture, "s1", whole);
	check_bytes(fixture, &seen, 0, SONG_BYTES - 1);
	fixture->fake.calls = 0;
	seen = stream(fixture, "s1", head_only);
	assert_int_equal(seen.head.format.size, SONG_BYTES);
	assert_int_equal(fixture->fake.calls, 0);
}

static void
a_seek_far_ahead_has_a_source_of_its_own(void **state)
{
	struct fixture *fixture = *state;
	struct seen first = { 0 }, far = { 0 };

	fixture->fake.holds_back = true;
	start(fixture, &first, "s1", whole);
	wait_for(fixture, &fixture->fake.held_count, 1);
	fixture->fake.holds_back = false;
	start(fixture, &far, "s1", part(640000, -1));
	wait_for(fixture, &far.done, 1);
	check_bytes(fixture, &far, 640000, SONG_BYTES - 1);
	assert_string_equal(fixture->fake.ranges.data, "-\nbytes=640000-700076\n");
	assert_int_equal(first.done, 0);
	fake_tracks_go_on(&fixture->fake, 0, SONG_BYTES - 1);
	wait_for(fixture, &first.done, 1);
	check_bytes(fixture, &first, 0, SONG_BYTES - 1);
}

static void
who_sought_ahead_comes_back_when_the_download_has_caught_up(void **state)
{
	struct fixture *fixture = *state;
	struct seen first = { 0 }, far = { 0 };

	fixture->fake.holds_back = true;
	start(fixture, &first, "s1", whole);
	wait_for(fixture, &fixture->fake.held_count, 1);
	start(fixture, &far, "s1", part(600000, -1));
	wait_for(fixture, &fixture->fake.held_count, 2);
	fake_tracks_go_on(&fixture->fake, 1, 609999);
	for (int i = 0; i < 1000 && far.bytes.size < 10000; i++)
		turn(fixture);
	assert_int_equal(far.bytes.size, 10000);
	fake_tracks_go_on(&fixture->fake, 0, SONG_BYTES - 1);
	wait_for(fixture, &first.done, 1);
	/* A byte more, and it sees that the rest is here. */
	fake_tracks_go_on(&fixture->fake, 1, 610000);
	wait_for(fixture, &far.done, 1);
	check_bytes(fixture, &far, 600000, SONG_BYTES - 1);
	check_bytes(fixture, &first, 0, SONG_BYTES - 1);
}

static void
a_file_that_is_damaged_costs_the_listener_nothing(void **state)
{
	struct fixture *fixture = *state;
	struct seen seen = stream(fixture, "s1", whole);

	text_fini(&seen.bytes);
	wait_stored(fixture);
	char *path = path_of_the_file(fixture);
	int file = open(path, O_RDWR);
	assert_int_equal(pwrite(file, "damage", 6, 333333), 6);
	close(file);
	seen = stream(fixture, "s1", whole);
	check_bytes(fixture, &seen, 0, SONG_BYTES - 1);
	assert_int_equal(fixture->fake.opens, 2);
	xfree(path);
}

static void
a_listener_goes_on_when_the_worker_that_downloads_ends(void **state)
{
	struct fixture *fixture = *state;
	const struct track_request request = request_of("s1", whole);
	struct seen first = { 0 }, other = { 0 };

	fixture->fake.holds_back = true;
	start(fixture, &first, "s1", whole);
	wait_for(fixture, &fixture->fake.held_count, 1);
	open_request(fixture->other, &other, &request);
	fake_tracks_go_on(&fixture->fake, 0, 399999);
	for (int i = 0; i < 1000 && other.bytes.size < 400000; i++)
		turn(fixture);
	assert_int_equal(other.bytes.size, 400000);
	track_streams_free(fixture->streams);
	fixture->streams = NULL;
	fixture->fake.holds_back = false;
	wait_for(fixture, &other.done, 1);
	check_bytes(fixture, &other, 0, SONG_BYTES - 1);
	assert_int_equal(first.done, 0);
	text_fini(&first.bytes);
}

static void
who_listens_to_enough_waits(void **state)
{
	struct fixture *fixture = *state;
	struct seen first = { .pause_when_ready = true }, again = { 0 }, second = { 0 };

	close_shared(fixture);
	fixture->limits.streams = 1;
	open_shared(fixture);
	start(fixture, &first, "s1", whole);
	wait_for(fixture, &first.ready, 1);
	/* Another part of the same song is no other listening. */
	start(fixture, &again, "s1", part(100, 199));
	wait_for(fixture, &again.done, 1);
	check_bytes(fixture, &again, 100, 199);
	start(fixture, &second, "s2", whole);
	wait_for(fixture, &second.done, 1);
	assert_int_equal(second.end.err, ERR_BUSY);
	assert_int_equal(second.end.refusal, TRACK_TOO_MANY_STREAMS);
	assert_true(second.end.retry_after_s > 0);
	track_stream_cancel(first.stream);
	second = stream(fixture, "s2", whole);
	check_bytes(fixture, &second, 0, SONG_BYTES - 1);
}

static void
who_had_enough_songs_today_hears_those_on_the_disk(void **state)
{
	struct fixture *fixture = *state;

	close_shared(fixture);
	fixture->limits.downloads_per_day = 1;
	open_shared(fixture);
	struct seen seen = stream(fixture, "s1", whole);
	check_bytes(fixture, &seen, 0, SONG_BYTES - 1);
	seen = stream(fixture, "s2", whole);
	assert_int_equal(seen.end.err, ERR_BUSY);
	assert_int_equal(seen.end.refusal, TRACK_TOO_MANY_DOWNLOADS);
	assert_true(seen.end.retry_after_s > 86000 && seen.end.retry_after_s <= 86401);
	seen = stream(fixture, "s1", whole);
	check_bytes(fixture, &seen, 0, SONG_BYTES - 1);
	clock_advance(24LL * 3600 * 1000);
	seen = stream(fixture, "s2", whole);
	check_bytes(fixture, &seen, 0, SONG_BYTES - 1);
}

static void
what_cannot_be_played_says_why(void **state)
{
	struct fixture *fixture = *state;
	struct track_request request = request_of("s1", whole);

	fixture->fake.open_err = ERR_DENIED;
	check_failure(fixture, &request, ERR_DENIED);
	fixture->fake.open_err = ERR_NONE;
	fixture->fake.ciphered = fixture->fake.key_is_wrong = true;
	check_failure(fixture, &request, ERR_DENIED);
	request.qualities = TRACK_BIT(TRACK_PREVIEW);
	check_failure(fixture, &request, ERR_INVALID);
	fixture->fake.lane.qualities = 0;
	check_failure(fixture, &request, ERR_NOT_FOUND);
	request.id.provider = PROVIDER_DEEZER;
	check_failure(fixture, &request, ERR_NOT_FOUND);
	request.id.kind = MEDIA_ALBUM;
	check_failure(fixture, &request, ERR_INVALID);
}

static void
a_song_that_breaks_off_is_an_error(void **state)
{
	struct fixture *fixture = *state;
	struct seen seen = { 0 };

	fixture->fake.cuts = 100;
	fixture->fake.cut_bytes = 5000;
	fixture->fake.ignores_ranges = true;
	start(fixture, &seen, "s1", whole);
	for (int i = 0; i < 1500 && seen.done == 0; i++) {
		turn(fixture);
		clock_advance(i % 20 == 19 ? 1000 : 0);
	}
	assert_int_equal(seen.done, 1);
	assert_int_equal(seen.ready, 1);
	assert_int_not_equal(seen.end.err, ERR_NONE);
	assert_true(seen.bytes.size < SONG_BYTES);
	text_fini(&seen.bytes);
}

static void
a_paused_stream_waits(void **state)
{
	struct fixture *fixture = *state;
	struct seen seen = { .pause_when_ready = true }, early = { 0 },
		    amid = { .pause_at = 100000 };

	start(fixture, &seen, "s1", whole);
	wait_for(fixture, &seen.ready, 1);
	rest(fixture);
	assert_int_equal(seen.bytes.size, 0);
	assert_int_equal(seen.done, 0);
	track_stream_resume(seen.stream);
	wait_for(fixture, &seen.done, 1);
	check_bytes(fixture, &seen, 0, SONG_BYTES - 1);
	start(fixture, &early, "s2", whole);
	track_stream_pause(early.stream);
	wait_for(fixture, &early.ready, 1);
	rest(fixture);
	assert_int_equal(early.bytes.size, 0);
	track_stream_resume(early.stream);
	wait_for(fixture, &early.done, 1);
	check_bytes(fixture, &early, 0, SONG_BYTES - 1);
	start(fixture, &amid, "s1", whole);
	for (int i = 0; i < 2500 && amid.done == 0; i++) {
		turn(fixture);
		if (amid.done == 0)
			track_stream_resume(amid.stream);
	}
	check_bytes(fixture, &amid, 0, SONG_BYTES - 1);
}

static void
a_cancelled_stream_is_silent(void **state)
{
	struct fixture *fixture = *state;
	struct seen seen[5] = { { 0 }, { 0 }, { .cancel_when_ready = true },
		{ .cancel_at_data = true }, { 0 } };

	start(fixture, &seen[0], "s1", whole);
	track_stream_cancel(seen[0].stream);
	start(fixture, &seen[1], "s1", whole);
	wait_for(fixture, &fixture->fake.opens, 1);
	track_stream_cancel(seen[1].stream);
	start(fixture, &seen[2], "s1", whole);
	start(fixture, &seen[3], "s1", whole);
	wait_for(fixture, &seen[2].ready, 1);
	wait_for(fixture, &seen[3].ready, 1);
	start(fixture, &seen[4], "s4", head_only);
	turn(fixture);
	track_stream_cancel(seen[4].stream);
	rest(fixture);
	for (size_t i = 0; i < COUNT_OF(seen); i++) {
		assert_int_equal(seen[i].done, 0);
		text_fini(&seen[i].bytes);
	}
}

static void
a_worker_may_go_while_streams_run(void **state)
{
	struct fixture *fixture = *state;
	struct seen seen[2] = { { .pause_when_ready = true }, { 0 } };

	start(fixture, &seen[0], "s1", whole);
	wait_for(fixture, &seen[0].ready, 1);
	fixture->fake.holds_back = true;
	start(fixture, &seen[1], "s2", whole);
	wait_for(fixture, &fixture->fake.held_count, 1);
	track_streams_free(fixture->streams);
	fixture->streams = NULL;
	rest(fixture);
	assert_int_equal(seen[0].done + seen[1].done, 0);
}

/* ---- sizes ---- */

struct sized {
	int done;
	enum err err;
	int64_t bytes;
};

static void
on_sized(void *arg, enum err err, int64_t bytes)
{
	struct sized *sized = arg;

	sized->done++;
	sized->err = err;
	sized->bytes = bytes;
}

static void
the_size_is_told_within_the_deadline_or_not_at_all(void **state)
{
	struct fixture *fixture = *state;
	const struct track_wish wish = fake_wish("s1");
	struct sized first = { 0 }, late = { 0 }, missing = { 0 }, silent = { 0 };

	track_size_get(fixture->streams, &wish.id, &wish.listener, 1000, on_sized, &first);
	assert_int_equal(first.done, 0);
	wait_for(fixture, &first.done, 1);
	assert_int_equal(first.err, ERR_NONE);
	assert_int_equal(first.bytes, SONG_BYTES);
	fixture->fake.open_err = ERR_NOT_FOUND;
	track_size_get(
		fixture->streams, &wish.id, &wish.listener, 1000, on_sized, &missing);
	wait_for(fixture, &missing.done, 1);
	assert_int_equal(missing.err, ERR_NOT_FOUND);
	fixture->fake.open_err = ERR_NONE;
	fixture->fake.web.mode = FAKE_HOLD;
	track_size_get(fixture->streams, &wish.id, &wish.listener, 1000, on_sized, &late);
	struct track_size *cancelled = track_size_get(
		fixture->streams, &wish.id, &wish.listener, 1000, on_sized, &silent);
	wait_for(fixture, &fixture->fake.web.held_count, 1);
	track_size_cancel(cancelled);
	clock_advance(1001);
	wait_for(fixture, &late.done, 1);
	assert_int_equal(late.err, ERR_TIMEOUT);
	assert_int_equal(silent.done, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(a_song_comes_whole),
		TEST(a_part_is_exactly_the_bytes_asked_for),
		TEST(a_range_beyond_the_end_tells_the_size_only),
		TEST(a_range_counts_only_for_the_song_it_was_meant_for),
		TEST(the_head_alone_downloads_nothing),
		TEST(a_seek_far_ahead_has_a_source_of_its_own),
		TEST(who_sought_ahead_comes_back_when_the_download_has_caught_up),
		TEST(a_file_that_is_damaged_costs_the_listener_nothing),
		TEST(a_listener_goes_on_when_the_worker_that_downloads_ends),
		TEST(who_listens_to_enough_waits),
		TEST(who_had_enough_songs_today_hears_those_on_the_disk),
		TEST(what_cannot_be_played_says_why),
		TEST(a_song_that_breaks_off_is_an_error),
		TEST(a_paused_stream_waits),
		TEST(a_cancelled_stream_is_silent),
		TEST(a_worker_may_go_while_streams_run),
		TEST(the_size_is_told_within_the_deadline_or_not_at_all),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
