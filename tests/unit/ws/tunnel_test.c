/* A WebSocket client, the tunnel, and a Jellyfin that speaks frames. */
#include "ws/tunnel.h"

#include "tests/unit/proxy/harness.h"
#include "ws/frame.h"

#define UPGRADE                                                                            \
	"GET /socket?api_key=k HTTP/1.1\r\nHost: h\r\nConnection: keep-alive, Upgrade\r\n" \
	"Upgrade: websocket\r\nSec-WebSocket-Key: abc\r\nSec-WebSocket-Version: 13\r\n"    \
	"Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n"
#define SWITCH                                                                             \
	"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n"                      \
	"Upgrade: websocket\r\nSec-WebSocket-Accept: xyz\r\n\r\n"

static const uint8_t mask[4] = { 1, 2, 3, 4 };

/* What the owner of the tunnel hears. */
struct heard {
	struct tunnel *tunnel;
	int opened, closed, messages;
	char message[64];
	bool close_on_message;
};

static void
on_opened(void *arg, struct tunnel *tunnel)
{
	struct heard *heard = arg;
	heard->opened++;
	heard->tunnel = tunnel;
}

static void
on_message(void *arg, const char *text, size_t size)
{
	struct heard *heard = arg;
	heard->messages++;
	snprintf(heard->message, sizeof heard->message, "%.*s", (int)size, text);
	if (heard->close_on_message)
		tunnel_close(heard->tunnel, 1000, "enough");
}

static void
on_closed(void *arg)
{
	struct heard *heard = arg;
	heard->closed++;
	heard->tunnel = NULL;
}

static void
start_socket(struct harness *harness, struct exchange *exchange)
{
	static const struct tunnel_owner owner = { on_opened, on_message, on_closed };

	assert_true(headers_want_socket(exchange_request(exchange)));
	relay_start_socket(harness->worker, exchange, &owner, harness->extra);
}

static int
setup(void **state)
{
	struct harness *harness = harness_new(64, 8);

	harness->on_exchange = start_socket;
	harness->extra = xcalloc(1, sizeof(struct heard));
	*state = harness;
	return 0;
}

static int
teardown(void **state)
{
	struct harness *harness = *state;
	struct heard *heard = harness->extra;
	bool open = heard->tunnel != NULL;

	harness_free(harness);
	assert_int_equal(heard->closed, 1);
	assert_true(open || heard->tunnel == NULL);
	xfree(heard);
	return 0;
}

/* An open tunnel between the two. */
static void
open_tunnel(struct harness *harness, struct peer **client, struct peer **jellyfin)
{
	struct heard *heard = harness->extra;

	*client = dial_slowly(harness);
	say(harness, *client, UPGRADE);
	*jellyfin = answer_call(harness);
	expect(harness, *jellyfin, "\r\n\r\n");
	say(harness, *jellyfin, SWITCH);
	expect(harness, *client, SWITCH);
	expect_count(harness, &heard->opened, 1);
	forget(*client);
	forget(*jellyfin);
}

static void
say_frame(struct harness *harness, struct peer *peer, enum frame_opcode opcode,
	const char *data, size_t size, bool from_client)
{
	struct text frame;

	text_init(&frame);
	frame_build(&frame, opcode, data, size, from_client ? mask : NULL);
	say_bytes(harness, peer, frame.data, frame.size);
	text_fini(&frame);
}

static void
the_upgrade_goes_on_without_extensions(void **state)
{
	struct harness *harness = *state;
	struct peer *client = dial(harness);

	say(harness, client, UPGRADE);
	struct peer *jellyfin = answer_call(harness);
	expect(harness, jellyfin, "\r\n\r\n");
	assert_string_equal(jellyfin->data.data,
		"GET /jf/socket?api_key=k HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\n"
		"Sec-WebSocket-Key: abc\r\nSec-WebSocket-Version: 13\r\n"
		"X-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Proto: http\r\n"
		"X-Forwarded-Host: h\r\nConnection: Upgrade\r\n\r\n");
	peer_free(client);
	expect_end(harness, jellyfin);
	peer_free(jellyfin);
}

