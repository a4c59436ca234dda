#include "providers/lyrics_finder.h"

#include "tests/unit/providers/fake_deezer.h"

/* A provider that knows one song and, when told so, its words; LRCLIB is a server. */
struct fixture {
	struct loop *loop;
	struct fake fake; /* LRCLIB */
	struct http_client *client;
	struct catalog *catalog;
	struct catalog_worker *worker;
	struct lyrics_finder *finder;
	struct lyrics_seat *seat;
	/* The provider's. */
	enum err words;
	bool holds; /* it never answers */
	int asked, cancelled;
	char user_id[40];
	/* LRCLIB's */
	int status;
	const char *body;
};

struct seen {
	int done;
	enum err err;
	char first[40];
};

static const struct external_id song_id = {
	.provider = PROVIDER_DEEZER, .kind = MEDIA_SONG, .key = "3135556"
};
static const struct track_listener listener = { "0123", "alice" };

/* ---- the provider ---- */

struct asking {
	struct fixture *fixture;
	struct timer timer;
	void (*told)(void *arg, enum err err, const struct lyrics *lyrics);
	void (*fetched)(void *arg, enum err err, struct media_list *list);
	void *arg;
};

static void
asking_answer(void *arg)
{
	struct asking *asking = arg;
	struct lyrics lyrics = { 0 };

	if (asking->fetched != NULL) {
		struct media_list *list = media_list_new(1);
		struct media *song = media_list_add(list);
		song->kind = MEDIA_SONG;
		song->id = song_id;
		song->title = xstrdup("Song");
		song->duration_ms = 200000;
		media_add_artist(song,
			&(struct external_id){
				.provider = PROVIDER_DEEZER, .kind = MEDIA_ARTIST },
			"Somebody");
		asking->fetched(asking->arg, ERR_NONE, list);
		media_list_unref(list);
	} else {
		if (asking->fixture->words == ERR_NONE)
			lyrics_add(&lyrics, "the provider's", -1);
		asking->told(asking->arg, asking->fixture->words, &lyrics);
		lyrics_fini(&lyrics);
	}
	xfree(asking);
}

static struct asking *
asking_new(struct fixture *fixture, void *arg)
{
	struct asking *asking = xcalloc(1, sizeof *asking);

	asking->fixture = fixture;
	asking->arg = arg;
	timer_init(&asking->timer, fixture->loop, asking_answer, asking);
	if (!fixture->holds)
		timer_start(&asking->timer, 0);
	return asking;
}

static void
asking_cancel(void *arg)
{
	struct asking *asking = arg;

	asking->fixture->cancelled++;
	timer_stop(&asking->timer);
	xfree(asking);
}

static void *
start_lyrics(void *seat, const struct track_wish *wish,
	void (*done)(void *arg, enum err err, const struct lyrics *lyrics), void *arg)
{
	struct fixture *fixture = seat;
	struct asking *asking = asking_new(fixture, arg);

	fixture->asked++;
	copy_text(fixture->user_id, sizeof fixture->user_id, wish->listener.user_id);
	asking->told = done;
	return asking;
}

static void *
start_fetch(void *seat, const struct catalog_query *query, struct media_list *parent,
	int64_t patience_ms, void (*done)(void *arg, enum err err, struct media_list *list),
	void *arg)
{
	struct asking *asking = asking_new(seat, arg);

	(void)query;
	(void)parent;
	(void)patience_ms;
	asking->fetched = done;
	return asking;
}

static void
no_free(void *shared)
{
	(void)shared;
}

static bool
is_up(void *shared)
{
	(void)shared;
	return true;
}

/* Who is called bob has no account. */
static struct provider_lane
lane(void *shared, const struct track_listener *of)
{
	struct provider_lane found = { .account = "" };

	(void)shared;
	if (strcmp(of->user_name, "bob") != 0)
		copy_text(found.account, sizeof found.account, "household");
	return found;
}

static void *
seat_new(void *shared, struct loop *loop, struct http_client *client)
{
	(void)loop;
	(void)client;
	return shared;
}

static const struct provider_ops provider_ops = {
	.id = PROVIDER_DEEZER,
	.free = no_free,
	.is_up = is_up,
	.lane = lane,
	.seat_new = seat_new,
	.seat_free = no_free,
	.fetch_start = start_fetch,
	.fetch_cancel = asking_cancel,
	.lyrics_start = start_lyrics,
	.lyrics_cancel = asking_cancel,
};

/* ---- LRCLIB ---- */

