#include <string.h>

#include "core/clock.h"
#include "core/log.h"
#include "ws/outgoing_socket.h"

#define TOO_MANY "too many sockets"

enum {
	MAX_UNREAD = 256,
	CONNECT_TIMEOUT_S = 10,
	/* Whoever says something now and then, as Jellyfin does every 30 s to a KeepAlive,
	 * is not pinged: with many sockets every turn of libwebsockets' poll is dear. */
	PING_AFTER_S = 35,
	HANGUP_AFTER_S = 50,
	MAX_REASON = 200,
	STOP_WAIT_MS = 500,
	HEAD_BUFFER = 16 * 1024, /* an encoded Authorization may be long */
};

static void
drop_queue(struct outgoing_socket *socket)
{
	while (socket->first != NULL) {
		struct outgoing_text *sending = socket->first;
		socket->first = sending->next;
		atomic_fetch_sub(&socket->queued, 1);
		outgoing_socket_unref(socket);
		xfree(sending);
	}
	socket->last = NULL;
}

/* The connection is over, whatever way; lws forgets it. Once per socket. */
static void
end_socket(struct outgoing_socket *socket, const char *reason, size_t size)
{
	if (socket->ended)
		return;
	socket->ended = true;
	if (socket->wsi != NULL)
		lws_set_opaque_user_data(socket->wsi, NULL);
	socket->wsi = NULL;
	drop_queue(socket);
	if (socket->previous_active != NULL)
		socket->previous_active->next_active = socket->next_active;
	else
		socket->outgoing->active = socket->next_active;
	if (socket->next_active != NULL)
		socket->next_active->previous_active = socket->previous_active;
	socket->outgoing->active_count--;
	outgoing_socket_deliver(socket, OUTGOING_CLOSED, reason, size);
	outgoing_socket_unref(socket);
}

/* ---- what libwebsockets says ---- */

/* It did not open; `why` is libwebsockets' word for it, may be NULL. */
static void
fail_socket(struct outgoing_socket *socket, struct lws *wsi, const char *why)
{
	unsigned status = lws_http_client_http_response(wsi);
	struct text reason = { 0 };

	if (status >= 200 && status != 101)
		text_addf(&reason, "HTTP %u", status);
	else if (why != NULL)
		text_add_bytes(&reason, why, strnlen(why, MAX_REASON));
	end_socket(socket, text_get(&reason), reason.size);
	text_fini(&reason);
}

static int
append_header(struct lws *wsi, const char *name, const char *value, void *in, size_t space)
{
	unsigned char **at = in;

	return lws_add_http_header_by_name(wsi, (const unsigned char *)name,
		(const unsigned char *)value, (int)strlen(value), at, *at + space);
}

static int
append_headers(
	const struct outgoing_socket *socket, struct lws *wsi, void *in, size_t space)
{
	unsigned char **at = in;
	const unsigned char *begin = *at;
	int failed = append_header(wsi, "Authorization:", socket->authorization, in, space);

	if (failed != 0 || socket->forwarded_for == NULL)
		return failed;
	space -= (size_t)(*at - begin);
	return append_header(wsi, "X-Forwarded-For:", socket->forwarded_for, in, space);
}

static int
receive(struct outgoing_socket *socket, const char *data, size_t size)
{
	lws_validity_confirmed(socket->wsi);
	if (lws_is_first_fragment(socket->wsi))
		text_clear(&socket->incoming);
	if (socket->incoming.size + size > socket->max_text ||
		atomic_load(&socket->unread) >= MAX_UNREAD)
		return -1;
	text_add_bytes(&socket->incoming, data, size);
	if (!lws_is_final_fragment(socket->wsi) ||
		lws_remaining_packet_payload(socket->wsi) > 0)
		return 0;
	if (socket->reader != NULL)
		outgoing_socket_read(
			socket, text_get(&socket->incoming), socket->incoming.size);
	else
		outgoing_socket_deliver(socket, OUTGOING_TEXT, text_get(&socket->incoming),
			socket->incoming.size);
	/* One long message shall not be held for the life of an idle socket. */
	text_fini(&socket->incoming);
	return 0;
}

static int
write_one(struct outgoing_socket *socket)
{
	struct outgoing_text *sending = socket->first;

	if (socket->closing) {
		lws_close_reason(socket->wsi, LWS_CLOSE_STATUS_NORMAL, NULL, 0);
		return -1;
	}
	if (sending == NULL)
		return 0;
	int written = lws_write(
		socket->wsi, sending->bytes + LWS_PRE, sending->size, LWS_WRITE_TEXT);
	if (written < (int)sending->size)
		return -1;
	socket->first = sending->next;
	if (socket->first == NULL)
		socket->last = NULL;
	else
		lws_callback_on_writable(socket->wsi);
	atomic_fetch_sub(&socket->queued, 1);
	outgoing_socket_unref(socket);
	xfree(sending);
	return 0;
}

