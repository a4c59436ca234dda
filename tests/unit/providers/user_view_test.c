#include "providers/user_view.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static struct external_id
song(size_t number)
{
	struct external_id id = { .provider = PROVIDER_DEEZER, .kind = MEDIA_SONG };

	snprintf(id.key, sizeof id.key, "%zu", number);
	return id;
}

static void
put(struct user_view *view, size_t number, int64_t play_count, int64_t version)
{
	struct external_id id = song(number);
	struct user_item item = { .play_count = play_count, .version = version };
	char hex[EXTERNAL_ID_HEX];

	assert_true(external_id_format(hex, &id));
	user_view_put(view, hex, &item);
}

static int64_t
plays_of(struct user_view *view, size_t number)
{
	struct external_id id = song(number);
	struct user_item item;

	return user_view_get(view, &id, &item) ? item.play_count : -1;
}

static void
every_thing_of_many_is_found_and_no_other(void **state)
{
	enum { MANY = 5000 };
	struct user_view *view = user_view_new();

	(void)state;
	for (size_t i = 1; i <= MANY; i++)
		put(view, i * 7, (int64_t)i, 1);
	for (size_t i = 1; i <= MANY; i++)
		assert_int_equal(plays_of(view, i * 7), i);
	for (size_t i = 1; i <= MANY; i++)
		assert_int_equal(plays_of(view, i * 7 + 1), -1);
	struct external_id album = song(7);
	struct user_item item = { .play_count = 9 };
	album.kind = MEDIA_ALBUM;
	assert_false(user_view_get(view, &album, &item));
	assert_int_equal(item.play_count, 0);
	user_view_unref(view);
}

static void
the_newest_state_stands_in_whatever_order_it_comes(void **state)
{
	struct user_view *view = user_view_new();

	(void)state;
	put(view, 1, 30, 3);
	uint64_t changes = user_view_changes(view);
	put(view, 1, 20, 2);
	put(view, 1, 31, 3);
	assert_int_equal(plays_of(view, 1), 30);
	assert_int_equal(user_view_changes(view), changes);
	put(view, 1, 40, 4);
	assert_int_equal(plays_of(view, 1), 40);
	assert_int_not_equal(user_view_changes(view), changes);
	user_view_unref(view);
}

static void
it_is_bounded(void **state)
{
	struct user_view *view = user_view_new();
	size_t beyond = USER_VIEW_MOST + 1;

	(void)state;
	for (size_t i = 1; i <= beyond; i++)
		put(view, i, 1, 1);
	assert_int_equal(plays_of(view, beyond - 1), 1);
	assert_int_equal(plays_of(view, beyond), -1);
	put(view, 5, 2, 2); /* what it has stays current */
	assert_int_equal(plays_of(view, 5), 2);
	assert_true(user_view_cost(view) < 16 << 20);
	user_view_unref(view);
}

static void
what_is_no_id_is_not_kept(void **state)
{
	struct user_view *view = user_view_new();
	struct user_item item = { .version = 1 };

	(void)state;
	user_view_put(view, "", &item);
	user_view_put(view, "not an id at all, but as long as", &item);
	assert_int_equal(user_view_changes(view), 0);
	user_view_unref(view);
}

enum { ROUNDS = 2000 };

static void *
put_many(void *arg)
{
	for (size_t i = 1; i <= ROUNDS; i++)
		put(arg, i, (int64_t)i, 1);
	user_view_unref(arg);
	return NULL;
}

static void
threads_may_read_what_another_writes(void **state)
{
	struct user_view *view = user_view_new();
	pthread_t thread;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, put_many, user_view_ref(view)), 0);
	for (size_t i = 1; i <= ROUNDS; i++) {
		int64_t plays = plays_of(view, i);
		assert_true(plays == -1 || plays == (int64_t)i);
	}
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(plays_of(view, ROUNDS), ROUNDS);
	user_view_unref(view);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_thing_of_many_is_found_and_no_other),
		cmocka_unit_test(the_newest_state_stands_in_whatever_order_it_comes),
		cmocka_unit_test(it_is_bounded),
		cmocka_unit_test(what_is_no_id_is_not_kept),
		cmocka_unit_test(threads_may_read_what_another_writes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