static bool
answer(struct fake *fake, struct evhttp_request *request, const char *target)
{
	const struct fixture *fixture = fake->other_arg;

	fake_reply(request, fixture->status,
		strstr(target, "/api/search") != NULL && fixture->status == 200
			? "[]"
			: fixture->body);
	return true;
}

static int
setup_with(void **state, bool lrclib)
{
	struct fixture *fixture = xcalloc(1, sizeof *fixture);
	static const struct http_client_options client = { .user_agent = "test",
		.connections = 64 };
	struct provider_list providers = { .count = 1 };

	clock_enable_test();
	fixture->loop = loop_new("test");
	loop_adopt(fixture->loop);
	fake_open(&fixture->fake, fixture->loop);
	fixture->fake.other = answer;
	fixture->fake.other_arg = fixture;
	fixture->words = ERR_NOT_FOUND;
	fixture->status = 200;
	fixture->body = "{\"plainLyrics\":\"lrclib's\"}";
	fixture->client = http_client_new(fixture->loop, &client);
	providers.of[0] = (struct provider){ &provider_ops, fixture };
	fixture->catalog = catalog_new(&providers);
	fixture->worker =
		catalog_worker_new(fixture->catalog, fixture->loop, fixture->client);
	fixture->finder = lyrics_finder_new(lrclib ? fixture->fake.url : NULL);
	fixture->seat = lyrics_seat_new(
		fixture->finder, fixture->worker, fixture->loop, fixture->client);
	*state = fixture;
	return 0;
}

static int
setup(void **state)
{
	return setup_with(state, true);
}

static int
setup_without_lrclib(void **state)
{
	return setup_with(state, false);
}

static int
teardown(void **state)
{
	struct fixture *fixture = *state;

	lyrics_seat_free(fixture->seat);
	catalog_worker_free(fixture->worker);
	http_client_free(fixture->client);
	fake_close(&fixture->fake);
	loop_free(fixture->loop);
	lyrics_finder_free(fixture->finder);
	catalog_free(fixture->catalog);
	xfree(fixture);
	return 0;
}

static void
on_done(void *arg, enum err err, void *result)
{
	struct seen *seen = arg;
	const struct song_words *words = result;

	seen->done++;
	seen->err = err;
	if (words != NULL)
		copy_text(seen->first, sizeof seen->first, words->lyrics.lines[0].text);
}

static struct seen
get(struct fixture *fixture)
{
	struct seen seen = { 0 };

	lyrics_get(fixture->seat, &song_id, &listener, on_done, &seen);
	assert_int_equal(seen.done, 0);
	fake_wait(fixture->loop, &seen.done, 1);
	return seen;
}

static enum err
kept(struct fixture *fixture)
{
	struct song_words *words;
	enum err err;

	if (!lyrics_peek(fixture->seat, &song_id, &listener, &err, &words))
		return ERR_BUSY;
	song_words_unref(words);
	return err;
}

/* ---- tests ---- */

static void
the_provider_comes_first_and_knows_who_listens(void **state)
{
	struct fixture *fixture = *state;

	fixture->words = ERR_NONE;
	struct seen seen = get(fixture);
	assert_int_equal(seen.err, ERR_NONE);
	assert_string_equal(seen.first, "the provider's");
	assert_string_equal(fixture->user_id, "0123");
	assert_int_equal(fixture->fake.count, 0);
	assert_int_equal(kept(fixture), ERR_NONE);
	assert_int_equal(get(fixture).err, ERR_NONE);
	assert_int_equal(fixture->asked, 1);
	assert_int_equal(lyrics_figures(fixture->finder).songs, 1);
}

static void
lrclib_is_asked_when_the_provider_has_none(void **state)
{
	static const enum err errs[] = { ERR_NOT_FOUND, ERR_DENIED, ERR_BUSY,
		ERR_UNREACHABLE };
	struct fixture *fixture = *state;

	for (size_t i = 0; i < COUNT_OF(errs); i++) {
		fixture->words = errs[i];
		struct seen seen = get(fixture);
		assert_int_equal(seen.err, ERR_NONE);
		assert_string_equal(seen.first, "lrclib's");
		clock_advance(24 * 3600 * 1000 + 1);
	}
	assert_int_equal(fixture->fake.count, COUNT_OF(errs));
	assert_non_null(strstr(text_get(&fixture->fake.all), "track_name=Song"));
	assert_null(strstr(text_get(&fixture->fake.all), "alice"));
}

