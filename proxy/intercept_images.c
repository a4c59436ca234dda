#include "proxy/intercept_images.h"

#include <string.h>

#include "core/clock.h"
#include "core/loop.h"
#include "providers/artwork.h"
#include "proxy/gather.h"

enum {
	DEADLINE_MS = 8000,
	/* "As large as there is": providers give their largest for it. */
	LARGEST = 100000,
};

struct image {
	struct intercept *intercept;
	struct gather_item item;
	int size;
	size_t hold;
	const char *etag;  /* in the arena, with its quotes; NULL without a tag */
	bool uncached;     /* the client wants no cache between */
	struct timer turn; /* a stranger's */
};

/* ---- what is asked for ---- */

static int64_t
larger(const struct query *query, const char *name, const char *other_name)
{
	int64_t a = query_int(query, name, 0), b = query_int(query, other_name, 0);

	return a > b ? a : b;
}

int
image_side(const struct query *query)
{
	const int64_t sides[] = {
		larger(query, "width", "height"),
		query_int(query, "maxWidth", 0),
		query_int(query, "maxHeight", 0),
		larger(query, "fillWidth", "fillHeight"),
	};
	int64_t side = 0;

	for (size_t i = 0; i < COUNT_OF(sides); i++) {
		if (sides[i] > 0 && (side == 0 || sides[i] < side))
			side = sides[i];
	}
	return side > LARGEST ? 0 : (int)side;
}

static bool
asks_for_no_cache(const struct exchange *exchange)
{
	const char *control = exchange_header(exchange, "Cache-Control");
	return control != NULL && strcasestr(control, "no-cache") != NULL;
}

/* Jellyfin's ETag is the tag that the client sent, unchecked. */
static const char *
etag_of(struct exchange *exchange)
{
	const char *tag = query_get(exchange_query(exchange), "tag");
	struct text etag;

	if (tag == NULL || tag[0] == '\0')
		return NULL;
	text_init(&etag);
	text_add_char(&etag, '"');
	url_encode(&etag, slice_of(tag));
	text_add_char(&etag, '"');
	const char *copy = arena_strdup(exchange_arena(exchange), text_get(&etag));
	text_fini(&etag);
	return copy;
}

static bool
has_it_by_etag(const struct exchange *exchange, const char *etag)
{
	const char *known = exchange_header(exchange, "If-None-Match");

	if (known == NULL || etag == NULL)
		return false;
	return strcmp(known, "*") == 0 || strstr(known, etag) != NULL;
}

static bool
has_it_by_date(const struct exchange *exchange, const struct picture *picture)
{
	const char *known = exchange_header(exchange, "If-Modified-Since");

	return exchange_header(exchange, "If-None-Match") == NULL && known != NULL &&
	       strcmp(known, picture->modified) == 0;
}

/* ---- the answer ---- */

/* `picture` NULL: 304, the client has it already. */
static void
reply_picture(struct image *image, const struct picture *picture)
{
	struct exchange *exchange = http_job_take(image->intercept->job);
	struct http_header headers[7];
	size_t count = 0;
	const char *cache = "public";
	int status = picture == NULL ? 304 : 200;

	if (image->uncached)
		cache = "no-cache, no-store, must-revalidate";
	else if (image->etag != NULL)
		cache = "public, max-age=31536000, immutable";
	headers[count++] = (struct http_header){ "Cache-Control", cache };
	headers[count++] = (struct http_header){ "Vary", "Accept" };
	headers[count++] = (struct http_header){ "Content-Disposition", "attachment" };
	if (image->etag != NULL && !image->uncached)
		headers[count++] = (struct http_header){ "ETag", image->etag };
	if (picture != NULL && !image->uncached)
		headers[count++] =
			(struct http_header){ "Last-Modified", picture->modified };
	if (picture != NULL && !image->uncached && has_it_by_date(exchange, picture))
		status = 304;
	if (status == 200)
		headers[count++] = (struct http_header){ "Content-Type", picture->type };
	count = intercept_add_cors(exchange, headers, count);
	exchange_reply_with(exchange, status, headers, count,
		status == 200 ? picture->data : (const unsigned char *)"",
		status == 200 ? picture->size : 0);
}

