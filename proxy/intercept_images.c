#include "proxy/intercept_images.h"

#include <string.h>

#include "core/log.h"
#include "proxy/gather.h"

enum {
	DEADLINE_MS = 8000,
	TIMEOUT_MS = 10 * 1000,
	CONNECT_TIMEOUT_MS = 4000,
	MAX_BYTES = 8 << 20,
};

struct image {
	struct intercept *intercept;
	struct gather_item item;
	int size;
	size_t hold;
	char *etag; /* in the arena, with its quotes */
};

int
image_size(const struct query *query)
{
	static const char *const names[] = { "maxWidth", "maxHeight", "width", "height",
		"fillWidth", "fillHeight" };
	static const int sizes[] = { 56, 250, 500 };
	int64_t wanted = 0;

	for (size_t i = 0; i < COUNT_OF(names); i++) {
		int64_t given = query_int(query, names[i], 0);
		if (given > wanted)
			wanted = given;
	}
	for (size_t i = 0; i < COUNT_OF(sizes) && wanted > 0; i++) {
		if (wanted <= sizes[i])
			return sizes[i];
	}
	return 1000;
}

static bool
has_it_already(const struct exchange *exchange, const char *etag)
{
	const char *known = exchange_header(exchange, "If-None-Match");
	return known != NULL && (strcmp(known, "*") == 0 || strstr(known, etag) != NULL);
}

static void
reply_image(
	struct image *image, int status, const char *type, const void *body, size_t size)
{
	struct exchange *exchange = http_job_take(image->intercept->job);
	struct http_header headers[4];
	size_t count = 0;

	headers[count++] = (struct http_header){ "Cache-Control",
		"public, max-age=31536000, immutable" };
	headers[count++] = (struct http_header){ "ETag", image->etag };
	if (type != NULL)
		headers[count++] = (struct http_header){ "Content-Type", type };
	count = intercept_add_cors(exchange, headers, count);
	exchange_reply_with(exchange, status, headers, count, body, size);
}

static void
on_fetched(void *arg, const struct http_answer *answer)
{
	struct image *image = arg;

	http_job_release(image->intercept->job, image->hold);
	if (answer->err != ERR_NONE) {
		log_warn_limited("image_failed", LOG_TEXT("err", err_name(answer->err)),
			LOG_TEXT("reason", answer->reason));
		intercept_reply_err(image->intercept, answer->err);
		return;
	}
	const char *type = http_answer_header(answer, "Content-Type");
	if (answer->status != 200 || type == NULL ||
		!slice_starts_with_ci(slice_of(type), "image/")) {
		intercept_reply_status(image->intercept, 404);
		return;
	}
	reply_image(image, 200, type, answer->body, answer->body_size);
}

static void
cancel_call(void *operation)
{
	http_call_cancel(operation);
}

static void
fetch_image(struct image *image, const char *url)
{
	struct intercept *intercept = image->intercept;
	const struct http_call_request request = {
		.url = url,
		.timeout_ms = TIMEOUT_MS,
		.connect_timeout_ms = CONNECT_TIMEOUT_MS,
		.max_body = MAX_BYTES,
	};

	image->hold = http_job_hold(intercept->job, cancel_call,
		http_client_start(intercept->worker->client, &request, on_fetched, image));
}

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
		fetch_image(image, text_get(&url));
	else
		intercept_reply_status(intercept, 404);
	text_fini(&url);
}

/* What was seen in a list needs no question of its own: thirty covers of a search result
 * would use a provider's rate up. */
static void
find_image(struct image *image)
{
	struct intercept *intercept = image->intercept;
	struct catalog *catalog = intercept->worker->services->catalog;
	struct text url;

	text_init(&url);
	if (catalog_image_url_by_id(&url, catalog, &image->item.query.id, image->size))
		fetch_image(image, text_get(&url));
	else
		gather_start(intercept, &image->item, 1, DEADLINE_MS, on_item, image);
	text_fini(&url);
}

bool
intercept_image(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match)
{
	struct arena *arena = exchange_arena(exchange);
	const struct query *query = exchange_query(exchange);
	const char *tag = query_get(query, "tag");
	struct external_id id;

	if (!intercept_external_id(&id, match, "id"))
		return false;
	struct image *image = arena_alloc(arena, sizeof *image);
	*image = (struct image){ .size = image_size(query) };
	/* Jellyfin's ETag is the tag the client sent, unchecked (facts on Jellyfin §9). */
	struct text etag;
	text_init(&etag);
	text_add_char(&etag, '"');
	url_encode(&etag, slice_of(tag != NULL ? tag : route_value(match, "id")));
	text_add_char(&etag, '"');
	image->etag = arena_strdup(arena, text_get(&etag));
	text_fini(&etag);
	image->item.query = (struct catalog_query){
		.ask = CATALOG_ITEM, .provider = id.provider, .id = id
	};
	image->intercept = intercept_start(worker, exchange, match);
	if (!text_equal_ci(route_value(match, "type"), "Primary"))
		intercept_reply_status(image->intercept, 404);
	else if (has_it_already(exchange, image->etag))
		reply_image(image, 304, NULL, "", 0);
	else
		find_image(image);
	return true;
}
