#include "providers/catalog.h"

#include <arpa/inet.h>
#include <event2/listener.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "tests/unit/providers/fake_deezer.h"

struct fixture {
	struct loop *loop;
	struct fake fake;
	struct http_client *client;
	struct catalog *catalog;
	struct catalog_worker *worker;
};

/* What a call told. */
struct seen {
	int done;
	enum err err;
	struct media_list *list; /* a reference */
};

static int
setup(void **state)
{
	struct fixture *fixture = xcalloc(1, sizeof *fixture);
	static const struct http_client_options client = { .user_agent = "test",
		.connections = 64 };

	clock_enable_test();
	fixture->loop = loop_new("test");
	loop_adopt(fixture->loop);
	fake_open(&fixture->fake, fixture->loop);
	fixture->client = http_client_new(fixture->loop, &client);
	fixture->catalog = fake_catalog_new(fixture->fake.url);
	fixture->worker =
		catalog_worker_new(fixture->catalog, fixture->loop, fixture->client);
	assert_ptr_equal(catalog_of(fixture->worker), fixture->catalog);
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
on_done(void *arg, enum err err, struct media_list *list)
{
	struct seen *seen = arg;

	seen->done++;
	seen->err = err;
	seen->list = list != NULL ? media_list_ref(list) : NULL;
}

static struct catalog_query
search_for(const char *text)
{
	return (struct catalog_query){ .ask = CATALOG_SEARCH,
		.provider = PROVIDER_DEEZER,
		.kind = MEDIA_SONG,
		.text = text,
		.limit = 25 };
}

static struct catalog_query
ask_about(enum catalog_ask ask, enum media_kind kind, const char *key)
{
	struct catalog_query query = { .ask = ask,
		.provider = PROVIDER_DEEZER,
		.id = { .provider = PROVIDER_DEEZER, .kind = kind } };

	assert_true(copy_text(query.id.key, sizeof query.id.key, key));
	return query;
}

/* Asks and waits; the list, a reference, is the caller's. */
static struct media_list *
get(struct fixture *fixture, struct catalog_query query, enum err wanted)
{
	struct seen seen = { 0 };

	assert_non_null(catalog_get(fixture->worker, &query, 5000, on_done, &seen));
	assert_int_equal(seen.done, 0);
	fake_wait(fixture->loop, &seen.done, 1);
	assert_int_equal(seen.err, wanted);
	assert_int_equal(seen.list != NULL, wanted == ERR_NONE);
	return seen.list;
}

static void
get_and_forget(struct fixture *fixture, struct catalog_query query, enum err wanted)
{
	media_list_unref(get(fixture, query, wanted));
}

/* ---- the cache ---- */

static void
a_search_is_asked_once_in_ten_minutes(void **state)
{
	struct fixture *fixture = *state;
	struct media_list *list = get(fixture, search_for("daft punk"), ERR_NONE);

	assert_int_equal(list->count, 25);
	assert_int_equal(list->total, 150);
	assert_string_equal(list->items[0].id.key, "1");
	assert_string_equal(
		fixture->fake.last, "/search/track?q=daft%20punk&index=0&limit=25");
	media_list_unref(list);
	clock_advance(599 * 1000);
	get_and_forget(fixture, search_for(" Daft  Punk "), ERR_NONE);
	assert_int_equal(fixture->fake.count, 1);
	clock_advance(2000);
	get_and_forget(fixture, search_for("daft punk"), ERR_NONE);
	assert_int_equal(fixture->fake.count, 2);
}

static void
a_search_beyond_a_page_takes_several_calls(void **state)
{
	struct fixture *fixture = *state;
	struct catalog_query query = search_for("ab");

	query.offset = 20;
	query.limit = 120;
	struct media_list *list = get(fixture, query, ERR_NONE);
	assert_int_equal(list->count, 120);
	assert_int_equal(list->offset, 20);
	assert_string_equal(list->items[119].id.key, "140");
	assert_string_equal(fixture->fake.all.data,
		"/search/track?q=ab&index=20&limit=100\n"
		"/search/track?q=ab&index=120&limit=20\n");
	media_list_unref(list);
}

static void
what_does_not_exist_is_remembered_for_five_minutes(void **state)
{
	struct fixture *fixture = *state;
	struct catalog_query query = ask_about(CATALOG_ITEM, MEDIA_ALBUM, "901");

	get_and_forget(fixture, query, ERR_NOT_FOUND);
	get_and_forget(fixture, query, ERR_NOT_FOUND);
	assert_int_equal(fixture->fake.count, 1);
	assert_null(catalog_peek(fixture->catalog, &query));
	clock_advance(301 * 1000);
	get_and_forget(fixture, query, ERR_NOT_FOUND);
	assert_int_equal(fixture->fake.count, 2);
	assert_true(catalog_is_up(fixture->catalog, PROVIDER_DEEZER));
}

static void
questions_without_sense_are_not_asked(void **state)
{
	struct fixture *fixture = *state;
	struct catalog_query qobuz = search_for("daft punk");

	qobuz.provider = PROVIDER_QOBUZ;
	get_and_forget(fixture, search_for("a"), ERR_INVALID);
	get_and_forget(fixture, search_for("\xc3\xa9"), ERR_INVALID);
	get_and_forget(fixture, qobuz, ERR_INVALID);
	get_and_forget(
		fixture, ask_about(CATALOG_ALBUM_TRACKS, MEDIA_SONG, "1"), ERR_INVALID);
	get_and_forget(fixture, ask_about(CATALOG_ITEM, MEDIA_SONG, "A/B"), ERR_INVALID);
	struct catalog_query chart = ask_about(CATALOG_CHART, MEDIA_GENRE, "");
	chart.kind = MEDIA_GENRE;
	get_and_forget(fixture, chart, ERR_INVALID);
	chart = ask_about(CATALOG_CHART, MEDIA_ARTIST, "27");
	chart.kind = MEDIA_SONG;
	get_and_forget(fixture, chart, ERR_INVALID);
	get_and_forget(
		fixture, ask_about(CATALOG_GENRE_ARTISTS, MEDIA_GENRE, ""), ERR_INVALID);
	assert_int_equal(fixture->fake.count, 0);
	const struct provider_ops *ops;
	assert_non_null(catalog_seat(fixture->worker, PROVIDER_DEEZER, &ops));
	assert_int_equal(ops->id, PROVIDER_DEEZER);
	assert_null(catalog_seat(fixture->worker, PROVIDER_QOBUZ, &ops));
	assert_null(ops);
	assert_false(catalog_is_up(fixture->catalog, PROVIDER_QOBUZ));
}

/* ---- lists that need more than one call ---- */

static void
album_tracks_are_all_pages_and_know_their_album(void **state)
{
	struct fixture *fixture = *state;
	struct media_list *list =
		get(fixture, ask_about(CATALOG_ALBUM_TRACKS, MEDIA_ALBUM, "9"), ERR_NONE);
	const struct media *song = &list->items[149];

	assert_int_equal(list->count, 150);
	assert_string_equal(song->album_title, "album 9");
	assert_string_equal(song->album_id.key, "9");
	assert_string_equal(song->album_artists[0].name, "artist 27");
	assert_string_equal(song->genres[0], "Dance");
	assert_int_equal(song->track_number, 150);
	assert_string_equal(song->isrc, "I150");
	assert_string_equal(song->image_key, "c0ffee9");
	assert_string_equal(fixture->fake.all.data,
		"/album/9\n/album/9/tracks?index=0&limit=100\n"
		"/album/9/tracks?index=100&limit=100\n");
	media_list_unref(list);
	/* The album was remembered on the way. */
	get_and_forget(fixture, ask_about(CATALOG_ITEM, MEDIA_ALBUM, "9"), ERR_NONE);
	assert_int_equal(fixture->fake.count, 3);
}

static void
an_artists_albums_name_the_artist(void **state)
{
	struct fixture *fixture = *state;
	struct media_list *list;

	fixture->fake.total = 7;
	list = get(fixture, ask_about(CATALOG_ARTIST_ALBUMS, MEDIA_ARTIST, "27"), ERR_NONE);
	assert_int_equal(list->count, 7);
	assert_string_equal(list->items[3].artists[0].name, "artist 27");
	media_list_unref(list);
}

static void
no_list_is_longer_than_500(void **state)
{
	struct fixture *fixture = *state;
	struct media_list *list;

	fixture->fake.total = 2000;
	list = get(
		fixture, ask_about(CATALOG_PLAYLIST_TRACKS, MEDIA_PLAYLIST, "5"), ERR_NONE);
	assert_int_equal(list->count, 500);
	assert_int_equal(list->total, 2000);
	assert_int_equal(fixture->fake.count, 5);
	media_list_unref(list);
	list = get(fixture, ask_about(CATALOG_ARTIST_TOP, MEDIA_ARTIST, "27"), ERR_NONE);
	assert_int_equal(list->count, 50);
	media_list_unref(list);
}

static void
each_list_has_its_address_and_its_bound(void **state)
{
	static const struct {
		enum catalog_ask ask;
		enum media_kind kind; /* of the id */
		const char *key;
		enum media_kind of; /* what the list has */
		const char *last;   /* asked for */
		size_t count;
	} rows[] = {
		{ CATALOG_ARTIST_RELATED, MEDIA_ARTIST, "27", MEDIA_ARTIST,
			"/artist/27/related?index=0&limit=50", 50 },
		{ CATALOG_ARTIST_RADIO, MEDIA_ARTIST, "27", MEDIA_SONG,
			"/artist/27/radio?index=0&limit=100", 100 },
		{ CATALOG_ARTIST_PLAYLISTS, MEDIA_ARTIST, "27", MEDIA_PLAYLIST,
			"/artist/27/playlists?index=0&limit=50", 50 },
		{ CATALOG_SONG_RADIO, MEDIA_SONG, "3", MEDIA_SONG,
			"/artist/27/radio?index=0&limit=100", 100 },
		{ CATALOG_CHART, MEDIA_SONG, "", MEDIA_SONG,
			"/chart/0/tracks?index=0&limit=100", 100 },
		{ CATALOG_CHART, MEDIA_GENRE, "106", MEDIA_PLAYLIST,
			"/chart/106/playlists?index=0&limit=100", 100 },
		{ CATALOG_NEW_ALBUMS, MEDIA_GENRE, "", MEDIA_ALBUM,
			"/editorial/0/releases?index=0&limit=100", 100 },
		{ CATALOG_NEW_ALBUMS, MEDIA_GENRE, "106", MEDIA_ALBUM,
			"/editorial/106/releases?index=0&limit=100", 100 },
		{ CATALOG_GENRES, MEDIA_GENRE, "", MEDIA_GENRE, "/genre", 25 },
		{ CATALOG_GENRE_ARTISTS, MEDIA_GENRE, "106", MEDIA_ARTIST,
			"/genre/106/artists?index=0&limit=100", 100 },
	};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct catalog_query query =
			ask_about(rows[i].ask, rows[i].kind, rows[i].key);
		query.kind = rows[i].of;
		struct media_list *list = get(fixture, query, ERR_NONE);
		assert_string_equal(fixture->fake.last, rows[i].last);
		assert_int_equal(list->count, rows[i].count);
		assert_int_equal(list->items[0].kind, rows[i].of);
		media_list_unref(list);
		int asked = fixture->fake.count;
		get_and_forget(fixture, query, ERR_NONE);
		assert_int_equal(fixture->fake.count, asked);
		clock_advance(5000);
	}
}

