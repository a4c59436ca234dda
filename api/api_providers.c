#include "api/api_providers.h"

#include "api/api_inquiry.h"
#include "core/json.h"
#include "providers/artwork.h"
#include "providers/lyrics_finder.h"
#include "providers/provider_status.h"

static json_t *
cache_json_new(size_t count, size_t bytes, size_t under_way)
{
	json_t *json = json_object();

	json_put_int(json, "count", (int64_t)count);
	json_put_int(json, "bytes", (int64_t)bytes);
	json_put_int(json, "underWay", (int64_t)under_way);
	return json;
}

static json_t *
caches_json_new(const struct api_services *services, const struct lyrics_figures *lyrics)
{
	const struct artwork_figures pictures = artwork_figures(services->artwork);
	json_t *catalog = json_object();
	json_t *json = json_object();

	json_put_int(catalog, "lists",
		metrics_read(services->metrics, services->metric_table_count,
			"sidetrack_catalog_lists"));
	json_put_new(json, "catalog", catalog);
	json_put_new(json, "pictures",
		cache_json_new(pictures.pictures, pictures.bytes, pictures.under_way));
	json_put_new(json, "lyrics",
		cache_json_new(lyrics->songs, lyrics->bytes, lyrics->under_way));
	return json;
}

static void *
providers_answer(void *arg)
{
	const struct api_services *services = arg;
	const struct lyrics_figures lyrics = lyrics_figures(services->lyrics);
	json_t *lrclib = json_object();
	json_t *answer = json_object();

	json_put_bool(lrclib, "asked", lyrics.lrclib);
	json_put_bool(lrclib, "up", lyrics.lrclib_is_up);
	json_put_new(answer, "providers", provider_statuses_new(services->catalog));
	json_put_new(answer, "lrclib", lrclib);
	json_put_new(answer, "caches", caches_json_new(services, &lyrics));
	return answer;
}

void
api_providers(struct api_services *services, struct exchange *exchange)
{
	api_inquire(services, exchange, providers_answer);
}