static int
on_lws(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t size)
{
	struct outgoing_socket *socket = NULL;

	(void)user;
	if (wsi != NULL)
		socket = lws_get_opaque_user_data(wsi);
	if (socket == NULL)
		return 0;
	switch (reason) {
	case LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER:
		return append_headers(socket, wsi, in, size);
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		socket->wsi = wsi;
		socket->established = true;
		outgoing_socket_deliver(socket, OUTGOING_OPENED, "", 0);
		if (socket->closing || socket->first != NULL)
			lws_callback_on_writable(wsi);
		return 0;
	case LWS_CALLBACK_CLIENT_RECEIVE:
		return receive(socket, in, size);
	case LWS_CALLBACK_CLIENT_WRITEABLE:
		return write_one(socket);
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		fail_socket(socket, wsi, in);
		return 0;
	case LWS_CALLBACK_CLIENT_CLOSED:
	case LWS_CALLBACK_WSI_DESTROY:
		end_socket(socket, "", 0);
		return 0;
	default:
		return 0;
	}
}

static const struct lws_protocols protocols[] = {
	/* Held by every connection for its life; longer messages come in pieces. */
	{ .name = "sidetrack", .callback = on_lws, .rx_buffer_size = 128 },
	{ .name = NULL },
};

static const lws_retry_bo_t idle_policy = {
	.secs_since_valid_ping = PING_AFTER_S,
	.secs_since_valid_hangup = HANGUP_AFTER_S,
};

/* ---- what the loop asks ---- */

/* One for plain peers, one for TLS: only the second reads the authorities' certificates. */
static struct lws_vhost *
vhost_of(struct outgoing *outgoing, bool tls)
{
	if (outgoing->vhosts[tls] != NULL)
		return outgoing->vhosts[tls];

	struct lws_context_creation_info info = {
		.port = CONTEXT_PORT_NO_LISTEN,
		.protocols = protocols,
		.vhost_name = tls ? "tls" : "plain",
		.client_ssl_ca_filepath = outgoing->ca_file,
		.connect_timeout_secs = CONNECT_TIMEOUT_S,
		.timeout_secs = CONNECT_TIMEOUT_S,
		/* Else $http_proxy would be asked for a way to our own neighbour. */
		.http_proxy_address = ":0",
		.options = tls ? LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT : 0,
	};
	outgoing->vhosts[tls] = lws_create_vhost(outgoing->context, &info);
	return outgoing->vhosts[tls];
}

static int
connect_flags(const struct outgoing_socket *socket)
{
	int flags = LCCSCF_HTTP_NO_FOLLOW_REDIRECT;

	if (socket->tls)
		flags |= LCCSCF_USE_SSL;
	if (socket->tls && socket->outgoing->unverified)
		flags |= LCCSCF_ALLOW_SELFSIGNED | LCCSCF_ALLOW_EXPIRED |
			 LCCSCF_ALLOW_INSECURE | LCCSCF_SKIP_SERVER_CERT_HOSTNAME_CHECK;
	return flags;
}

static void
connect_socket(struct outgoing_socket *socket)
{
	struct outgoing *outgoing = socket->outgoing;
	struct lws_vhost *vhost = vhost_of(outgoing, socket->tls);

	struct lws_client_connect_info info = {
		.context = outgoing->context,
		.vhost = vhost,
		.address = socket->address,
		.port = socket->port,
		.ssl_connection = connect_flags(socket),
		.path = socket->path,
		.host = socket->host,
		.ietf_version_or_minus_one = -1,
		.local_protocol_name = protocols[0].name,
		.alpn = "http/1.1",
		.pwsi = &socket->wsi,
		.opaque_user_data = socket,
		.retry_and_idle_policy = &idle_policy,
	};
	/* Refused at once: CONNECTION_ERROR has usually said so already. */
	if (vhost == NULL || lws_client_connect_via_info(&info) == NULL)
		end_socket(socket, "could not connect", strlen("could not connect"));
}

