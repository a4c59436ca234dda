#include "core/http_listener.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/loop.h"

enum { TURNS = 1000 };

static void
on_accepted(void *arg, int take_fd, const struct sockaddr *address)
{
	(void)address;
	*(int *)arg = take_fd;
}

static bool
on_starved(void *arg)
{
	(void)arg;
	return false;
}

static const struct http_listener_owner owner = { on_accepted, on_starved };

static void
read_congestion_control(int fd, char name[16])
{
	socklen_t size = 16;

	memset(name, 0, 16);
	assert_int_equal(getsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name, &size), 0);
}

/* What an accepted socket does when the listener is at `address`. */
static void
find_congestion_control(const char *address, char name[16])
{
	struct loop *loop = loop_new("test");
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int accepted = -1;
	uint16_t port = 0;
	char why[128];

	loop_adopt(loop);
	struct http_listener *listener =
		http_listener_new(loop, address, &port, &owner, &accepted, why, sizeof why);
	assert_non_null(listener);
	to.sin_port = htons(port);
	assert_int_equal(connect(client, (struct sockaddr *)&to, sizeof to), 0);
	for (int i = 0; i < TURNS && accepted < 0; i++)
		loop_turn(loop, 1);
	read_congestion_control(accepted, name);
	close(accepted);
	close(client);
	http_listener_free(listener);
	loop_turn(loop, 0);
	loop_free(loop);
}

static void
nothing_is_paced_towards_this_host(void **state)
{
	char name[16];

	(void)state;
	find_congestion_control("127.0.0.1", name);
	assert_string_equal(name, "reno");
}

static void
towards_others_the_systems_choice_stands(void **state)
{
	int fresh = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char name[16], systems[16];

	(void)state;
	read_congestion_control(fresh, systems);
	close(fresh);
	find_congestion_control("0.0.0.0", name);
	assert_string_equal(name, systems);
}

static void
an_address_that_is_none_is_refused(void **state)
{
	struct loop *loop = loop_new("test");
	uint16_t port = 0;
	char why[128] = "";

	(void)state;
	loop_adopt(loop);
	assert_null(
		http_listener_new(loop, "nowhere", &port, &owner, NULL, why, sizeof why));
	assert_non_null(strstr(why, "nowhere"));
	loop_free(loop);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_paced_towards_this_host),
		cmocka_unit_test(towards_others_the_systems_choice_stands),
		cmocka_unit_test(an_address_that_is_none_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
