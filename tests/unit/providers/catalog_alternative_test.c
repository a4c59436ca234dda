/* Two providers: Deezer over HTTP, and one that says what the test wants. */
#include "providers/catalog_alternative.h"

#include "tests/unit/providers/fake_deezer.h"
#include "tests/unit/providers/fake_provider.h"

#define CODE  "GBDUW0000001"
#define OTHER "GBDUW0000002"

enum { FULL = TRACK_BIT(TRACK_FLAC), ANY = TRACK_ALL_FULL | TRACK_BIT(TRACK_PREVIEW) };

struct fixture {
	struct loop *loop;
	struct fake fake;
	struct fake_provider qobuz;
	struct http_client *client;
	struct catalog *catalog;
	struct catalog_worker *worker;
};

struct seen {
	int done;
	enum err err;
	struct external_id song;
};

/* /track/3 is CODE; /track/isrc:CODE is song 3 too. */
static bool
answer_with_code(struct fake *fake, struct evhttp_request *request, const char *target)
{
	(void)fake;
	if (strcmp(target, "/track/3") != 0 && strcmp(target, "/track/isrc:" CODE) != 0)
		return false;
	fake_reply(request, 200, "{\"id\":3,\"title\":\"t\",\"isrc\":\"" CODE "\"}");
	return true;
}

static int
setup(void **state)
{
	struct fixture *fixture = xcalloc(1, sizeof *fixture);
	static const struct http_client_options client = { .user_agent = "test" };

	clock_enable_test();
	fixture->loop = loop_new("test");
	loop_adopt(fixture->loop);
	fake_open(&fixture->fake, fixture->loop);
	fixture->fake.other = answer_with_code;
	fixture->qobuz.qualities = FULL;
	fixture->client = http_client_new(fixture->loop, &client);
	const struct deezer_options deezer = { .url = fixture->fake.url };
	const struct provider_list providers = {
		{ deezer_new(&deezer), { &fake_provider_ops, &fixture->qobuz } }, 2
	};
	fixture->catalog = catalog_new(&providers);
	fixture->worker =
		catalog_worker_new(fixture->catalog, fixture->loop, fixture->client);
	*state = fixture;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *fixture = *state;

	catalog_worker_free(fixture->worker);
	http_client_free(fixture->client);
	fake_close(&fixture->fake);
	loop_free(fixture->loop);
	catalog_free(fixture->catalog);
	xfree(fixture);
	return 0;
}

static void
on_found(void *arg, enum err err, const struct external_id *song)
{
	struct seen *seen = arg;

	seen->done++;
	seen->err = err;
	if (song != NULL)
		seen->song = *song;
}

static struct external_id
song_of(enum provider_id provider, const char *key)
{
	struct external_id id = { .provider = provider, .kind = MEDIA_SONG };

	assert_true(copy_text(id.key, sizeof id.key, key));
	return id;
}

static struct seen
find(struct fixture *fixture, struct external_id song, track_quality_set qualities)
{
	static const struct track_listener nobody = { "", "" };
	struct seen seen = { 0 };

	catalog_alternative_find(
		fixture->worker, &song, &nobody, qualities, 5000, on_found, &seen);
	assert_int_equal(seen.done, 0);
	fake_wait(fixture->loop, &seen.done, 1);
	return seen;
}

static void
on_list(void *arg, enum err err, struct media_list *list)
{
	struct seen *seen = arg;

	(void)list;
	seen->done++;
	seen->err = err;
}

static void
search(struct fixture *fixture, enum provider_id provider)
{
	struct catalog_query query = { .ask = CATALOG_SEARCH,
		.provider = provider,
		.kind = MEDIA_SONG,
		.text = "anything",
		.limit = 25 };
	struct seen seen = { 0 };

	catalog_get(fixture->worker, &query, 5000, on_list, &seen);
	fake_wait(fixture->loop, &seen.done, 1);
	assert_int_equal(seen.err, ERR_NONE);
}

static void
what_lists_have_told_is_not_asked_again(void **state)
{
	struct fixture *fixture = *state;

	fixture->qobuz.songs = "7 " OTHER " 8 gb-duw-00-00001";
	search(fixture, PROVIDER_QOBUZ);
	struct seen seen = find(fixture, song_of(PROVIDER_DEEZER, "3"), FULL);
	assert_int_equal(seen.err, ERR_NONE);
	assert_int_equal(seen.song.provider, PROVIDER_QOBUZ);
	assert_string_equal(seen.song.key, "8");
	/* The song itself was asked for its code. */
	assert_int_equal(fixture->fake.count, 1);
	assert_int_equal(fixture->qobuz.asked, 1);
	seen = find(fixture, song_of(PROVIDER_QOBUZ, "8"), ANY);
	assert_int_equal(seen.err, ERR_NONE);
	assert_int_equal(seen.song.provider, PROVIDER_DEEZER);
	assert_string_equal(seen.song.key, "3");
	assert_int_equal(fixture->fake.count, 1);
}

static void
others_are_asked_by_the_code(void **state)
{
	struct fixture *fixture = *state;

	fixture->qobuz.songs = "7 " OTHER " 8 " CODE;
	struct seen seen = find(fixture, song_of(PROVIDER_DEEZER, "3"), FULL);
	assert_int_equal(seen.err, ERR_NONE);
	assert_string_equal(seen.song.key, "8");
	assert_string_equal(fixture->qobuz.last, CODE);
}