void
outgoing_service_open(struct message *message)
{
	struct outgoing_socket *socket =
		CONTAINER_OF(message, struct outgoing_socket, open_message);
	struct outgoing *outgoing = socket->outgoing;

	socket->next_active = outgoing->active;
	if (outgoing->active != NULL)
		outgoing->active->previous_active = socket;
	outgoing->active = socket;
	outgoing->active_count++;
	if (atomic_load(&outgoing->stopping))
		end_socket(socket, "", 0);
	else if (outgoing->active_count > outgoing->most)
		end_socket(socket, TOO_MANY, strlen(TOO_MANY));
	else
		connect_socket(socket); /* may end it */
	outgoing_socket_unref(socket);
}

static void
begin_close(struct outgoing_socket *socket)
{
	if (socket->ended || socket->closing)
		return;
	socket->closing = true;
	drop_queue(socket);
	if (socket->established)
		lws_callback_on_writable(socket->wsi);
	else if (socket->wsi != NULL)
		lws_set_timeout(socket->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
}

void
outgoing_service_close(struct message *message)
{
	struct outgoing_socket *socket =
		CONTAINER_OF(message, struct outgoing_socket, close_message);

	begin_close(socket);
	outgoing_socket_unref(socket); /* the loop's, given along */
}

void
outgoing_service_send(struct message *message)
{
	struct outgoing_text *sending =
		CONTAINER_OF(message, struct outgoing_text, message);
	struct outgoing_socket *socket = sending->socket;

	if (socket->ended || socket->closing) {
		atomic_fetch_sub(&socket->queued, 1);
		outgoing_socket_unref(socket);
		xfree(sending);
		return;
	}
	if (socket->last != NULL)
		socket->last->next = sending;
	else
		socket->first = sending;
	socket->last = sending;
	if (socket->established)
		lws_callback_on_writable(socket->wsi);
}

/* Its only work is to make lws_service return. */
static void
on_stop_timer(lws_sorted_usec_list_t *timer)
{
	(void)timer;
}

/* Every socket gets its close frame out before the thread ends. */
static bool
may_stop(struct outgoing *outgoing)
{
	if (outgoing->stop_by_ms == 0) {
		lws_sul_schedule(outgoing->context, 0, &outgoing->stop_timer, on_stop_timer,
			STOP_WAIT_MS * LWS_US_PER_MS);
		outgoing->stop_by_ms = clock_now_ms() + STOP_WAIT_MS;
		for (struct outgoing_socket *socket = outgoing->active; socket != NULL;
			socket = socket->next_active)
			begin_close(socket);
	}
	return outgoing->active == NULL || clock_now_ms() >= outgoing->stop_by_ms;
}

static void *
run_thread(void *arg)
{
	struct outgoing *outgoing = arg;

	pthread_setname_np(pthread_self(), "sockets");
	for (;;) {
		mailbox_drain(&outgoing->mailbox);
		bool stopping = atomic_load(&outgoing->stopping);
		if (stopping && may_stop(outgoing))
			break;
		/* 4.1 ignores the time and waits for an event; its own timers bound it. */
		lws_service(outgoing->context, 0);
	}
	return NULL;
}

/* ---- its life ---- */

static void
wake_service(void *arg)
{
	struct outgoing *outgoing = arg;
	lws_cancel_service(outgoing->context);
}

static void
log_lws(int level, const char *line)
{
	struct slice text = slice_of(line);

	while (text.size > 0 && text.data[text.size - 1] == '\n')
		text.size--;
	if (level == LLL_ERR)
		log_warn_limited("libwebsockets_said", LOG_SLICE("text", text));
	else
		log_debug("libwebsockets_said", LOG_SLICE("text", text));
}

void
outgoing_service_start(struct outgoing *outgoing)
{
	struct lws_context_creation_info info = {
		.port = CONTEXT_PORT_NO_LISTEN,
		.gid = (gid_t)-1,
		.uid = (uid_t)-1,
		.pt_serv_buf_size = HEAD_BUFFER,
		.options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS |
			   LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT,
	};

	lws_set_log_level(LLL_ERR | LLL_WARN, log_lws);
	outgoing->context = lws_create_context(&info);
	assert(outgoing->context != NULL);
	mailbox_init(&outgoing->mailbox, wake_service, outgoing);
	pthread_create(&outgoing->thread, NULL, run_thread, outgoing);
}

void
outgoing_service_stop(struct outgoing *outgoing)
{
	atomic_store(&outgoing->stopping, true);
	lws_cancel_service(outgoing->context);
	pthread_join(outgoing->thread, NULL);
	/* Only now: lws_cancel_service above may still have been inside the context. */
	lws_context_destroy(outgoing->context);
	while (mailbox_drain(&outgoing->mailbox))
		;
	/* What lws did not report while it was destroyed. */
	while (outgoing->active != NULL)
		end_socket(outgoing->active, "", 0);
	mailbox_fini(&outgoing->mailbox);
}