static void
bytes_behind_the_heads_are_not_lost(void **state)
{
	struct harness *harness = *state;
	struct peer *client = dial(harness);

	say(harness, client, UPGRADE "\x81\x82\x01\x02\x03\x04\x69\x6b");
	struct peer *jellyfin = answer_call(harness);
	say(harness, jellyfin, SWITCH "\x81\x02yo");
	expect(harness, client, SWITCH "\x81\x02yo");
	expect(harness, jellyfin, "\x81\x82\x01\x02\x03\x04\x69\x6b");
	assert_string_equal(((struct heard *)harness->extra)->message, "hi");
	peer_free(client);
	peer_free(jellyfin);
	turn_often(harness);
}

static void
another_answer_is_relayed_as_usual(void **state)
{
	struct harness *harness = *state;
	struct heard *heard = harness->extra;
	struct peer *client = dial(harness);

	say(harness, client, UPGRADE);
	struct peer *jellyfin = answer_call(harness);
	say(harness, jellyfin, "HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno");
	expect(harness, client, "HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno");
	assert_int_equal(heard->opened, 0);
	assert_int_equal(heard->closed, 1);
	peer_free(client);
	peer_free(jellyfin);
}

static void
frames_pass_both_ways_also_after_a_long_rest(void **state)
{
	struct harness *harness = *state;
	struct peer *client, *jellyfin;

	open_tunnel(harness, &client, &jellyfin);
	clock_advance(3600 * 1000);
	turn_often(harness);
	say_frame(harness, client, FRAME_TEXT, "{\"MessageType\":\"KeepAlive\"}", 27, true);
	turn_often(harness);
	hear(jellyfin);
	assert_int_equal(jellyfin->data.size, 6 + 27);
	assert_string_equal(((struct heard *)harness->extra)->message,
		"{\"MessageType\":\"KeepAlive\"}");
	say_frame(harness, jellyfin, FRAME_TEXT, "pong", 4, false);
	expect(harness, client, "\x81\x04pong");
	peer_free(client);
	peer_free(jellyfin);
	turn_often(harness);
}

/* Counts the server's frames in what the client heard; they must all be whole. */
static void
check_frames(const struct peer *client, int ours_wanted, int theirs_wanted)
{
	struct frame_scan scan;
	int ours = 0, theirs = 0;

	frame_scan_init(&scan, 1024 * 1024);
	for (size_t at = 0; at < client->data.size;) {
		size_t used;
		enum frame_event event = frame_scan_feed(
			&scan, client->data.data + at, client->data.size - at, &used);
		assert_int_not_equal(event, FRAME_EVENT_BAD);
		at += used;
		if (event != FRAME_EVENT_TEXT)
			continue;
		bool our = strcmp(scan.message.data, "ours") == 0;
		ours += our;
		theirs += !our;
		for (size_t i = 0; !our && i < scan.message.size; i++)
			assert_int_equal(scan.message.data[i], 't');
	}
	assert_int_equal(ours, ours_wanted);
	assert_int_equal(theirs, theirs_wanted);
	frame_scan_fini(&scan);
}

static void
our_frames_go_between_the_servers(void **state)
{
	struct harness *harness = *state;
	struct heard *heard = harness->extra;
	struct peer *client, *jellyfin;
	struct text stream;
	int injected = 0;

	open_tunnel(harness, &client, &jellyfin);
	char *payload = xmalloc(100000);
	memset(payload, 't', 100000);
	text_init(&stream);
	for (size_t i = 0; i < 40; i++) {
		struct text frame;
		text_init(&frame);
		frame_build(&frame, i % 4 == 2 ? FRAME_CONTINUATION : FRAME_TEXT, payload,
			(i * 2377) % 9000, NULL);
		if (i % 4 ==
			1) /* the first half of a message, then a ping, then the rest */
			frame.data[0] = FRAME_TEXT;
		if (i % 4 == 1)
			frame_build(&frame, FRAME_PING, "p", 1, NULL);
		text_add_bytes(&stream, frame.data, frame.size);
		text_fini(&frame);
	}
	for (size_t at = 0; at < stream.size; at += 700) {
		size_t left = stream.size - at;
		say_bytes(harness, jellyfin, stream.data + at, left < 700 ? left : 700);
		injected += tunnel_inject(heard->tunnel, "ours", 4);
		hear(client);
	}
	turn_often(harness);
	hear(client);
	assert_true(injected > 50);
	check_frames(client, injected, 30);
	text_fini(&stream);
	xfree(payload);
	peer_free(client);
	peer_free(jellyfin);
	turn_often(harness);
}