static void
lists_leave_out_what_the_filter_does_not_keep(void **state)
{
	struct fixture *fixture = *state;
	struct media_list *list;

	catalog_filter_explicit(fixture->catalog, EXPLICIT_CLEAN);
	fixture->fake.explicit_every = 5;
	list = get(fixture, ask_about(CATALOG_ALBUM_TRACKS, MEDIA_ALBUM, "9"), ERR_NONE);
	assert_int_equal(list->count, 120);
	assert_int_equal(list->total, 120);
	for (size_t i = 0; i < list->count; i++)
		assert_false(list->items[i].explicit_content);
	assert_string_equal(list->items[4].id.key, "6");
	media_list_unref(list);
	get_and_forget(fixture, search_for("daft punk"), ERR_NONE);
	list = get(fixture, ask_about(CATALOG_ITEM, MEDIA_SONG, "5"), ERR_NONE);
	assert_true(list->items[0].explicit_content);
	media_list_unref(list);
}

static void
tracks_of_an_album_that_does_not_exist_are_not_found(void **state)
{
	struct fixture *fixture = *state;
	struct catalog_query query = ask_about(CATALOG_ALBUM_TRACKS, MEDIA_ALBUM, "999");

	get_and_forget(fixture, query, ERR_NOT_FOUND);
	get_and_forget(fixture, query, ERR_NOT_FOUND);
	assert_int_equal(fixture->fake.count, 1);
	/* Known of the album alone, it is known of its tracks. */
	query.id.key[2] = '8';
	get_and_forget(fixture, ask_about(CATALOG_ITEM, MEDIA_ALBUM, "998"), ERR_NOT_FOUND);
	get_and_forget(fixture, query, ERR_NOT_FOUND);
	assert_int_equal(fixture->fake.count, 2);
}