static void
on_picture(void *arg, enum err err, void *picture)
{
	struct image *image = arg;

	http_job_release(image->intercept->job, image->hold);
	if (err == ERR_NONE)
		reply_picture(image, picture);
	else
		intercept_reply_err(image->intercept, err);
}

static void
cancel_wait(void *operation)
{
	flight_leave(operation);
}

static void
get_picture(struct image *image, const char *url)
{
	struct intercept *intercept = image->intercept;
	struct picture *picture;
	enum err err;

	if (!artwork_peek(intercept->worker->services->artwork, url, &err, &picture)) {
		image->hold = http_job_hold(intercept->job, cancel_wait,
			artwork_get(intercept->worker->artwork, url, on_picture, image));
		return;
	}
	if (err == ERR_NONE)
		reply_picture(image, picture);
	else
		intercept_reply_err(intercept, err);
	picture_unref(picture);
}

/* ---- which picture it is ---- */

static void
on_item(void *arg)
{
	struct image *image = arg;
	struct intercept *intercept = image->intercept;
	const struct media *media = gather_first_or_reply(intercept, &image->item);
	struct text url;

	if (media == NULL)
		return;
	text_init(&url);
	if (catalog_image_url(
		    &url, intercept->worker->services->catalog, media, image->size))
		get_picture(image, text_get(&url));
	else
		intercept_reply_status(intercept, 404);
	text_fini(&url);
}

static void
ask_provider(struct image *image)
{
	gather_start(image->intercept, &image->item, 1, DEADLINE_MS, on_item, image);
}

static void
on_turn(void *arg)
{
	struct image *image = arg;

	http_job_release(image->intercept->job, image->hold);
	ask_provider(image);
}

static void
stop_turn(void *operation)
{
	timer_stop(operation);
}

static void
on_identified(struct intercept *intercept)
{
	struct image *image = intercept->state;
	int64_t now_ms = clock_now_ms(), at_ms;

	if (intercept->caller->err == ERR_NONE) {
		ask_provider(image);
		return;
	}
	at_ms = artwork_book_stranger(intercept->worker->services->artwork, now_ms);
	if (at_ms < 0) {
		intercept_reply_err(intercept, ERR_BUSY);
		return;
	}
	timer_init(&image->turn, http_job_loop(intercept->job), on_turn, image);
	image->hold = http_job_hold(intercept->job, stop_turn, &image->turn);
	timer_start(&image->turn, at_ms - now_ms);
}

/* What was seen in a list needs no question of its own: thirty covers of a search result
 * would use a provider's rate up. */
static void
find_picture(struct image *image)
{
	struct intercept *intercept = image->intercept;
	struct catalog *catalog = intercept->worker->services->catalog;
	struct text url;

	text_init(&url);
	if (catalog_image_url_by_id(&url, catalog, &image->item.query.id, image->size))
		get_picture(image, text_get(&url));
	else
		intercept_identify(intercept, on_identified);
	text_fini(&url);
}

/* `index` as Jellyfin counts: an item has one Primary picture. */
static bool
start(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match, const char *index)
{
	const struct query *query = exchange_query(exchange);
	int side = image_side(query);
	struct external_id id;
	int64_t number = 0;

	if (!intercept_external_id(&id, match, "id"))
		return false;
	struct image *image = arena_alloc(exchange_arena(exchange), sizeof *image);
	*image = (struct image){ .size = side > 0 ? side : LARGEST,
		.etag = etag_of(exchange),
		.uncached = asks_for_no_cache(exchange) };
	image->item.query = (struct catalog_query){
		.ask = CATALOG_ITEM, .provider = id.provider, .id = id
	};
	image->intercept = intercept_start(worker, exchange, match);
	image->intercept->state = image;
	if (index != NULL && !text_to_i64(index, &number))
		intercept_reply_status(image->intercept, 400);
	else if (number != 0 || !text_equal_ci(route_value(match, "type"), "Primary"))
		intercept_reply_status(image->intercept, 404);
	else if (!image->uncached && has_it_by_etag(exchange, image->etag))
		reply_picture(image, NULL);
	else
		find_picture(image);
	return true;
}

bool
intercept_image(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match)
{
	return start(
		worker, exchange, match, query_get(exchange_query(exchange), "imageIndex"));
}

bool
intercept_image_at(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match)
{
	return start(worker, exchange, match, route_value(match, "index"));
}