static void
what_waits_for_a_boundary_is_bounded(void **state)
{
	struct harness *harness = *state;
	struct heard *heard = harness->extra;
	struct peer *client, *jellyfin;
	static char text[10000];
	int taken = 0;

	open_tunnel(harness, &client, &jellyfin);
	say(harness, jellyfin, "\x01\x02tt");
	expect(harness, client, "tt");
	while (taken < 100 && tunnel_inject(heard->tunnel, text, sizeof text))
		taken++;
	assert_int_equal(taken, 6);
	say(harness, jellyfin, "\x80\x01t");
	turn_often(harness);
	hear(client);
	assert_int_equal(client->data.size, 4 + 3 + 6 * (sizeof text + 4));
	assert_true(tunnel_inject(heard->tunnel, "ours", 4));
	peer_free(client);
	peer_free(jellyfin);
	turn_often(harness);
}

static void
nothing_of_ours_follows_a_close_frame(void **state)
{
	struct harness *harness = *state;
	struct heard *heard = harness->extra;
	struct peer *client, *jellyfin;

	open_tunnel(harness, &client, &jellyfin);
	say_bytes(harness, jellyfin, "\x88\x04\x0f\xa1no", 6);
	expect(harness, client, "no");
	assert_false(tunnel_inject(heard->tunnel, "ours", 4));
	hang_up(jellyfin);
	expect_end(harness, client);
	assert_false(client->reset);
	assert_int_equal(client->data.size, 6);
	expect_count(harness, &heard->closed, 1);
	peer_free(client);
	peer_free(jellyfin);
}

static void
the_end_of_the_server_reaches_the_client_after_its_bytes(void **state)
{
	struct harness *harness = *state;
	struct heard *heard = harness->extra;
	struct peer *client, *jellyfin;
	enum { SIZE = 900000 };
	char *payload = xmalloc(SIZE);

	open_tunnel(harness, &client, &jellyfin);
	memset(payload, 't', SIZE);
	struct text frame;
	text_init(&frame);
	frame_build(&frame, FRAME_TEXT, payload, SIZE, NULL);
	for (size_t at = 0; at < frame.size;) {
		ssize_t sent = send(jellyfin->fd, frame.data + at, frame.size - at, 0);
		at += sent > 0 ? (size_t)sent : 0;
		loop_turn(harness->loop, 0);
		if (sent < 0)
			hear(client);
	}
	hang_up(jellyfin);
	expect_end(harness, client);
	assert_int_equal(client->data.size, frame.size);
	check_frames(client, 0, 1);
	expect_count(harness, &heard->closed, 1);
	text_fini(&frame);
	xfree(payload);
	peer_free(client);
	peer_free(jellyfin);
}

static void
a_client_that_does_not_read_stops_the_server(void **state)
{
	struct harness *harness = *state;
	struct peer *client, *jellyfin;
	static char payload[65536];
	size_t sent = 0;
	int refused = 0;

	open_tunnel(harness, &client, &jellyfin);
	say_bytes(harness, jellyfin, "\x82\x7f\0\0\0\0\x10\0\0\0", 10);
	while (refused < 200) {
		ssize_t size = send(jellyfin->fd, payload, sizeof payload, 0);
		if (size > 0)
			sent += (size_t)size;
		else
			refused++;
		loop_turn(harness->loop, 0);
		assert_true(sent < 64 * 1024 * 1024);
	}
	hang_up(client);
	expect_end(harness, jellyfin);
	peer_free(client);
	peer_free(jellyfin);
}

static void
a_server_that_does_not_read_stops_the_client(void **state)
{
	struct harness *harness = *state;
	struct heard *heard = harness->extra;
	struct peer *client, *jellyfin;
	static char payload[65536];
	size_t sent = 0, heard_size = 0;
	int refused = 0;

	open_tunnel(harness, &client, &jellyfin);
	say_bytes(harness, client, "\x82\xff\0\0\0\0\x10\0\0\0mask", 14);
	while (refused < 2000) {
		ssize_t size = send(client->fd, payload, sizeof payload, 0);
		if (size > 0)
			sent += (size_t)size;
		else
			refused++;
		loop_turn(harness->loop, 0);
		assert_true(sent < 64 * 1024 * 1024);
	}
	/* The client leaves; Jellyfin still gets what was queued. */
	hang_up(client);
	for (int i = 0; i < 20 * TURNS && !jellyfin->ended; i++) {
		hear(jellyfin);
		heard_size += jellyfin->data.size;
		forget(jellyfin);
		loop_turn(harness->loop, 0);
	}
	assert_true(jellyfin->ended);
	assert_true(heard_size > TUNNEL_QUEUE_BYTES / 4);
	expect_count(harness, &heard->closed, 1);
	peer_free(client);
	peer_free(jellyfin);
}