/* ---- single flight, deadlines, cancelling ---- */

static void
one_question_is_asked_once_at_a_time(void **state)
{
	struct fixture *fixture = *state;
	struct catalog_query query = search_for("daft punk");
	struct seen seen[5] = { 0 };

	for (size_t i = 0; i < COUNT_OF(seen); i++)
		catalog_get(fixture->worker, &query, 5000, on_done, &seen[i]);
	for (size_t i = 0; i < COUNT_OF(seen); i++) {
		fake_wait(fixture->loop, &seen[i].done, 1);
		assert_int_equal(seen[i].list->count, 25);
		media_list_unref(seen[i].list);
	}
	assert_int_equal(fixture->fake.count, 1);
}

static void
an_answer_after_the_deadline_is_cached(void **state)
{
	struct fixture *fixture = *state;
	struct catalog_query query = search_for("daft punk");
	struct media_list *list = NULL;
	struct seen seen = { 0 };

	fixture->fake.mode = FAKE_HOLD;
	catalog_get(fixture->worker, &query, 300, on_done, &seen);
	fake_wait(fixture->loop, &fixture->fake.held_count, 1);
	clock_advance(301);
	fake_wait(fixture->loop, &seen.done, 1);
	assert_int_equal(seen.err, ERR_TIMEOUT);
	fake_release(&fixture->fake);
	for (int i = 0; i < 500 && list == NULL; i++) {
		loop_turn(fixture->loop, 2);
		list = catalog_peek(fixture->catalog, &query);
	}
	assert_non_null(list);
	assert_int_equal(seen.done, 1);
	media_list_unref(list);
}

