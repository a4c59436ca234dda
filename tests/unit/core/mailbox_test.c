#include "core/mailbox.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct letter {
	struct message message;
	struct desk *desk;
	int sender, number;
	int again; /* times to post itself once more */
};

struct desk {
	struct mailbox mailbox;
	atomic_int wakes;
	int read;
	int next[4]; /* number expected of each sender */
};

static void
on_wake(void *arg)
{
	struct desk *desk = arg;

	atomic_fetch_add(&desk->wakes, 1);
}

static void
read_letter(struct message *message)
{
	struct letter *letter = CONTAINER_OF(message, struct letter, message);
	struct desk *desk = letter->desk;

	desk->read++;
	if (letter->again > 0) {
		letter->again--;
		mailbox_post(&desk->mailbox, message, read_letter);
		return;
	}
	assert_int_equal(letter->number, desk->next[letter->sender]);
	desk->next[letter->sender]++;
}

static void
only_the_first_letter_wakes(void **state)
{
	struct desk desk = { 0 };
	struct letter letters[3];

	(void)state;
	mailbox_init(&desk.mailbox, on_wake, &desk);
	assert_false(mailbox_drain(&desk.mailbox));
	for (int round = 1; round <= 2; round++) {
		for (int i = 0; i < 3; i++) {
			letters[i] = (struct letter){ .desk = &desk, .number = i };
			mailbox_post(&desk.mailbox, &letters[i].message, read_letter);
		}
		assert_int_equal(atomic_load(&desk.wakes), round);
		assert_true(mailbox_drain(&desk.mailbox));
		assert_int_equal(desk.next[0], 3);
		desk.next[0] = 0;
	}
	mailbox_fini(&desk.mailbox);
}

static void
a_letter_that_posts_itself_again_waits_for_the_next_drain(void **state)
{
	struct desk desk = { 0 };
	struct letter letter = { .desk = &desk, .again = 1 };

	(void)state;
	mailbox_init(&desk.mailbox, on_wake, &desk);
	mailbox_post(&desk.mailbox, &letter.message, read_letter);
	assert_true(mailbox_drain(&desk.mailbox));
	assert_int_equal(desk.read, 1);
	assert_int_equal(atomic_load(&desk.wakes), 2);
	assert_true(mailbox_drain(&desk.mailbox));
	assert_int_equal(desk.read, 2);
	assert_false(mailbox_drain(&desk.mailbox));
	mailbox_fini(&desk.mailbox);
}

enum { LETTERS = 20000 };

static void *
run_sender(void *arg)
{
	struct letter *letters = arg;

	for (int i = 0; i < LETTERS; i++)
		mailbox_post(&letters[i].desk->mailbox, &letters[i].message, read_letter);
	return NULL;
}

static void
letters_of_each_sender_arrive_in_order(void **state)
{
	struct desk desk = { 0 };
	struct letter *letters = xcalloc(4 * LETTERS, sizeof *letters);
	pthread_t threads[4];

	(void)state;
	mailbox_init(&desk.mailbox, on_wake, &desk);
	for (int i = 0; i < 4 * LETTERS; i++)
		letters[i] = (struct letter){
			.desk = &desk, .sender = i / LETTERS, .number = i % LETTERS
		};
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, run_sender,
					 letters + i * LETTERS),
			0);
	while (desk.read < 4 * LETTERS)
		mailbox_drain(&desk.mailbox);
	for (int i = 0; i < 4; i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(desk.next[i], LETTERS);
	}
	mailbox_fini(&desk.mailbox);
	xfree(letters);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_first_letter_wakes),
		cmocka_unit_test(a_letter_that_posts_itself_again_waits_for_the_next_drain),
		cmocka_unit_test(letters_of_each_sender_arrive_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
