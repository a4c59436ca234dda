#include "providers/qobuz/qobuz_fetch.h"

#include "tests/unit/providers/qobuz/fake_qobuz.h"

#define TRACKS(offset, total, items)                                                       \
	"{\"tracks\":{\"offset\":" #offset ",\"total\":" #total ",\"items\":[" items "]}}"

/* What a question was told. */
struct seen {
	int done;
	enum err err;
	struct media_list *list; /* a reference */
};

static int
setup(void **state)
{
	*state = fake_qobuz_new(NULL);
	return 0;
}

static int
teardown(void **state)
{
	fake_qobuz_free(*state);
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

static void *
start(struct fake_qobuz *fake, const struct catalog_query *query, struct seen *seen)
{
	*seen = (struct seen){ 0 };
	void *fetch = fake->provider.ops->fetch_start(
		fake->seat, query, NULL, 5000, on_done, seen);
	assert_int_equal(seen->done, 0);
	return fetch;
}

static const struct catalog_query a_search = { .ask = CATALOG_SEARCH,
	.provider = PROVIDER_QOBUZ,
	.kind = MEDIA_SONG,
	.text = "daft punk",
	.limit = 2 };
static const struct catalog_query an_album = { .ask = CATALOG_ALBUM_TRACKS,
	.provider = PROVIDER_QOBUZ,
	.id = { PROVIDER_QOBUZ, MEDIA_ALBUM, "0012ab" } };
static const struct catalog_query a_song = { .ask = CATALOG_ITEM,
	.provider = PROVIDER_QOBUZ,
	.id = { PROVIDER_QOBUZ, MEDIA_SONG, "7" } };

/* Asks and waits; how many items came. */
static size_t
get(struct fake_qobuz *fake, const struct catalog_query *query, enum err wanted)
{
	struct seen seen;
	size_t count = 0;

	start(fake, query, &seen);
	fake_wait(fake, &seen.done, 1);
	if (seen.err != wanted)
		fail_msg("%s, not %s", err_name(seen.err), err_name(wanted));
	assert_int_equal(seen.list != NULL, wanted == ERR_NONE);
	if (seen.list != NULL)
		count = seen.list->count;
	media_list_unref(seen.list);
	return count;
}

static void
who_asks_stands_in_headers_and_never_in_the_address(void **state)
{
	struct fake_qobuz *fake = *state;

	fake_will_answer(fake, 200, TRACKS(0, 9, "{\"id\":1},{\"id\":2}"));
	assert_int_equal(get(fake, &a_search, ERR_NONE), 2);
	assert_string_equal(fake->app, FAKE_APP);
	assert_string_equal(fake->token, FAKE_TOKEN);
	assert_string_equal(
		text_get(&fake->all), "/track/search?query=daft%20punk&limit=2&offset=0\n");
}

static void
pages_are_asked_for_until_the_total_is_there(void **state)
{
	struct fake_qobuz *fake = *state;

	fake_will_answer(fake, 200, TRACKS(0, 3, "{\"id\":1},{\"id\":2}"));
	fake_will_answer(fake, 200, TRACKS(2, 3, "{\"id\":3}"));
	assert_int_equal(get(fake, &an_album, ERR_NONE), 3);
	assert_string_equal(text_get(&fake->all),
		"/album/get?album_id=0012ab&limit=200&offset=0\n"
		"/album/get?album_id=0012ab&limit=200&offset=2\n");
}

static void
a_total_that_never_comes_ends_with_an_empty_page(void **state)
{
	struct fake_qobuz *fake = *state;

	fake_will_answer(fake, 200, TRACKS(0, 300, "{\"id\":1}"));
	fake_will_answer(fake, 200, TRACKS(1, 300, ""));
	assert_int_equal(get(fake, &an_album, ERR_NONE), 1);
	/* Nor does one whose answers know no pages. */
	fake_will_answer(fake, 200, TRACKS(0, 300, "{\"id\":1}"));
	fake_will_answer(fake, 200, TRACKS(0, 300, "{\"id\":1}"));
	assert_int_equal(get(fake, &an_album, ERR_NONE), 1);
}

static void
what_is_not_there_is_told_and_nothing_is_wrong_with_qobuz(void **state)
{
	struct fake_qobuz *fake = *state;

	for (int i = 0; i < 4; i++) {
		fake_will_answer(fake, 404, FAKE_SAYS(404, "No result"));
		assert_int_equal(get(fake, &a_song, ERR_NOT_FOUND), 0);
	}
	fake_will_answer(fake, 400, FAKE_SAYS(400, "Invalid argument"));
	assert_int_equal(get(fake, &a_song, ERR_NOT_FOUND), 0);
	assert_true(fake->provider.ops->is_up(fake->provider.shared));
}

static void
what_qobuz_has_not_is_not_asked_for(void **state)
{
	const struct catalog_query chart = {
		.ask = CATALOG_CHART, .provider = PROVIDER_QOBUZ, .kind = MEDIA_SONG
	};

	assert_int_equal(get(*state, &chart, ERR_INVALID), 0);
	assert_int_equal(((struct fake_qobuz *)*state)->count, 0);
}

static void
a_qobuz_that_fails_is_left_alone(void **state)
{
	struct fake_qobuz *fake = *state;

	fake_will_answer(fake, 500, "oops");
	fake_will_answer(fake, 200, "<html>");
	fake_will_answer(fake, 503, FAKE_SAYS(503, "oops"));
	(void)get(fake, &a_song, ERR_UNREACHABLE);
	(void)get(fake, &a_song, ERR_PROTOCOL);
	(void)get(fake, &a_song, ERR_UNREACHABLE);
	assert_false(fake->provider.ops->is_up(fake->provider.shared));
	(void)get(fake, &a_song, ERR_BUSY);
	assert_int_equal(fake->count, 3);
	clock_advance(2000);
	fake_will_answer(fake, 200, "{\"id\":7,\"title\":\"t\"}");
	assert_int_equal(get(fake, &a_song, ERR_NONE), 1);
}

static void
too_many_requests_are_tried_again_when_qobuz_wants_it(void **state)
{
	struct fake_qobuz *fake = *state;
	struct seen seen;

	fake->answers[0] = (struct fake_answer){ 429, "slow down", "5" };
	fake->answers[1] = (struct fake_answer){ 200, "{\"id\":7}", NULL };
	fake->answer_count = 2;
	start(fake, &a_song, &seen);
	fake_wait(fake, &fake->count, 1);
	fake_rest(fake);
	clock_advance(4000);
	fake_rest(fake);
	assert_int_equal(fake->count, 1);
	assert_false(fake->provider.ops->is_up(fake->provider.shared));
	clock_advance(1100);
	fake_wait(fake, &seen.done, 1);
	assert_int_equal(seen.err, ERR_NONE);
	assert_int_equal(fake->count, 2);
	media_list_unref(seen.list);
}

static void
too_many_requests_twice_or_for_long_is_busy(void **state)
{
	struct fake_qobuz *fake = *state;
	struct seen seen;

	fake->answers[0] = (struct fake_answer){ 429, "", "1" };
	fake->answers[1] = (struct fake_answer){ 429, "", "1" };
	fake->answers[2] = (struct fake_answer){ 429, "", "300" };
	fake->answer_count = 3;
	start(fake, &a_song, &seen);
	fake_wait(fake, &fake->count, 1);
	fake_rest(fake);
	clock_advance(2000);
	fake_wait(fake, &seen.done, 1);
	assert_int_equal(seen.err, ERR_BUSY);
	assert_int_equal(fake->count, 2);
	clock_advance(2000);
	(void)get(fake, &a_song, ERR_BUSY);
	assert_int_equal(fake->count, 3);
	/* And nobody asks before. */
	clock_advance(290 * 1000);
	(void)get(fake, &a_song, ERR_BUSY);
	assert_int_equal(fake->count, 3);
}

static void
at_most_sixty_calls_are_made_in_a_minute_and_fewer_searches(void **state)
{
	struct fake_qobuz *fake = *state;

	for (int i = 0; i < FAKE_ANSWERS; i++)
		fake_will_answer(fake, 404, "{}");
	for (int i = 0; i < 60; i++) {
		/* Searches may use 45. */
		const struct catalog_query *query = i < 45 ? &a_search : &a_song;
		fake->count = 0;
		(void)get(fake, query, ERR_NOT_FOUND);
		if (i >= 45)
			(void)get(fake, &a_search, ERR_BUSY);
	}
	(void)get(fake, &a_song, ERR_BUSY);
	clock_advance(60 * 1000);
	fake->count = 0;
	(void)get(fake, &a_song, ERR_NOT_FOUND);
}

static void
a_token_that_is_refused_is_left_out(void **state)
{
	struct fake_qobuz *fake = *state;
	char reason[200];

	fake_will_answer(fake, 401, FAKE_SAYS(401, "User authentication is required."));
	fake_will_answer(fake, 200, "{\"id\":7}");
	fake_will_answer(fake, 200, "{\"id\":7}");
	fake_will_answer(fake, 200, "{\"id\":7}");
	assert_int_equal(get(fake, &a_song, ERR_NONE), 1);
	assert_int_equal(fake->count, 2);
	assert_string_equal(fake->token, "");
	assert_non_null(strstr(fake_reason(fake, reason), "SIDETRACK_QOBUZ_TOKEN"));
	assert_true(fake->provider.ops->is_up(fake->provider.shared));
	/* Not sent again for a while. */
	assert_int_equal(get(fake, &a_song, ERR_NONE), 1);
	assert_int_equal(fake->count, 3);
	assert_string_equal(fake->token, "");
	clock_advance(30 * 60 * 1000);
	assert_int_equal(get(fake, &a_song, ERR_NONE), 1);
	assert_string_equal(fake->token, FAKE_TOKEN);
}

static void
a_catalogue_for_accounts_only_is_not_up_without_one(void **state)
{
	struct fake_qobuz *fake = *state;
	json_t *status;

	fake_will_answer(fake, 401, FAKE_SAYS(401, "User authentication is required."));
	fake_will_answer(fake, 401, FAKE_SAYS(401, "User authentication is required."));
	(void)get(fake, &a_song, ERR_DENIED);
	assert_int_equal(fake->count, 2);
	assert_false(fake->provider.ops->is_up(fake->provider.shared));
	status = fake->provider.ops->status(fake->provider.shared);
	assert_false(json_is_true(json_object_get(status, "up")));
	assert_non_null(strstr(
		json_string_value(json_object_get(status, "reason")), "accounts only"));
	json_decref(status);
	clock_advance(10 * 60 * 1000);
	assert_true(fake->provider.ops->is_up(fake->provider.shared));
}

static void
an_app_that_qobuz_does_not_know_is_told(void **state)
{
	struct fake_qobuz *fake = *state;
	char reason[200];

	fake_will_answer(fake, 400, FAKE_SAYS(400, "Invalid or missing app_id parameter"));
	(void)get(fake, &a_song, ERR_DENIED);
	assert_non_null(strstr(fake_reason(fake, reason), "SIDETRACK_QOBUZ_APP_ID"));
	assert_false(fake->provider.ops->is_up(fake->provider.shared));
}

/* ---- several kinds of one search ---- */

#define ALL                                                                                \
	"{\"tracks\":{\"total\":1,\"items\":[{\"id\":1}]},\"albums\":{\"total\":2,"        \
	"\"items\":["                                                                      \
	"{\"id\":\"a\"},{\"id\":\"b\"}]},\"artists\":{\"total\":0,\"items\":[]}}"

static void
kinds_of_one_search_share_a_call(void **state)
{
	static const enum media_kind kinds[] = { MEDIA_SONG, MEDIA_ALBUM, MEDIA_ARTIST,
		MEDIA_PLAYLIST };
	static const size_t counts[] = { 1, 2, 0, 1 };
	struct fake_qobuz *fake = *state;
	struct seen seen[COUNT_OF(kinds)];
	struct catalog_query query = a_search;

	/* What is not in the answer is asked for alone. */
	fake_will_answer(fake, 200, ALL);
	fake_will_answer(fake, 200, "{\"playlists\":{\"items\":[{\"id\":5}]}}");
	for (size_t i = 0; i < COUNT_OF(kinds); i++) {
		query.kind = kinds[i];
		start(fake, &query, &seen[i]);
	}
	for (size_t i = 0; i < COUNT_OF(kinds); i++) {
		fake_wait(fake, &seen[i].done, 1);
		assert_int_equal(seen[i].err, ERR_NONE);
		assert_int_equal(seen[i].list->count, counts[i]);
		media_list_unref(seen[i].list);
	}
	assert_string_equal(text_get(&fake->all),
		"/catalog/search?query=daft%20punk&limit=2&offset=0\n"
		"/playlist/search?query=daft%20punk&limit=2&offset=0\n");
}

static void
an_answer_without_the_list_is_asked_for_once_more_and_then_told(void **state)
{
	struct fake_qobuz *fake = *state;

	fake_will_answer(fake, 200, "{}");
	fake_will_answer(fake, 200, "{}");
	(void)get(fake, &a_search, ERR_PROTOCOL);
	assert_int_equal(fake->count, 2);
}

static void
other_words_or_pages_are_other_calls(void **state)
{
	struct fake_qobuz *fake = *state;
	struct seen seen[3];
	struct catalog_query query = a_search;

	for (int i = 0; i < 3; i++)
		fake_will_answer(fake, 200, TRACKS(0, 1, "{\"id\":1}"));
	start(fake, &query, &seen[0]);
	query.offset = 2;
	start(fake, &query, &seen[1]);
	query.text = "mira sol";
	start(fake, &query, &seen[2]);
	for (int i = 0; i < 3; i++) {
		fake_wait(fake, &seen[i].done, 1);
		media_list_unref(seen[i].list);
	}
	assert_int_equal(fake->count, 3);
	assert_null(strstr(text_get(&fake->all), "catalog/search"));
}

static void
who_comes_later_joins_a_call_for_all_kinds_only(void **state)
{
	struct fake_qobuz *fake = *state;
	struct seen songs, albums, artists, late;
	struct catalog_query query = a_search;

	/* Songs alone are under way: albums need a call of their own. */
	fake_will_answer(fake, 200, TRACKS(0, 1, "{\"id\":1}"));
	fake_will_answer(fake, 200, ALL);
	start(fake, &query, &songs);
	loop_turn(fake->loop, 0);
	query.kind = MEDIA_ALBUM;
	start(fake, &query, &albums);
	query.kind = MEDIA_ARTIST;
	start(fake, &query, &artists);
	loop_turn(fake->loop, 0);
	query.kind = MEDIA_SONG;
	start(fake, &query, &late);
	fake_wait(fake, &songs.done, 1);
	fake_wait(fake, &albums.done, 1);
	fake_wait(fake, &artists.done, 1);
	fake_wait(fake, &late.done, 1);
	assert_int_equal(fake->count, 2);
	media_list_unref(songs.list);
	media_list_unref(albums.list);
	media_list_unref(artists.list);
	media_list_unref(late.list);
}

static void
what_goes_wrong_is_told_to_all_who_share(void **state)
{
	struct fake_qobuz *fake = *state;
	struct seen songs, albums;
	struct catalog_query query = a_search;

	fake_will_answer(fake, 503, "oops");
	start(fake, &query, &songs);
	query.kind = MEDIA_ALBUM;
	start(fake, &query, &albums);
	fake_wait(fake, &songs.done, 1);
	fake_wait(fake, &albums.done, 1);
	assert_int_equal(songs.err, ERR_UNREACHABLE);
	assert_int_equal(albums.err, ERR_UNREACHABLE);
	assert_int_equal(fake->count, 1);
}

static void
who_leaves_leaves_the_others_theirs(void **state)
{
	struct fake_qobuz *fake = *state;
	struct seen songs, albums;
	struct catalog_query query = a_search;

	fake_will_answer(fake, 200, TRACKS(0, 1, "{\"id\":1}"));
	void *fetch = start(fake, &query, &songs);
	query.kind = MEDIA_ALBUM;
	void *other = start(fake, &query, &albums);
	/* Alone again before it is asked: its kind only. */
	fake->provider.ops->fetch_cancel(other);
	fake_wait(fake, &songs.done, 1);
	media_list_unref(songs.list);
	assert_non_null(strstr(text_get(&fake->all), "track/search"));
	/* When all have left, before the call and under way, it is gone. */
	query.kind = MEDIA_SONG;
	fake->provider.ops->fetch_cancel(start(fake, &query, &songs));
	fetch = start(fake, &query, &songs);
	loop_turn(fake->loop, 0);
	fake->provider.ops->fetch_cancel(fetch);
	fake_rest(fake);
	assert_int_equal(songs.done + albums.done, 0);
}

static void
a_question_that_is_cancelled_is_silent(void **state)
{
	struct fake_qobuz *fake = *state;
	struct seen seen;

	/* Before its call, and under way. */
	fake->provider.ops->fetch_cancel(start(fake, &a_song, &seen));
	fake_rest(fake);
	fake_will_answer(fake, 200, "{\"id\":7}");
	void *fetch = start(fake, &a_song, &seen);
	loop_turn(fake->loop, 0);
	fake->provider.ops->fetch_cancel(fetch);
	fake_rest(fake);
	assert_int_equal(seen.done, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			who_asks_stands_in_headers_and_never_in_the_address, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			pages_are_asked_for_until_the_total_is_there, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_total_that_never_comes_ends_with_an_empty_page, setup, teardown),
		cmocka_unit_test_setup_teardown(
			what_is_not_there_is_told_and_nothing_is_wrong_with_qobuz, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			what_qobuz_has_not_is_not_asked_for, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_qobuz_that_fails_is_left_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(
			too_many_requests_are_tried_again_when_qobuz_wants_it, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			too_many_requests_twice_or_for_long_is_busy, setup, teardown),
		cmocka_unit_test_setup_teardown(
			at_most_sixty_calls_are_made_in_a_minute_and_fewer_searches, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			a_token_that_is_refused_is_left_out, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_catalogue_for_accounts_only_is_not_up_without_one, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			an_app_that_qobuz_does_not_know_is_told, setup, teardown),
		cmocka_unit_test_setup_teardown(
			kinds_of_one_search_share_a_call, setup, teardown),
		cmocka_unit_test_setup_teardown(
			an_answer_without_the_list_is_asked_for_once_more_and_then_told,
			setup, teardown),
		cmocka_unit_test_setup_teardown(
			other_words_or_pages_are_other_calls, setup, teardown),
		cmocka_unit_test_setup_teardown(
			who_comes_later_joins_a_call_for_all_kinds_only, setup, teardown),
		cmocka_unit_test_setup_teardown(
			what_goes_wrong_is_told_to_all_who_share, setup, teardown),
		cmocka_unit_test_setup_teardown(
			who_leaves_leaves_the_others_theirs, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_question_that_is_cancelled_is_silent, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
