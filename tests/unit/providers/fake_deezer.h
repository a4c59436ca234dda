/* Fake Deezer: a catalogue made up on the fly, over real HTTP on the loop of the test.
 *
 * Ids above 900 do not exist. Lists have `total` items. What goes wrong is set in `mode`.
 */
#ifndef TESTS_UNIT_PROVIDERS_FAKE_DEEZER_H
#define TESTS_UNIT_PROVIDERS_FAKE_DEEZER_H

#include <arpa/inet.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/listener.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* After what it needs. */
#include <cmocka.h>

#include "core/clock.h"
#include "core/loop.h"
#include "core/text.h"
#include "providers/catalog.h"
#include "providers/deezer/deezer.h"

enum fake_mode {
	FAKE_WELL,
	FAKE_HOLD,   /* answers nothing until fake_release */
	FAKE_BROKEN, /* 500 */
	FAKE_QUOTA,  /* error 4 `quota` times, then well */
	FAKE_GARBAGE
};

enum { FAKE_HELD = 64 };

struct fake {
	struct loop *loop;
	struct evhttp *http;
	char url[64];
	enum fake_mode mode;
	int quota;
	int total;
	int explicit_every; /* every such track is explicit; 0: none */
	char preview[300];  /* of every track; may hold one %d for its id */
	int count;          /* requests */
	char last[400];     /* the last one's target */
	struct text all;    /* every target, a line each */
	struct evhttp_request *held[FAKE_HELD];
	int held_count;
	/* Optional: takes what is no catalogue; true when it has answered. */
	bool (*other)(
		struct fake *fake, struct evhttp_request *request, const char *target);
	void *other_arg;
};

static inline void
fake_reply(struct evhttp_request *request, int status, const char *body)
{
	struct evbuffer *buffer = evbuffer_new();

	evbuffer_add(buffer, body, strlen(body));
	evhttp_send_reply(request, status, "x", buffer);
	evbuffer_free(buffer);
}

static inline void
fake_item(struct text *to, const struct fake *fake, const char *kind, int id, bool whole)
{
	text_addf(to, "{\"id\":%d,\"type\":\"%s\",\"%s\":\"%s %d\"", id, kind,
		strcmp(kind, "artist") == 0 ? "name" : "title", kind, id);
	if (strcmp(kind, "track") == 0) {
		text_add(to, ",\"duration\":200,\"preview\":\"");
		if (strchr(fake->preview, '%') != NULL) {
			const char *mark = strchr(fake->preview, '%');
			text_addf(to, "%.*s%d%s", (int)(mark - fake->preview),
				fake->preview, id, mark + 2);
		} else {
			text_add(to, fake->preview);
		}
		bool is_explicit =
			fake->explicit_every > 0 && id % fake->explicit_every == 0;
		text_addf(to, "\",\"explicit_lyrics\":%s", is_explicit ? "true" : "false");
		text_add(to, ",\"artist\":{\"id\":27,\"name\":\"artist 27\"}");
		if (whole)
			text_addf(to, ",\"track_position\":%d,\"isrc\":\"I%d\"", id, id);
	}
	if (strcmp(kind, "album") == 0)
		text_addf(to,
			",\"cover_medium\":\"%s/images/cover/c0ffee%d/"
			"250x250-000000-80-0-0.jpg\"",
			fake->url, id);
	if (strcmp(kind, "album") == 0 && whole)
		text_add(to, ",\"artist\":{\"id\":27,\"name\":\"artist 27\"},"
			     "\"genres\":{\"data\":[{\"name\":\"Dance\"}]}");
	text_add_char(to, '}');
}

static inline void
fake_list(struct text *to, const struct fake *fake, const char *kind, const char *target)
{
	const char *index_text = strstr(target, "index="),
		   *limit_text = strstr(target, "limit=");
	int index = index_text != NULL ? (int)strtol(index_text + 6, NULL, 10) : 0;
	int limit = limit_text != NULL ? (int)strtol(limit_text + 6, NULL, 10) : 25;

	text_add(to, "{\"data\":[");
	for (int i = index; i < index + limit && i < fake->total; i++) {
		if (i > index)
			text_add_char(to, ',');
		fake_item(to, fake, kind, i + 1, strstr(target, "/album/") != NULL);
	}
	text_addf(to, "],\"total\":%d}", fake->total);
}

/* What a list at the end of a path has: albums, artists, …; else songs. */
static inline const char *
fake_kind_of(const char *list)
{
	static const struct {
		const char *list, *kind;
	} rows[] = {
		{ "albums", "album" },
		{ "releases", "album" },
		{ "artists", "artist" },
		{ "related", "artist" },
		{ "playlists", "playlist" },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		if (strcmp(rows[i].list, list) == 0)
			return rows[i].kind;
	}
	return "track";
}