static void
deezer_is_asked_for_a_code_by_its_own_address(void **state)
{
	struct fixture *fixture = *state;

	fixture->qobuz.songs = "8 " CODE;
	search(fixture, PROVIDER_QOBUZ);
	struct seen seen = find(fixture, song_of(PROVIDER_QOBUZ, "8"), ANY);
	assert_int_equal(seen.err, ERR_NONE);
	assert_string_equal(seen.song.key, "3");
	assert_string_equal(fixture->fake.last, "/track/isrc:" CODE);
}

static void
another_recording_or_a_song_without_a_code_is_none(void **state)
{
	struct fixture *fixture = *state;

	fixture->qobuz.songs = "7 " OTHER;
	assert_int_equal(
		find(fixture, song_of(PROVIDER_DEEZER, "3"), FULL).err, ERR_NOT_FOUND);
	/* Its ISRC, "I5", is none. */
	assert_int_equal(
		find(fixture, song_of(PROVIDER_DEEZER, "5"), FULL).err, ERR_NOT_FOUND);
	assert_int_equal(
		find(fixture, song_of(PROVIDER_DEEZER, "901"), FULL).err, ERR_NOT_FOUND);
	fixture->qobuz.err = ERR_UNREACHABLE;
	assert_int_equal(
		find(fixture, song_of(PROVIDER_DEEZER, "3"), FULL).err, ERR_NOT_FOUND);
}

static void
who_is_down_or_cannot_play_it_is_not_asked(void **state)
{
	struct fixture *fixture = *state;

	fixture->qobuz.songs = "8 " CODE;
	fixture->qobuz.down = true;
	assert_int_equal(
		find(fixture, song_of(PROVIDER_DEEZER, "3"), FULL).err, ERR_NOT_FOUND);
	fixture->qobuz.down = false;
	assert_int_equal(
		find(fixture, song_of(PROVIDER_DEEZER, "3"), TRACK_BIT(TRACK_PREVIEW)).err,
		ERR_NOT_FOUND);
	/* Deezer has previews only. */
	assert_int_equal(
		find(fixture, song_of(PROVIDER_QOBUZ, "8"), FULL).err, ERR_NOT_FOUND);
	assert_int_equal(fixture->qobuz.asked, 0);
	assert_int_equal(fixture->fake.count, 0);
}

static void
it_gives_up_at_the_deadline_and_is_silent_when_cancelled(void **state)
{
	static const struct track_listener nobody = { "", "" };
	struct fixture *fixture = *state;
	struct external_id song = song_of(PROVIDER_DEEZER, "3");
	struct seen seen = { 0 }, gone = { 0 };

	fixture->qobuz.silent = true;
	catalog_alternative_find(
		fixture->worker, &song, &nobody, FULL, 5000, on_found, &seen);
	fake_wait(fixture->loop, &fixture->qobuz.asked, 1);
	struct catalog_alternative *waiting = catalog_alternative_find(
		fixture->worker, &song, &nobody, FULL, 5000, on_found, &gone);
	fake_rest(fixture->loop);
	catalog_alternative_cancel(waiting);
	catalog_alternative_cancel(catalog_alternative_find(
		fixture->worker, &song, &nobody, FULL, 5000, on_found, &gone));
	assert_int_equal(seen.done, 0);
	clock_advance(5001);
	fake_wait(fixture->loop, &seen.done, 1);
	assert_int_equal(seen.err, ERR_TIMEOUT);
	fake_rest(fixture->loop);
	assert_int_equal(gone.done, 0);
}

/* ---- two providers behind one catalog ---- */

static void
each_provider_is_asked_and_answers_for_itself(void **state)
{
	struct fixture *fixture = *state;
	const struct external_id qobuz = song_of(PROVIDER_QOBUZ, "8");
	const struct provider_ops *ops;
	struct text url;

	text_init(&url);
	fixture->qobuz.songs = "8 " CODE;
	search(fixture, PROVIDER_QOBUZ);
	assert_int_equal(fixture->fake.count, 0);
	search(fixture, PROVIDER_DEEZER);
	assert_int_equal(fixture->qobuz.asked, 1);
	assert_true(catalog_image_url_by_id(&url, fixture->catalog, &qobuz, 300));
	assert_string_equal(text_get(&url), "http://qobuz/i_300");
	assert_non_null(catalog_seat(fixture->worker, PROVIDER_QOBUZ, &ops));
	assert_ptr_equal(ops, &fake_provider_ops);
	fixture->qobuz.down = true;
	assert_false(catalog_is_up(fixture->catalog, PROVIDER_QOBUZ));
	assert_true(catalog_is_up(fixture->catalog, PROVIDER_DEEZER));
	text_fini(&url);
}

static void
a_silent_provider_holds_nobody_up(void **state)
{
	struct fixture *fixture = *state;
	struct catalog_query query = { .ask = CATALOG_SEARCH,
		.provider = PROVIDER_QOBUZ,
		.kind = MEDIA_SONG,
		.text = "anything",
		.limit = 25 };
	struct seen seen = { 0 };

	fixture->qobuz.silent = true;
	catalog_get(fixture->worker, &query, 5000, on_list, &seen);
	search(fixture, PROVIDER_DEEZER);
	assert_int_equal(seen.done, 0);
	/* Its flight is cancelled with the worker: see teardown. */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(what_lists_have_told_is_not_asked_again),
		TEST(others_are_asked_by_the_code),
		TEST(deezer_is_asked_for_a_code_by_its_own_address),
		TEST(another_recording_or_a_song_without_a_code_is_none),
		TEST(who_is_down_or_cannot_play_it_is_not_asked),
		TEST(it_gives_up_at_the_deadline_and_is_silent_when_cancelled),
		TEST(each_provider_is_asked_and_answers_for_itself),
		TEST(a_silent_provider_holds_nobody_up),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