static void
a_cancelled_call_is_silent(void **state)
{
	struct fixture *fixture = *state;
	struct catalog_query query = search_for("daft punk");
	struct seen waiting = { 0 }, posted = { 0 }, other = { 0 };

	fixture->fake.mode = FAKE_HOLD;
	struct catalog_call *call =
		catalog_get(fixture->worker, &query, 5000, on_done, &waiting);
	catalog_get(fixture->worker, &query, 5000, on_done, &other);
	fake_wait(fixture->loop, &fixture->fake.held_count, 1);
	catalog_cancel(call);
	fake_release(&fixture->fake);
	fake_wait(fixture->loop, &other.done, 1);
	assert_int_equal(waiting.done, 0);
	media_list_unref(other.list);
	/* Its answer is in the mail already. */
	call = catalog_get(fixture->worker, &query, 5000, on_done, &posted);
	catalog_cancel(call);
	fake_rest(fixture->loop);
	assert_int_equal(posted.done, 0);
}

static void
a_worker_may_go_while_its_calls_wait(void **state)
{
	struct fixture *fixture = *state;
	struct catalog_query query = search_for("daft punk");
	struct seen seen[3] = { 0 };

	fixture->fake.mode = FAKE_HOLD;
	catalog_get(fixture->worker, &query, 5000, on_done, &seen[0]);
	query.text = "other";
	catalog_get(fixture->worker, &query, 5000, on_done, &seen[1]);
	query.text = "x";
	catalog_get(fixture->worker, &query, 5000, on_done, &seen[2]);
	fake_wait(fixture->loop, &fixture->fake.held_count, 2);
	catalog_worker_free(fixture->worker);
	fixture->worker = NULL;
	fake_release(&fixture->fake);
	fake_rest(fixture->loop);
	assert_int_equal(seen[0].done + seen[1].done, 0);
}