static inline void
fake_catalogue(struct fake *fake, struct evhttp_request *request, const char *target)
{
	char kind[20] = "", list[20] = "";
	struct text body;
	int id = 0;

	text_init(&body);
	if (sscanf(target, "/search/%19[a-z]?", kind) == 1) {
		fake_list(&body, fake, kind, target);
	} else if (sscanf(target, "/%19[a-z]/%d/%19[a-z]", kind, &id, list) == 3) {
		fake_list(&body, fake, fake_kind_of(list), target);
	} else if (strcmp(target, "/genre") == 0) {
		fake_list(&body, fake, "genre", target);
	} else if (sscanf(target, "/%19[a-z]/%d", kind, &id) == 2 && id <= 900) {
		fake_item(&body, fake, kind, id, true);
	} else {
		text_add(&body, "{\"error\":{\"message\":\"no data\",\"code\":800}}");
	}
	fake_reply(request, 200, text_get(&body));
	text_fini(&body);
}

static inline void
fake_answer(struct fake *fake, struct evhttp_request *request, const char *target)
{
	if (fake->other != NULL && fake->other(fake, request, target))
		return;
	if (fake->mode == FAKE_BROKEN)
		fake_reply(request, 500, "oops");
	else if (fake->mode == FAKE_GARBAGE)
		fake_reply(request, 200, "<html>");
	else if (fake->mode == FAKE_QUOTA && fake->quota-- > 0)
		fake_reply(request, 200, "{\"error\":{\"message\":\"Quota\",\"code\":4}}");
	else
		fake_catalogue(fake, request, target);
}

static inline void
fake_on_request(struct evhttp_request *request, void *arg)
{
	struct fake *fake = arg;
	const char *target = evhttp_request_get_uri(request);

	fake->count++;
	snprintf(fake->last, sizeof fake->last, "%s", target);
	text_addf(&fake->all, "%s\n", target);
	if (fake->mode == FAKE_HOLD && fake->held_count < FAKE_HELD)
		fake->held[fake->held_count++] = request;
	else
		fake_answer(fake, request, target);
}

static inline void
fake_release(struct fake *fake)
{
	fake->mode = FAKE_WELL;
	for (int i = 0; i < fake->held_count; i++)
		fake_answer(fake, fake->held[i], evhttp_request_get_uri(fake->held[i]));
	fake->held_count = 0;
}

static inline void
fake_open(struct fake *fake, struct loop *loop)
{
	struct evhttp_bound_socket *bound;
	ev_uint16_t port = 0;
	char name[64];

	*fake = (struct fake){ .loop = loop, .total = 150 };
	snprintf(fake->preview, sizeof fake->preview, "http://127.0.0.1:1/p%%d.mp3");
	text_init(&fake->all);
	fake->http = evhttp_new(loop_base(loop));
	evhttp_set_allowed_methods(fake->http, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD);
	bound = evhttp_bind_socket_with_handle(fake->http, "127.0.0.1", 0);
	assert(bound != NULL);
	struct evconnlistener *listener = evhttp_bound_socket_get_listener(bound);
	struct sockaddr_in address;
	socklen_t size = sizeof address;
	getsockname(evconnlistener_get_fd(listener), (struct sockaddr *)&address, &size);
	port = ntohs(address.sin_port);
	snprintf(name, sizeof name, "http://127.0.0.1:%d", (int)port);
	memcpy(fake->url, name, sizeof name);
	evhttp_set_gencb(fake->http, fake_on_request, fake);
}

static inline void
fake_close(struct fake *fake)
{
	fake_release(fake);
	evhttp_free(fake->http);
	text_fini(&fake->all);
}

/* A catalogue with that Deezer alone. */
static inline struct catalog *
fake_catalog_new(const char *url)
{
	const struct deezer_options options = { .url = url };
	const struct provider_list providers = { { deezer_new(&options) }, 1 };

	return catalog_new(&providers);
}

/* Turns the loop until `*what` is at least `wanted`; the test fails after 5 s. */
static inline void
fake_wait(struct loop *loop, const int *what, int wanted)
{
	for (int i = 0; i < 2500 && *what < wanted; i++)
		loop_turn(loop, 2);
	assert_true(*what >= wanted);
}

/* Some turns, for what should not happen. */
static inline void
fake_rest(struct loop *loop)
{
	for (int i = 0; i < 15; i++)
		loop_turn(loop, 2);
}

#endif
