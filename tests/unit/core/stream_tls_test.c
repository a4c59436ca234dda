#include "core/stream_tls.h"

#include "tests/unit/core/tls_server.h"

static const struct tls_names good_names = { .dns = "jellyfin.test" };

struct world {
	struct loop *loop;
	struct tls_server server;
	struct stream_tls *tls;
	struct stream_tls_sessions *sessions;
	struct stream *stream;
	int connected, readable, writable;
	enum err err;
	size_t got; /* read by read_all */
	enum stream_result end;
	bool reads;
};

static void
on_connected(void *arg, enum err err)
{
	struct world *world = arg;

	world->connected++;
	world->err = err;
}

/* A little at a time, so that most of a record stays behind. */
static void
on_readable(void *arg)
{
	struct world *world = arg;
	unsigned char buffer[100];
	size_t size;

	world->readable++;
	if (!world->reads)
		return;
	world->end = stream_read(world->stream, buffer, sizeof buffer, &size);
	for (size_t i = 0; i < size; i++)
		assert_int_equal(buffer[i], (unsigned char)((world->got + i) % 251));
	world->got += size;
	if (world->end == STREAM_END || world->end == STREAM_BROKEN)
		stream_want(world->stream, false, false);
}

static void
on_writable(void *arg)
{
	struct world *world = arg;

	world->writable++;
}

static const struct stream_handler handler = { on_connected, on_readable, on_writable };

static void
set_up(struct world *world, const struct tls_names *names, const char *host,
	const char *ca_file, bool unverified)
{
	char why[160];

	*world = (struct world){ .loop = loop_new("test") };
	tls_server_start(&world->server, names);
	const struct stream_tls_options options = { .host = host,
		.ca_file = ca_file != NULL ? ca_file : world->server.ca_file,
		.unverified = unverified };
	world->tls = stream_tls_new(&options, why, sizeof why);
	assert_non_null(world->tls);
	world->sessions = stream_tls_sessions_new(world->tls);
}

static void
connect_stream(struct world *world)
{
	world->connected = 0;
	world->stream = stream_tls_connect(world->sessions, world->loop,
		(struct sockaddr *)&world->server.address, sizeof world->server.address,
		5000, &handler, world);
	assert_int_equal(world->connected, 0);
	for (int i = 0; i < 500 && world->connected == 0; i++) {
		(void)tls_server_step(&world->server);
		loop_turn(world->loop, 2);
	}
	assert_int_equal(world->connected, 1);
	for (int i = 0; i < 10 && world->err == ERR_NONE; i++)
		(void)tls_server_step(&world->server);
}

static void
close_stream(struct world *world)
{
	stream_free(world->stream);
	world->stream = NULL;
	loop_turn(world->loop, 0);
	tls_server_cut(&world->server);
}

static void
tear_down(struct world *world)
{
	close_stream(world);
	stream_tls_sessions_free(world->sessions);
	stream_tls_free(world->tls);
	tls_server_stop(&world->server);
	loop_free(world->loop);
}

static enum err
err_with(const struct tls_names *names, const char *host, const char *ca_file,
	bool unverified)
{
	struct world world;

	set_up(&world, names, host, ca_file, unverified);
	connect_stream(&world);
	enum err err = world.err;
	tear_down(&world);
	return err;
}

static void
server_says(struct world *world, size_t size)
{
	unsigned char data[16384];

	assert_true(size <= sizeof data);
	for (size_t i = 0; i < size; i++)
		data[i] = (unsigned char)(i % 251);
	assert_int_equal(mbedtls_ssl_write(&world->server.ssl, data, size), (int)size);
}

static void
a_good_certificate_is_accepted(void **state)
{
	(void)state;
	assert_int_equal(err_with(&good_names, "jellyfin.test", NULL, false), ERR_NONE);
}

static void
a_certificate_for_another_host_is_refused(void **state)
{
	(void)state;
	assert_int_equal(err_with(&good_names, "other.test", NULL, false), ERR_UNREACHABLE);
}

static void
an_address_has_to_be_among_the_alternative_names(void **state)
{
	static const unsigned char here[4] = { 127, 0, 0, 1 };
	const struct tls_names names = { .ip = here, .ip_size = sizeof here };

	(void)state;
	assert_int_equal(err_with(&names, "127.0.0.1", NULL, false), ERR_NONE);
	assert_int_equal(err_with(&names, "127.0.0.2", NULL, false), ERR_UNREACHABLE);
	assert_int_equal(err_with(&names, "::1", NULL, false), ERR_UNREACHABLE);
	assert_int_equal(err_with(&good_names, "127.0.0.1", NULL, false), ERR_UNREACHABLE);
}

static void
an_unknown_authority_is_refused(void **state)
{
	struct tls_server other;

	(void)state;
	tls_server_start(&other, &good_names);
	assert_int_equal(err_with(&good_names, "jellyfin.test", other.ca_file, false),
		ERR_UNREACHABLE);
	tls_server_stop(&other);
}