/* ---- politeness ---- */

/* Searches may use 30 places of 40, what is opened or played all of them. */
static void
calls_beyond_the_rate_wait_or_are_refused(void **state)
{
	struct fixture *fixture = *state;
	struct seen seen[42] = { 0 }, late = { 0 };
	char text[20];

	for (size_t i = 0; i < COUNT_OF(seen); i++) {
		snprintf(text, sizeof text, "%zu", i + 100);
		struct catalog_query query =
			i < 31 ? search_for(text)
			       : ask_about(CATALOG_ITEM, MEDIA_SONG, text);
		catalog_get(fixture->worker, &query, 2000, on_done, &seen[i]);
	}
	for (size_t i = 0; i < COUNT_OF(seen); i++) {
		fake_wait(fixture->loop, &seen[i].done, 1);
		assert_int_equal(seen[i].err, i == 30 || i == 41 ? ERR_BUSY : ERR_NONE);
		media_list_unref(seen[i].list);
	}
	struct catalog_query query = ask_about(CATALOG_ITEM, MEDIA_SONG, "1");
	catalog_get(fixture->worker, &query, 6000, on_done, &late);
	fake_rest(fixture->loop);
	assert_int_equal(late.done, 0);
	clock_advance(5000);
	fake_wait(fixture->loop, &late.done, 1);
	assert_int_equal(late.err, ERR_NONE);
	media_list_unref(late.list);
	assert_int_equal(fixture->fake.count, 41);
}

static void
a_provider_that_fails_is_left_alone_for_a_while(void **state)
{
	struct fixture *fixture = *state;

	fixture->fake.mode = FAKE_BROKEN;
	get_and_forget(fixture, search_for("one"), ERR_UNREACHABLE);
	fixture->fake.mode = FAKE_GARBAGE;
	get_and_forget(fixture, search_for("two"), ERR_PROTOCOL);
	get_and_forget(fixture, search_for("three"), ERR_PROTOCOL);
	assert_false(catalog_is_up(fixture->catalog, PROVIDER_DEEZER));
	get_and_forget(fixture, search_for("four"), ERR_BUSY);
	assert_int_equal(fixture->fake.count, 3);
	fixture->fake.mode = FAKE_WELL;
	clock_advance(1300);
	get_and_forget(fixture, search_for("one"), ERR_NONE);
	assert_true(catalog_is_up(fixture->catalog, PROVIDER_DEEZER));
}

static void
quota_exceeded_is_tried_once_more_after_a_pause(void **state)
{
	struct fixture *fixture = *state;
	struct catalog_query query = search_for("daft punk");
	struct seen seen = { 0 };

	fixture->fake.mode = FAKE_QUOTA;
	fixture->fake.quota = 1;
	catalog_get(fixture->worker, &query, 5000, on_done, &seen);
	fake_wait(fixture->loop, &fixture->fake.count, 1);
	fake_rest(fixture->loop);
	assert_int_equal(fixture->fake.count, 1);
	assert_false(catalog_is_up(fixture->catalog, PROVIDER_DEEZER));
	clock_advance(2000);
	fake_wait(fixture->loop, &seen.done, 1);
	assert_int_equal(seen.err, ERR_NONE);
	media_list_unref(seen.list);
	fixture->fake.quota = 2;
	query.text = "another";
	seen = (struct seen){ 0 };
	catalog_get(fixture->worker, &query, 5000, on_done, &seen);
	fake_wait(fixture->loop, &fixture->fake.count, 3);
	fake_rest(fixture->loop);
	clock_advance(2000);
	fake_wait(fixture->loop, &seen.done, 1);
	assert_int_equal(seen.err, ERR_BUSY);
}

