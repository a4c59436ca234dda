/* Fake provider: a second provider beside fake_deezer, without a network: "qobuz", whose
 * songs are those that a test puts into `songs`. It asserts that whatever was started has
 * ended when its seats go.
 */
#ifndef TESTS_UNIT_PROVIDERS_FAKE_PROVIDER_H
#define TESTS_UNIT_PROVIDERS_FAKE_PROVIDER_H

#include <stdio.h>
#include <string.h>

#include "core/loop.h"
#include "providers/provider.h"

struct fake_provider {
	bool down;   /* not worth asking */
	bool silent; /* never answers */
	enum err err;
	track_quality_set qualities;
	const char *songs; /* "<key> <ISRC> …": every list of songs */
	int asked;
	char last[64]; /* text or key of the last question */
	int seats, fetches;
};

struct fake_fetch {
	struct fake_provider *provider;
	struct loop *loop;
	struct timer timer;
	enum media_kind kind;
	void (*done)(void *arg, enum err err, struct media_list *list);
	void *arg;
};

struct fake_seat {
	struct fake_provider *provider;
	struct loop *loop;
};

static inline void
fake_provider_free(void *shared)
{
	struct fake_provider *provider = shared;

	assert(provider->seats == 0 && provider->fetches == 0);
}

static inline bool
fake_provider_is_up(void *shared)
{
	return !((struct fake_provider *)shared)->down;
}

static inline struct provider_lane
fake_provider_lane(void *shared, const struct track_listener *listener)
{
	(void)listener;
	return (struct provider_lane){
		.qualities = ((struct fake_provider *)shared)->qualities
	};
}

static inline void
fake_provider_image_url(struct text *url, const char *base, int size)
{
	text_addf(url, "%s_%d", base, size);
}

static inline void *
fake_provider_seat_new(void *shared, struct loop *loop, struct http_client *client)
{
	struct fake_seat *seat = xcalloc(1, sizeof *seat);

	(void)client;
	*seat = (struct fake_seat){ shared, loop };
	seat->provider->seats++;
	return seat;
}

static inline void
fake_provider_seat_free(void *arg)
{
	struct fake_seat *seat = arg;

	seat->provider->seats--;
	xfree(seat);
}

static inline struct media_list *
fake_provider_list(const struct fake_provider *provider, enum media_kind kind)
{
	struct media_list *list = media_list_new(4);
	const char *text = provider->songs != NULL ? provider->songs : "";
	char key[20], isrc[20];

	for (int used; sscanf(text, " %19s %19s%n", key, isrc, &used) == 2; text += used) {
		struct media *media = media_list_add(list);
		media->kind = kind;
		media->id = (struct external_id){ PROVIDER_QOBUZ, kind, "" };
		memcpy(media->id.key, key, sizeof key);
		media->title = xstrdup(key);
		media->isrc = xstrdup(isrc);
		media->image_key = xstrdup("i");
		media->image_base = xstrdup("http://qobuz/i");
		media->readable = true;
	}
	list->received = list->total = (int64_t)list->count;
	return list;
}

static inline void
fake_fetch_on_timer(void *arg)
{
	struct fake_fetch *fetch = arg;
	enum err err = fetch->provider->err;
	struct media_list *list =
		err == ERR_NONE ? fake_provider_list(fetch->provider, fetch->kind) : NULL;

	fetch->done(fetch->arg, err, list);
	media_list_unref(list);
	fetch->provider->fetches--;
	loop_later(fetch->loop, xfree, fetch);
}

static inline void *
fake_provider_fetch_start(void *arg, const struct catalog_query *query,
	struct media_list *parent, int64_t patience_ms,
	void (*done)(void *arg, enum err err, struct media_list *list), void *done_arg)
{
	struct fake_seat *seat = arg;
	struct fake_fetch *fetch = xcalloc(1, sizeof *fetch);

	(void)parent;
	(void)patience_ms;
	*fetch = (struct fake_fetch){ .provider = seat->provider,
		.loop = seat->loop,
		.kind = query->kind != 0 ? query->kind : query->id.kind,
		.done = done,
		.arg = done_arg };
	seat->provider->fetches++;
	seat->provider->asked++;
	snprintf(seat->provider->last, sizeof seat->provider->last, "%s",
		query->text != NULL ? query->text : query->id.key);
	timer_init(&fetch->timer, seat->loop, fake_fetch_on_timer, fetch);
	if (!seat->provider->silent)
		timer_start(&fetch->timer, 0);
	return fetch;
}

static inline void
fake_provider_fetch_cancel(void *arg)
{
	struct fake_fetch *fetch = arg;

	timer_stop(&fetch->timer);
	fetch->provider->fetches--;
	xfree(fetch);
}

static const struct provider_ops fake_provider_ops = {
	.id = PROVIDER_QOBUZ,
	.free = fake_provider_free,
	.is_up = fake_provider_is_up,
	.lane = fake_provider_lane,
	.image_url = fake_provider_image_url,
	.seat_new = fake_provider_seat_new,
	.seat_free = fake_provider_seat_free,
	.fetch_start = fake_provider_fetch_start,
	.fetch_cancel = fake_provider_fetch_cancel,
};

#endif
