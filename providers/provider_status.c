#include "providers/provider_status.h"

#include "core/clock.h"
#include "core/json.h"

static json_t *
breaker_json_new(struct breaker *breaker, int64_t now_ms)
{
	struct breaker_figures figures = breaker_read(breaker, now_ms);
	json_t *json = json_object();

	json_put_text(json, "state", breaker_state_name(figures.state));
	json_put_int(json, "failures", figures.failures);
	json_put_int(json, "asksAgainInMs", figures.wait_ms);
	return json;
}

static json_t *
window_json_new(struct rate_window *window, int64_t now_ms)
{
	struct rate_window_figures figures = rate_window_read(window, now_ms);
	json_t *json = json_object();

	json_put_int(json, "limit", (int64_t)figures.limit);
	json_put_int(json, "windowMs", figures.window_ms);
	json_put_int(json, "used", (int64_t)figures.used);
	return json;
}

json_t *
provider_status_new(enum provider_id id, struct breaker *breaker,
	struct rate_window *window, json_t *take_lanes)
{
	int64_t now_ms = clock_now_ms();
	json_t *json = json_object();

	json_put_text(json, "name", provider_name(id));
	json_put_bool(json, "up", !breaker_is_open(breaker, now_ms));
	json_put_new(json, "breaker", breaker_json_new(breaker, now_ms));
	json_put_new(json, "window", window_json_new(window, now_ms));
	json_put_new(json, "lanes", take_lanes);
	return json;
}

json_t *
provider_statuses_new(const struct catalog *catalog)
{
	const struct provider_list *providers = catalog_providers(catalog);
	json_t *list = json_array();

	for (size_t i = 0; i < providers->count; i++) {
		const struct provider *provider = &providers->of[i];
		json_array_append_new(list, provider->ops->status(provider->shared));
	}
	return list;
}
