#include "providers/provider_setup.h"

#include <stdio.h>

#include "providers/deezer/deezer.h"
#include "providers/qobuz/qobuz.h"

/* Without ops: left out. */
static struct provider
make_deezer(const struct providers_settings *settings)
{
	const struct deezer_options options = { .url = settings->deezer_url,
		.gateway_url = settings->deezer_gateway_url,
		.media_url = settings->deezer_media_url,
		.accounts = { .arl = settings->deezer_arl,
			.secret = settings->deezer_secret,
			.downloads = (int)settings->deezer_downloads } };

	return deezer_new(&options);
}

static struct provider
make_qobuz(const struct providers_settings *settings)
{
	const struct qobuz_options options = { .url = settings->qobuz_url,
		.credentials = { .app_id = settings->qobuz_app_id,
			.app_secret = settings->qobuz_app_secret,
			.tokens = settings->qobuz_token,
			.best = TRACK_MP3_320 + (enum track_quality)settings->qobuz_quality,
			.downloads = (int)settings->qobuz_downloads } };

	if (settings->qobuz_app_id == NULL)
		return (struct provider){ NULL, NULL };
	return qobuz_new(&options);
}

static const struct {
	enum provider_id id;
	struct provider (*make)(const struct providers_settings *settings);
} makers[] = {
	{ PROVIDER_DEEZER, make_deezer },
	{ PROVIDER_QOBUZ, make_qobuz },
};

static bool
find_name(enum provider_id *id, struct slice name)
{
	for (*id = PROVIDER_DEEZER; *id <= PROVIDER_QOBUZ; ++*id) {
		if (slice_equal_text_ci(name, provider_name(*id)))
			return true;
	}
	return false;
}

bool
provider_setup_order(enum provider_id order[PROVIDERS_MOST], size_t *count,
	const char *names, char *why, size_t why_size)
{
	struct slice rest = slice_trim(slice_of(names)), name;
	enum provider_id id;

	*count = 0;
	if (slice_equal_text_ci(rest, "none"))
		return true;
	while (slice_next(&rest, ',', &name)) {
		name = slice_trim(name);
		if (!find_name(&id, name)) {
			snprintf(why, why_size,
				"names \"%.*s\", which is no provider: it lists deezer, "
				"qobuz, or is none",
				name.size < 40 ? (int)name.size : 40, name.data);
			return false;
		}
		for (size_t i = 0; i < *count; i++) {
			if (order[i] == id) {
				snprintf(
					why, why_size, "names %s twice", provider_name(id));
				return false;
			}
		}
		order[(*count)++] = id;
	}
	return true;
}

static struct provider
make(enum provider_id id, const struct providers_settings *settings)
{
	for (size_t i = 0; i < COUNT_OF(makers); i++) {
		if (makers[i].id == id)
			return makers[i].make(settings);
	}
	return (struct provider){ NULL, NULL };
}

void
provider_setup(struct provider_list *list, const struct providers_settings *settings)
{
	enum provider_id order[PROVIDERS_MOST];
	size_t count = 0;
	char why[200];

	*list = (struct provider_list){ .count = 0 };
	/* Checked when the settings were read. */
	if (!provider_setup_order(order, &count, settings->providers, why, sizeof why))
		return;
	for (size_t i = 0; i < count; i++) {
		struct provider provider = make(order[i], settings);
		if (provider.ops != NULL)
			list->of[list->count++] = provider;
	}
}