static void
a_provider_that_cannot_be_reached_says_so(void **state)
{
	struct fixture *fixture = *state;
	struct catalog *catalog = fake_catalog_new("http://127.0.0.1:1");
	struct catalog_worker *worker =
		catalog_worker_new(catalog, fixture->loop, fixture->client);
	struct catalog_query query = search_for("daft punk");
	struct seen seen = { 0 };

	catalog_get(worker, &query, 5000, on_done, &seen);
	fake_wait(fixture->loop, &seen.done, 1);
	assert_int_equal(seen.err, ERR_UNREACHABLE);
	catalog_worker_free(worker);
	catalog_free(catalog);
	catalog_worker_free(NULL);
	catalog_free(NULL);
}

/* ---- pictures ---- */

static void
a_picture_seen_in_a_list_is_found_by_id(void **state)
{
	struct fixture *fixture = *state;
	struct catalog_query query = search_for("daft punk");
	struct external_id id = ask_about(CATALOG_ITEM, MEDIA_ALBUM, "3").id;
	char wanted[120];
	struct text url;

	text_init(&url);
	assert_false(catalog_image_url_by_id(&url, fixture->catalog, &id, 300));
	query.kind = MEDIA_ALBUM;
	struct media_list *list = get(fixture, query, ERR_NONE);
	snprintf(wanted, sizeof wanted, "%s/images/cover/c0ffee3/500x500-000000-80-0-0.jpg",
		fixture->fake.url);
	assert_true(catalog_image_url_by_id(&url, fixture->catalog, &id, 300));
	assert_string_equal(text_get(&url), wanted);
	text_clear(&url);
	assert_true(catalog_image_url(&url, fixture->catalog, &list->items[2], 300));
	assert_string_equal(text_get(&url), wanted);
	media_list_unref(list);
	list = get(fixture, ask_about(CATALOG_ITEM, MEDIA_ARTIST, "3"), ERR_NONE);
	assert_false(catalog_image_url(&url, fixture->catalog, &list->items[0], 300));
	media_list_unref(list);
	text_fini(&url);
}

/* ---- several workers ---- */

/* A worker on a loop of its own, turned by the same thread. */
struct second {
	struct loop *loop;
	struct http_client *client;
	struct catalog_worker *worker;
};

static void
second_open(struct second *second, struct catalog *catalog)
{
	static const struct http_client_options options = { .user_agent = "test" };

	second->loop = loop_new("second");
	second->client = http_client_new(second->loop, &options);
	second->worker = catalog_worker_new(catalog, second->loop, second->client);
}

static void
second_close(struct second *second)
{
	catalog_worker_free(second->worker);
	http_client_free(second->client);
	loop_free(second->loop);
}

static void
workers_share_one_question_and_its_answer(void **state)
{
	struct fixture *fixture = *state;
	struct catalog_query query = search_for("daft punk");
	struct seen first = { 0 }, other = { 0 }, gone = { 0 };
	struct second second, third;

	second_open(&second, fixture->catalog);
	second_open(&third, fixture->catalog);
	catalog_get(fixture->worker, &query, 5000, on_done, &first);
	catalog_get(second.worker, &query, 5000, on_done, &other);
	catalog_get(third.worker, &query, 5000, on_done, &gone);
	second_close(&third);
	fake_wait(fixture->loop, &first.done, 1);
	fake_wait(second.loop, &other.done, 1);
	assert_ptr_equal(first.list, other.list);
	assert_int_equal(gone.done, 0);
	assert_int_equal(fixture->fake.count, 1);
	media_list_unref(first.list);
	media_list_unref(other.list);
	second_close(&second);
}

