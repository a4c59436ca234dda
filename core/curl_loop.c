#include "core/curl_loop.h"

#include <event2/event.h>

#include "core/clock.h"
#include "core/loop.h"
#include "core/mem.h"

struct curl_loop {
	struct loop *loop;
	CURLM *multi;
	struct timer timer;
	bool inside;
	void (*on_done)(void *arg, CURL *easy, CURLcode code);
	void *arg;
};

/* One of libcurl's sockets; lives from its first to its last mention by libcurl. */
struct watch {
	struct curl_loop *curl;
	struct event *event;
};

static void
act(struct curl_loop *curl, curl_socket_t fd, int what)
{
	int64_t began_us = clock_now_us();
	int running, left;
	CURLMsg *message;

	curl->inside = true;
	curl_multi_socket_action(curl->multi, fd, what, &running);
	curl->inside = false;
	for (;;) {
		message = curl_multi_info_read(curl->multi, &left);
		if (message == NULL)
			break;
		if (message->msg == CURLMSG_DONE)
			curl->on_done(
				curl->arg, message->easy_handle, message->data.result);
	}
	loop_check_slow(curl->loop, "curl", began_us);
}

static void
on_event(evutil_socket_t fd, short what, void *arg)
{
	struct watch *watch = arg;
	int action = 0;

	if (what & EV_READ)
		action |= CURL_CSELECT_IN;
	if (what & EV_WRITE)
		action |= CURL_CSELECT_OUT;
	act(watch->curl, fd, action);
}

static void
watch_free(struct watch *watch)
{
	if (watch == NULL)
		return;
	event_free(watch->event);
	xfree(watch);
}

static int
on_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *socket_arg)
{
	struct curl_loop *curl = arg;
	struct watch *watch = socket_arg;
	short events = EV_PERSIST;

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		watch_free(watch);
		curl_multi_assign(curl->multi, fd, NULL);
		return 0;
	}
	if (what & CURL_POLL_IN)
		events |= EV_READ;
	if (what & CURL_POLL_OUT)
		events |= EV_WRITE;
	if (watch == NULL) {
		watch = xcalloc(1, sizeof *watch);
		watch->curl = curl;
		watch->event =
			event_new(loop_base(curl->loop), fd, events, on_event, watch);
		curl_multi_assign(curl->multi, fd, watch);
	} else {
		event_del(watch->event);
		event_assign(
			watch->event, loop_base(curl->loop), fd, events, on_event, watch);
	}
	event_add(watch->event, NULL);
	return 0;
}

static int
on_set_timer(CURLM *multi, long wait_ms, void *arg)
{
	struct curl_loop *curl = arg;

	(void)multi;
	if (wait_ms < 0)
		timer_stop(&curl->timer);
	else
		timer_start(&curl->timer, wait_ms);
	return 0;
}

static void
on_timer(void *arg)
{
	struct curl_loop *curl = arg;
	long wait_ms = -1;

	act(curl, CURL_SOCKET_TIMEOUT, 0);
	/* libcurl looks at the real clock. When ours was moved it was called too early, and
	 * does not ask again for a time it asked for already. */
	curl_multi_timeout(curl->multi, &wait_ms);
	if (wait_ms >= 0 && !timer_is_started(&curl->timer))
		timer_start(&curl->timer, wait_ms);
}

struct curl_loop *
curl_loop_new(struct loop *loop, long connections,
	void (*on_done)(void *arg, CURL *easy, CURLcode code), void *arg)
{
	struct curl_loop *curl = xcalloc(1, sizeof *curl);

	*curl = (struct curl_loop){ .loop = loop, .on_done = on_done, .arg = arg };
	/* Safe beside other threads: Debian's libcurl is CURL_VERSION_THREADSAFE. */
	curl_global_init(CURL_GLOBAL_DEFAULT);
	curl->multi = curl_multi_init();
	assert(curl->multi != NULL);
	timer_init(&curl->timer, loop, on_timer, curl);
	curl_multi_setopt(curl->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
	curl_multi_setopt(curl->multi, CURLMOPT_SOCKETDATA, curl);
	curl_multi_setopt(curl->multi, CURLMOPT_TIMERFUNCTION, on_set_timer);
	curl_multi_setopt(curl->multi, CURLMOPT_TIMERDATA, curl);
	curl_multi_setopt(curl->multi, CURLMOPT_MAXCONNECTS, connections);
	curl_multi_setopt(curl->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, connections);
	return curl;
}

void
curl_loop_free(struct curl_loop *curl)
{
	if (curl == NULL)
		return;
	assert(!curl->inside);
	curl_multi_cleanup(curl->multi);
	timer_stop(&curl->timer);
	curl_global_cleanup();
	xfree(curl);
}

CURLM *
curl_loop_multi(struct curl_loop *curl)
{
	return curl->multi;
}

bool
curl_loop_is_inside(const struct curl_loop *curl)
{
	return curl->inside;
}

CURLcode
curl_loop_unpause(struct curl_loop *curl, CURL *easy)
{
	assert(!curl->inside);
	curl->inside = true;
	CURLcode code = curl_easy_pause(easy, CURLPAUSE_CONT);
	curl->inside = false;
	return code;
}
