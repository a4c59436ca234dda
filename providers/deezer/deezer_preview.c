#include "providers/deezer/deezer_preview.h"

#include <pthread.h>
#include <string.h>

#include "core/clock.h"
#include "providers/lru.h"

enum {
	PREVIEW_MAGIC = 0x44505256,
	MAX_PREVIEWS = 4096,
	PATIENCE_MS = 8 * 1000, /* for a place in the rate window */
	/* One that does not say when it expires is trusted as long as those that do. */
	TTL_MS = 900 * 1000,
	MARGIN_MS = 60 * 1000,
	DURATION_MS = 30 * 1000,
};

struct deezer_previews {
	pthread_mutex_t mutex;
	struct lru *addresses; /* a song's key → struct address */
};

struct address {
	char *url;
	int64_t expires_wall_ms;
};

struct deezer_preview {
	unsigned magic;
	struct deezer_seat *seat;
	char key[EXTERNAL_ID_KEY]; /* the song's */
	struct timer timer;        /* tells what is known at once */
	enum err err;
	struct address address;
	struct deezer_fetch *fetch;
	/* One of the two. */
	void (*opened)(void *arg, enum err err, struct track_source *take_source);
	void (*described)(void *arg, enum err err, const struct track_formats *formats);
	void *arg;
};

/* ---- addresses ---- */

static void
free_address(void *value)
{
	struct address *address = value;

	xfree(address->url);
	xfree(address);
}

struct deezer_previews *
deezer_previews_new(void)
{
	struct deezer_previews *previews = xcalloc(1, sizeof *previews);

	pthread_mutex_init(&previews->mutex, NULL);
	previews->addresses = lru_new(MAX_PREVIEWS, MAX_PREVIEWS, free_address);
	return previews;
}

void
deezer_previews_free(struct deezer_previews *previews)
{
	if (previews == NULL)
		return;
	lru_free(previews->addresses);
	pthread_mutex_destroy(&previews->mutex);
	xfree(previews);
}

static bool
find_address(struct deezer_previews *previews, const char *key, struct address *address)
{
	pthread_mutex_lock(&previews->mutex);
	const struct address *found = lru_get(previews->addresses, key, clock_now_ms());
	bool good = found != NULL && found->expires_wall_ms - MARGIN_MS > clock_wall_ms();
	if (good)
		*address = (struct address){ xstrdup(found->url), found->expires_wall_ms };
	pthread_mutex_unlock(&previews->mutex);
	return good;
}

static void
keep_address(
	struct deezer_previews *previews, const char *key, const struct address *address)
{
	struct address *kept = xcalloc(1, sizeof *kept);

	*kept = (struct address){ xstrdup(address->url), address->expires_wall_ms };
	pthread_mutex_lock(&previews->mutex);
	lru_put(previews->addresses, key, kept, 1, clock_now_ms() + TTL_MS);
	pthread_mutex_unlock(&previews->mutex);
}

/* ---- telling ---- */

static void
preview_free(void *arg)
{
	struct deezer_preview *preview = arg;

	preview->magic = 0;
	xfree(preview->address.url);
	xfree(preview);
}

static struct track_format
preview_format(void)
{
	struct track_format format = track_format_of(TRACK_PREVIEW);

	format.duration_ms = DURATION_MS;
	return format;
}

static struct track_source *
source_new(struct deezer_preview *preview)
{
	struct track_source *source = xcalloc(1, sizeof *source);

	source->urls[0] = preview->address.url;
	preview->address.url = NULL;
	source->url_count = 1;
	source->expires_wall_ms = preview->address.expires_wall_ms;
	source->format = preview_format();
	return source;
}

static void
tell(struct deezer_preview *preview, enum err err)
{
	const struct track_formats formats = { .of = { preview_format() }, .count = 1 };
	bool good = err == ERR_NONE;

	if (preview->opened != NULL)
		preview->opened(preview->arg, err, good ? source_new(preview) : NULL);
	else
		preview->described(preview->arg, err, good ? &formats : NULL);
	loop_later(preview->seat->source.loop, preview_free, preview);
}

static void
on_timer(void *arg)
{
	struct deezer_preview *preview = CAST(arg, PREVIEW_MAGIC);

	tell(preview, preview->err);
}

static void
on_song(void *arg, enum err err, struct media_list *list)
{
	struct deezer_preview *preview = CAST(arg, PREVIEW_MAGIC);
	const struct media *song = err == ERR_NONE ? &list->items[0] : NULL;

	preview->fetch = NULL;
	if (song != NULL && song->preview_url == NULL)
		err = ERR_NOT_FOUND;
	if (err == ERR_NONE) {
		preview->address = (struct address){ .url = xstrdup(song->preview_url),
			.expires_wall_ms = song->preview_expires_ms };
		if (song->preview_expires_ms == 0)
			preview->address.expires_wall_ms = song->seen_ms + TTL_MS;
		keep_address(
			preview->seat->deezer->previews, preview->key, &preview->address);
	}
	tell(preview, err);
}

/* ---- asking ---- */

static struct deezer_preview *
preview_start(struct deezer_seat *seat, const struct track_wish *wish)
{
	struct deezer_preview *preview = xcalloc(1, sizeof *preview);
	const struct catalog_query query = {
		.ask = CATALOG_ITEM, .provider = PROVIDER_DEEZER, .id = wish->id
	};

	preview->magic = PREVIEW_MAGIC;
	preview->seat = seat;
	memcpy(preview->key, wish->id.key, sizeof preview->key);
	timer_init(&preview->timer, seat->source.loop, on_timer, preview);
	if (wish->id.kind != MEDIA_SONG || !catalog_query_is_valid(&query))
		preview->err = ERR_NOT_FOUND;
	else if ((wish->qualities & TRACK_BIT(TRACK_PREVIEW)) == 0)
		preview->err = ERR_INVALID;
	if (preview->err != ERR_NONE ||
		(!wish->anew && find_address(seat->deezer->previews, preview->key,
					&preview->address)))
		timer_start(&preview->timer, 0);
	else
		preview->fetch = deezer_fetch_start(
			&seat->source, &query, NULL, PATIENCE_MS, on_song, preview);
	return preview;
}

struct deezer_preview *
deezer_preview_open(struct deezer_seat *seat, const struct track_wish *wish,
	void (*done)(void *arg, enum err err, struct track_source *take_source), void *arg)
{
	struct deezer_preview *preview = preview_start(seat, wish);

	preview->opened = done;
	preview->arg = arg;
	return preview;
}

struct deezer_preview *
deezer_preview_formats(struct deezer_seat *seat, const struct track_wish *wish,
	void (*done)(void *arg, enum err err, const struct track_formats *formats),
	void *arg)
{
	struct deezer_preview *preview = preview_start(seat, wish);

	preview->described = done;
	preview->arg = arg;
	return preview;
}

void
deezer_preview_cancel(struct deezer_preview *preview)
{
	timer_stop(&preview->timer);
	if (preview->fetch != NULL)
		deezer_fetch_cancel(preview->fetch);
	loop_later(preview->seat->source.loop, preview_free, preview);
}