static void
when_the_asking_worker_goes_the_others_are_told(void **state)
{
	struct fixture *fixture = *state;
	struct catalog_query query = search_for("daft punk");
	struct seen first = { 0 }, other = { 0 };
	struct second second;

	second_open(&second, fixture->catalog);
	catalog_get(second.worker, &query, 5000, on_done, &first);
	catalog_get(fixture->worker, &query, 5000, on_done, &other);
	second_close(&second);
	fake_wait(fixture->loop, &other.done, 1);
	assert_int_equal(other.err, ERR_BUSY);
	assert_int_equal(first.done, 0);
	get_and_forget(fixture, query, ERR_NONE);
}

/* ---- threads ---- */

struct thread {
	struct catalog *catalog;
	pthread_t id;
	atomic_bool finished;
	int asked, done, good;
	unsigned seed;
};

static void
on_thread_done(void *arg, enum err err, struct media_list *list)
{
	struct thread *thread = arg;

	thread->done++;
	thread->good += err == ERR_NONE && list->count > 0;
}

static void *
run_thread(void *arg)
{
	struct thread *thread = arg;
	struct second second;
	char text[20];

	second_open(&second, thread->catalog);
	loop_adopt(second.loop);
	for (int i = 0; i < 200; i++) {
		snprintf(text, sizeof text, "song %d", rand_r(&thread->seed) % 30);
		struct catalog_query query = search_for(text);
		struct catalog_call *call =
			catalog_get(second.worker, &query, 4000, on_thread_done, thread);
		if (rand_r(&thread->seed) % 8 == 0)
			catalog_cancel(call);
		else
			thread->asked++;
		if (i % 4 == 0)
			loop_turn(second.loop, 1);
	}
	for (int i = 0; i < 2500 && thread->done < thread->asked; i++)
		loop_turn(second.loop, 2);
	second_close(&second);
	atomic_store(&thread->finished, true);
	return NULL;
}

static void
threads_ask_together_and_each_thing_once(void **state)
{
	struct fixture *fixture = *state;
	struct thread threads[3] = { 0 };

	for (size_t i = 0; i < COUNT_OF(threads); i++) {
		threads[i].catalog = fixture->catalog;
		threads[i].seed = (unsigned)i + 1;
		assert_int_equal(
			pthread_create(&threads[i].id, NULL, run_thread, &threads[i]), 0);
	}
	for (size_t i = 0; i < COUNT_OF(threads); i++) {
		while (!atomic_load(&threads[i].finished))
			loop_turn(fixture->loop, 2);
		pthread_join(threads[i].id, NULL);
		assert_int_equal(threads[i].done, threads[i].asked);
		assert_true(threads[i].good > 0);
	}
	assert_true(fixture->fake.count <= 40);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(a_search_is_asked_once_in_ten_minutes),
		TEST(a_search_beyond_a_page_takes_several_calls),
		TEST(what_does_not_exist_is_remembered_for_five_minutes),
		TEST(questions_without_sense_are_not_asked),
		TEST(album_tracks_are_all_pages_and_know_their_album),
		TEST(an_artists_albums_name_the_artist),
		TEST(no_list_is_longer_than_500),
		TEST(each_list_has_its_address_and_its_bound),
		TEST(lists_leave_out_what_the_filter_does_not_keep),
		TEST(tracks_of_an_album_that_does_not_exist_are_not_found),
		TEST(one_question_is_asked_once_at_a_time),
		TEST(an_answer_after_the_deadline_is_cached),
		TEST(a_cancelled_call_is_silent),
		TEST(a_worker_may_go_while_its_calls_wait),
		TEST(calls_beyond_the_rate_wait_or_are_refused),
		TEST(a_provider_that_fails_is_left_alone_for_a_while),
		TEST(quota_exceeded_is_tried_once_more_after_a_pause),
		TEST(a_provider_that_cannot_be_reached_says_so),
		TEST(a_picture_seen_in_a_list_is_found_by_id),
		TEST(workers_share_one_question_and_its_answer),
		TEST(when_the_asking_worker_goes_the_others_are_told),
		TEST(threads_ask_together_and_each_thing_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