static void
an_expired_certificate_is_refused(void **state)
{
	const struct tls_names names = { .dns = "jellyfin.test",
		.not_after = "20210101000000" };

	(void)state;
	assert_int_equal(err_with(&names, "jellyfin.test", NULL, false), ERR_UNREACHABLE);
}

static void
anybody_is_accepted_when_nothing_is_verified(void **state)
{
	const struct tls_names names = { .dns = "other.test",
		.not_after = "20210101000000" };

	(void)state;
	assert_int_equal(
		err_with(&names, "jellyfin.test", "/does/not/exist", true), ERR_NONE);
}

static void
authorities_that_cannot_be_read_are_named(void **state)
{
	const struct stream_tls_options options = { .host = "jellyfin.test",
		.ca_file = "/does/not/exist" };
	char why[160] = "";

	(void)state;
	assert_null(stream_tls_new(&options, why, sizeof why));
	assert_non_null(strstr(why, "/does/not/exist"));
}

static void
the_second_connection_resumes_the_session(void **state)
{
	struct world world;

	(void)state;
	set_up(&world, &good_names, "jellyfin.test", NULL, false);
	connect_stream(&world);
	assert_int_equal(world.server.resumed, 0);
	close_stream(&world);
	connect_stream(&world);
	assert_int_equal(world.err, ERR_NONE);
	assert_int_equal(world.server.resumed, 1);
	tear_down(&world);
}

static void
bytes_left_of_a_record_are_told_without_new_ones(void **state)
{
	struct world world;

	(void)state;
	set_up(&world, &good_names, "jellyfin.test", NULL, false);
	connect_stream(&world);
	assert_int_equal(stream_splice_fd(world.stream), -1);
	assert_true(stream_is_quiet(world.stream));
	world.reads = true;
	stream_want(world.stream, true, false);
	server_says(&world, 10000);
	for (int i = 0; i < 500 && world.got < 10000; i++)
		loop_turn(world.loop, 2);
	assert_int_equal(world.got, 10000);
	assert_true(stream_is_quiet(world.stream));
	tear_down(&world);
}

static void
a_stream_with_bytes_left_is_not_quiet(void **state)
{
	struct world world;
	char byte;
	size_t size;

	(void)state;
	set_up(&world, &good_names, "jellyfin.test", NULL, false);
	connect_stream(&world);
	server_says(&world, 10);
	enum stream_result result = STREAM_AGAIN;
	for (int i = 0; i < 500 && result == STREAM_AGAIN; i++) {
		result = stream_read(world.stream, &byte, 1, &size);
		loop_turn(world.loop, 1);
	}
	assert_int_equal(result, STREAM_OK);
	assert_int_equal(world.readable, 0);
	assert_false(stream_is_quiet(world.stream));
	/* Wanted again, it is told at once. */
	stream_want(world.stream, true, false);
	loop_turn(world.loop, 0);
	assert_true(world.readable > 0);
	tear_down(&world);
}

static void
wait_for_end(struct world *world)
{
	world->reads = true;
	world->end = STREAM_AGAIN;
	stream_want(world->stream, true, false);
	for (int i = 0; i < 500 && world->end != STREAM_END && world->end != STREAM_BROKEN;
		i++)
		loop_turn(world->loop, 2);
}

static void
an_end_with_close_notify_is_an_end(void **state)
{
	struct world world;

	(void)state;
	set_up(&world, &good_names, "jellyfin.test", NULL, false);
	connect_stream(&world);
	server_says(&world, 1000);
	mbedtls_ssl_close_notify(&world.server.ssl);
	tls_server_cut(&world.server);
	wait_for_end(&world);
	assert_int_equal(world.got, 1000);
	assert_int_equal(world.end, STREAM_END);
	tear_down(&world);
}

static void
an_end_without_close_notify_is_a_break(void **state)
{
	struct world world;

	(void)state;
	set_up(&world, &good_names, "jellyfin.test", NULL, false);
	connect_stream(&world);
	server_says(&world, 1000);
	tls_server_cut(&world.server);
	wait_for_end(&world);
	assert_int_equal(world.got, 1000);
	assert_int_equal(world.end, STREAM_BROKEN);
	tear_down(&world);
}

static void
our_end_is_told_with_close_notify(void **state)
{
	struct world world;
	unsigned char byte;

	(void)state;
	set_up(&world, &good_names, "jellyfin.test", NULL, false);
	connect_stream(&world);
	stream_free(world.stream);
	world.stream = NULL;
	int code = MBEDTLS_ERR_SSL_WANT_READ;
	for (int i = 0; i < 500 && code == MBEDTLS_ERR_SSL_WANT_READ; i++) {
		code = mbedtls_ssl_read(&world.server.ssl, &byte, 1);
		loop_turn(world.loop, 1);
	}
	assert_int_equal(code, MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY);
	tear_down(&world);
}

enum { MUCH = 8 * 1024 * 1024, PIECE = 5000 };

/* Takes what has come and checks it. */
static void
server_takes(struct world *world, size_t *taken)
{
	unsigned char buffer[16384];
	int code = mbedtls_ssl_read(&world->server.ssl, buffer, sizeof buffer);

	for (int i = 0; i < code; i++)
		assert_int_equal(buffer[i], (unsigned char)((*taken + (size_t)i) % 251));
	if (code > 0)
		*taken += (size_t)code;
	else
		assert_int_equal(code, MBEDTLS_ERR_SSL_WANT_READ);
}