static void
a_client_that_leaves_ends_the_upstream(void **state)
{
	struct harness *harness = *state;
	struct heard *heard = harness->extra;
	struct peer *client, *jellyfin;

	open_tunnel(harness, &client, &jellyfin);
	say_frame(harness, client, FRAME_CLOSE, "\x03\xe8", 2, true);
	hang_up(client);
	expect_end(harness, jellyfin);
	assert_int_equal(jellyfin->data.size, 8);
	expect_count(harness, &heard->closed, 1);
	peer_free(client);
	peer_free(jellyfin);
}

static void
a_stop_says_goodbye_to_both_sides(void **state)
{
	struct harness *harness = *state;
	struct heard *heard = harness->extra;
	struct peer *client, *jellyfin;

	open_tunnel(harness, &client, &jellyfin);
	relay_worker_close_tunnels(harness->worker);
	assert_int_equal(heard->closed, 0);
	expect_end(harness, client);
	expect_end(harness, jellyfin);
	assert_memory_equal(client->data.data, "\x88\x0c\x03\xe9going away", 14);
	assert_int_equal(jellyfin->data.size, 6 + 12);
	assert_int_equal(heard->closed, 1);
	peer_free(client);
	peer_free(jellyfin);
}

static void
the_owner_may_close_when_it_hears_a_message(void **state)
{
	struct harness *harness = *state;
	struct heard *heard = harness->extra;
	struct peer *client, *jellyfin;

	open_tunnel(harness, &client, &jellyfin);
	heard->close_on_message = true;
	say(harness, client,
		"\x81\x81"
		"abcdx\x81\x81"
		"abcdx");
	expect_end(harness, client);
	expect_end(harness, jellyfin);
	assert_int_equal(heard->messages, 1);
	assert_int_equal(heard->closed, 1);
	peer_free(client);
	peer_free(jellyfin);
}

static void
an_open_tunnel_ends_with_the_worker(void **state)
{
	struct harness *harness = *state;
	struct peer *client, *jellyfin;

	open_tunnel(harness, &client, &jellyfin);
	peer_free(client);
	peer_free(jellyfin);
	/* teardown ends everything while the tunnel has not noticed yet */
}

static void
what_is_no_frame_passes_all_the_same(void **state)
{
	struct harness *harness = *state;
	struct heard *heard = harness->extra;
	struct peer *client, *jellyfin;

	open_tunnel(harness, &client, &jellyfin);
	say(harness, jellyfin, "\x8f\x07garbage");
	expect(harness, client, "garbage");
	assert_false(tunnel_inject(heard->tunnel, "ours", 4));
	say(harness, client, "\x8f\x07garbage");
	expect(harness, jellyfin, "garbage");
	peer_free(client);
	peer_free(jellyfin);
	turn_often(harness);
}

#define WITH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(the_upgrade_goes_on_without_extensions),
		WITH(bytes_behind_the_heads_are_not_lost),
		WITH(another_answer_is_relayed_as_usual),
		WITH(frames_pass_both_ways_also_after_a_long_rest),
		WITH(our_frames_go_between_the_servers),
		WITH(what_waits_for_a_boundary_is_bounded),
		WITH(nothing_of_ours_follows_a_close_frame),
		WITH(the_end_of_the_server_reaches_the_client_after_its_bytes),
		WITH(a_client_that_does_not_read_stops_the_server),
		WITH(a_server_that_does_not_read_stops_the_client),
		WITH(a_client_that_leaves_ends_the_upstream),
		WITH(a_stop_says_goodbye_to_both_sides),
		WITH(the_owner_may_close_when_it_hears_a_message),
		WITH(an_open_tunnel_ends_with_the_worker),
		WITH(what_is_no_frame_passes_all_the_same),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