static void
a_miss_is_kept_for_five_minutes_and_trouble_is_not(void **state)
{
	struct fixture *fixture = *state;

	fixture->status = 500;
	assert_int_equal(get(fixture).err, ERR_UNREACHABLE);
	assert_int_equal(kept(fixture), ERR_BUSY);
	fixture->status = 404;
	assert_int_equal(get(fixture).err, ERR_NOT_FOUND);
	assert_int_equal(kept(fixture), ERR_NOT_FOUND);
	clock_advance(5 * 60 * 1000 + 1);
	fixture->status = 200;
	assert_int_equal(kept(fixture), ERR_BUSY);
	assert_int_equal(get(fixture).err, ERR_NONE);
}

static void
what_one_account_does_not_give_another_may(void **state)
{
	static const struct track_listener bob = { "4567", "bob" };
	struct fixture *fixture = *state;
	struct seen seen = { 0 }, again = { 0 };
	struct song_words *words;
	enum err err;

	fixture->status = 404;
	lyrics_get(fixture->seat, &song_id, &bob, on_done, &seen);
	fake_wait(fixture->loop, &seen.done, 1);
	assert_int_equal(seen.err, ERR_NOT_FOUND);
	assert_true(lyrics_peek(fixture->seat, &song_id, &bob, &err, &words));
	assert_int_equal(kept(fixture), ERR_BUSY);
	assert_false(lyrics_are_known(fixture->finder, &song_id));
	fixture->words = ERR_NONE;
	assert_int_equal(get(fixture).err, ERR_NONE);
	assert_true(lyrics_are_known(fixture->finder, &song_id));
	/* And words that are there are everybody's. */
	lyrics_get(fixture->seat, &song_id, &bob, on_done, &again);
	fake_wait(fixture->loop, &again.done, 1);
	assert_int_equal(again.err, ERR_NONE);
	assert_int_equal(fixture->asked, 2);
}

static void
a_lrclib_that_fails_is_left_alone(void **state)
{
	struct fixture *fixture = *state;

	fixture->status = 500;
	for (int i = 0; i < 3; i++)
		assert_int_equal(get(fixture).err, ERR_UNREACHABLE);
	assert_int_equal(get(fixture).err, ERR_BUSY);
	assert_int_equal(fixture->fake.count, 3);
	assert_false(lyrics_figures(fixture->finder).lrclib_is_up);
}

static void
switched_off_lrclib_is_never_asked(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(get(fixture).err, ERR_NOT_FOUND);
	assert_int_equal(fixture->fake.count, 0);
	assert_false(lyrics_figures(fixture->finder).lrclib);
}

static void
what_is_fetched_ahead_is_there_when_asked_for(void **state)
{
	struct fixture *fixture = *state;

	lyrics_fetch_ahead(fixture->seat, &song_id, &listener);
	lyrics_fetch_ahead(fixture->seat, &song_id, &listener);
	fake_wait(fixture->loop, &fixture->fake.count, 1);
	for (int i = 0; i < 500 && kept(fixture) != ERR_NONE; i++)
		loop_turn(fixture->loop, 2);
	assert_int_equal(kept(fixture), ERR_NONE);
	lyrics_fetch_ahead(fixture->seat, &song_id, &listener);
	fake_rest(fixture->loop);
	assert_int_equal(fixture->asked, 1);
}

static void
what_is_no_song_has_no_words(void **state)
{
	struct fixture *fixture = *state;
	struct external_id album = song_id;
	struct seen seen = { 0 };

	album.kind = MEDIA_ALBUM;
	lyrics_get(fixture->seat, &album, &listener, on_done, &seen);
	fake_wait(fixture->loop, &seen.done, 1);
	assert_int_equal(seen.err, ERR_NOT_FOUND);
	assert_int_equal(fixture->asked, 0);
}

static void
a_seat_that_goes_cancels_its_searches(void **state)
{
	struct fixture *fixture = *state;
	struct seen seen = { 0 };

	fixture->holds = true;
	lyrics_get(fixture->seat, &song_id, &listener, on_done, &seen);
	lyrics_seat_free(fixture->seat);
	fixture->seat = NULL;
	assert_int_equal(fixture->cancelled, 1);
	fake_wait(fixture->loop, &seen.done, 1);
	assert_int_equal(seen.err, ERR_BUSY);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_provider_comes_first_and_knows_who_listens),
		TEST(lrclib_is_asked_when_the_provider_has_none),
		TEST(a_miss_is_kept_for_five_minutes_and_trouble_is_not),
		TEST(what_one_account_does_not_give_another_may),
		TEST(a_lrclib_that_fails_is_left_alone),
		cmocka_unit_test_setup_teardown(
			switched_off_lrclib_is_never_asked, setup_without_lrclib, teardown),
		TEST(what_is_fetched_ahead_is_there_when_asked_for),
		TEST(what_is_no_song_has_no_words),
		TEST(a_seat_that_goes_cancels_its_searches),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