static void
a_peer_that_reads_late_gets_every_byte_once(void **state)
{
	struct world world;
	unsigned char *data = xcalloc(1, MUCH);
	size_t sent = 0, taken = 0, size;
	bool was_full = false;

	(void)state;
	for (size_t i = 0; i < MUCH; i++)
		data[i] = (unsigned char)(i % 251);
	set_up(&world, &good_names, "jellyfin.test", NULL, false);
	connect_stream(&world);
	for (int i = 0; i < 100000 && taken < MUCH; i++) {
		size_t first = MUCH - sent < PIECE ? MUCH - sent : PIECE;
		const struct iovec parts[] = { { data + sent, first },
			{ data + sent + first, MUCH - sent - first } };
		enum stream_result result = STREAM_AGAIN;
		if (sent < MUCH)
			result = stream_write(world.stream, parts, 2, &size);
		if (result == STREAM_OK)
			sent += size;
		assert_int_not_equal(result, STREAM_BROKEN);
		if (result == STREAM_AGAIN && sent < MUCH && !was_full) {
			was_full = true;
			stream_want(world.stream, false, true);
			world.writable = 0;
			loop_turn(world.loop, 1);
			assert_int_equal(world.writable, 0);
		}
		if (was_full)
			server_takes(&world, &taken);
	}
	assert_true(was_full);
	assert_int_equal(taken, MUCH);
	tear_down(&world);
	xfree(data);
}

static void
a_handshake_that_hangs_ends_with_the_deadline(void **state)
{
	struct world world;

	(void)state;
	set_up(&world, &good_names, "jellyfin.test", NULL, false);
	world.stream = stream_tls_connect(world.sessions, world.loop,
		(struct sockaddr *)&world.server.address, sizeof world.server.address, 60,
		&handler, &world);
	for (int i = 0; i < 500 && world.connected == 0; i++)
		loop_turn(world.loop, 5);
	assert_int_equal(world.connected, 1);
	assert_int_equal(world.err, ERR_TIMEOUT);
	tear_down(&world);
}

static void
a_stream_may_be_freed_amid_the_handshake(void **state)
{
	struct world world;

	(void)state;
	set_up(&world, &good_names, "jellyfin.test", NULL, false);
	world.stream = stream_tls_connect(world.sessions, world.loop,
		(struct sockaddr *)&world.server.address, sizeof world.server.address, 5000,
		&handler, &world);
	loop_turn(world.loop, 5);
	(void)tls_server_step(&world.server);
	loop_turn(world.loop, 5);
	tear_down(&world);
	assert_int_equal(world.connected, 0);
}

static void
a_server_that_speaks_no_tls_is_unreachable(void **state)
{
	struct world world;
	char hello[512];

	(void)state;
	set_up(&world, &good_names, "jellyfin.test", NULL, false);
	world.stream = stream_tls_connect(world.sessions, world.loop,
		(struct sockaddr *)&world.server.address, sizeof world.server.address, 5000,
		&handler, &world);
	int fd = -1;
	for (int i = 0; i < 500 && fd < 0; i++) {
		loop_turn(world.loop, 2);
		fd = accept(world.server.listener, NULL, NULL);
	}
	assert_true(fd >= 0);
	loop_turn(world.loop, 20);
	assert_true(read(fd, hello, sizeof hello) > 0);
	assert_int_equal(write(fd, "HTTP/1.1 400 Bad Request\r\n\r\n", 28), 28);
	for (int i = 0; i < 500 && world.connected == 0; i++)
		loop_turn(world.loop, 5);
	assert_int_equal(world.err, ERR_UNREACHABLE);
	close(fd);
	tear_down(&world);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_certificate_is_accepted),
		cmocka_unit_test(a_certificate_for_another_host_is_refused),
		cmocka_unit_test(an_address_has_to_be_among_the_alternative_names),
		cmocka_unit_test(an_unknown_authority_is_refused),
		cmocka_unit_test(an_expired_certificate_is_refused),
		cmocka_unit_test(anybody_is_accepted_when_nothing_is_verified),
		cmocka_unit_test(authorities_that_cannot_be_read_are_named),
		cmocka_unit_test(the_second_connection_resumes_the_session),
		cmocka_unit_test(bytes_left_of_a_record_are_told_without_new_ones),
		cmocka_unit_test(a_stream_with_bytes_left_is_not_quiet),
		cmocka_unit_test(an_end_with_close_notify_is_an_end),
		cmocka_unit_test(an_end_without_close_notify_is_a_break),
		cmocka_unit_test(our_end_is_told_with_close_notify),
		cmocka_unit_test(a_peer_that_reads_late_gets_every_byte_once),
		cmocka_unit_test(a_handshake_that_hangs_ends_with_the_deadline),
		cmocka_unit_test(a_stream_may_be_freed_amid_the_handshake),
		cmocka_unit_test(a_server_that_speaks_no_tls_is_unreachable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
