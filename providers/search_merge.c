#include "providers/search_merge.h"

#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "providers/title.h"

enum {
	DURATION_SLACK_MS = 3000,
	TICKS_PER_MS = 10000,
	MAX_NAMES = 16,
};

/* ---- places ----
 *
 * While both last, each group of `share` places is share - 1 local ones and an external
 * one. After the last whole group stand the local ones that are left, then the external
 * ones: only one of the two can fill more than a group. */

static int64_t
group_count(const struct merge_plan *plan)
{
	int64_t by_local = plan->local_total / (plan->share - 1);

	assert(plan->share >= 2 && plan->local_total >= 0 && plan->external_total >= 0);
	return by_local < plan->external_total ? by_local : plan->external_total;
}

int64_t
merge_total(const struct merge_plan *plan)
{
	return plan->local_total + plan->external_total;
}

int64_t
merge_local_before(const struct merge_plan *plan, int64_t place)
{
	int64_t groups = group_count(plan);
	int64_t local_share = plan->share - 1;

	if (place < groups * plan->share) {
		int64_t rest = place % plan->share;
		return place / plan->share * local_share + rest;
	}
	int64_t local = groups * local_share + (place - groups * plan->share);
	return local < plan->local_total ? local : plan->local_total;
}

struct merge_slot
merge_at(const struct merge_plan *plan, int64_t place)
{
	int64_t local = merge_local_before(plan, place);
	bool external = merge_local_before(plan, place + 1) == local;

	assert(place >= 0 && place < merge_total(plan));
	return (struct merge_slot){ external, (size_t)(external ? place - local : local) };
}

struct merge_page
merge_page(const struct merge_plan *plan, int64_t start, int64_t limit)
{
	int64_t total = merge_total(plan);
	struct merge_page page = { .start = start < 0 ? 0 : start };

	if (page.start > total)
		page.start = total;
	page.count = total - page.start;
	if (limit >= 0 && limit < page.count)
		page.count = limit;
	page.local_start = merge_local_before(plan, page.start);
	page.local_count =
		merge_local_before(plan, page.start + page.count) - page.local_start;
	page.external_start = page.start - page.local_start;
	page.external_count = page.count - page.local_count;
	return page;
}

/* ---- what things are compared by ---- */

struct facts {
	enum media_kind kind;             /* 0: none of ours */
	char *provider_key[PROVIDER_IDS]; /* NULL unknown */
	char *isrc;
	char *upc;
	int64_t duration_ms;
	char *title;            /* normalized; an artist's name too */
	char *album;            /* of a song; normalized, NULL unknown */
	char *names[MAX_NAMES]; /* normalized artists */
	size_t name_count;
};

static char *
normalized_new(void (*normalize)(struct text *to, const char *text), const char *text)
{
	struct text to;

	if (text == NULL || text[0] == '\0')
		return NULL;
	text_init(&to);
	normalize(&to, text);
	return text_take(&to);
}

static void
add_name(struct facts *facts, const char *name)
{
	char *normalized = normalized_new(name_normalize, name);

	if (normalized != NULL && facts->name_count < MAX_NAMES)
		facts->names[facts->name_count++] = normalized;
	else
		xfree(normalized);
}

static void
facts_fini(struct facts *facts)
{
	for (size_t i = 0; i < COUNT_OF(facts->provider_key); i++)
		xfree(facts->provider_key[i]);
	xfree(facts->isrc);
	xfree(facts->upc);
	xfree(facts->title);
	xfree(facts->album);
	for (size_t i = 0; i < facts->name_count; i++)
		xfree(facts->names[i]);
}

static enum media_kind
kind_of_item(const json_t *item)
{
	const char *type = json_text_or(item, "Type", "");

	if (strcmp(type, "Audio") == 0)
		return MEDIA_SONG;
	if (strcmp(type, "MusicAlbum") == 0)
		return MEDIA_ALBUM;
	if (strcmp(type, "MusicArtist") == 0)
		return MEDIA_ARTIST;
	return 0;
}

static const char *
provider_id_of(const json_t *item, const char *name)
{
	return json_string_value(json_member_ci(json_member(item, "ProviderIds"), name));
}

static void
facts_of_item(struct facts *facts, const json_t *item)
{
	const json_t *name;
	size_t i;

	*facts = (struct facts){ .kind = kind_of_item(item) };
	if (facts->kind == 0)
		return;
	for (i = PROVIDER_DEEZER; i <= PROVIDER_QOBUZ; i++)
		facts->provider_key[i] = xstrdup_or_null(
			provider_id_of(item, provider_title((enum provider_id)i)));
	facts->isrc = xstrdup_or_null(provider_id_of(item, "ISRC"));
	facts->upc = xstrdup_or_null(provider_id_of(item, "UPC"));
	facts->duration_ms = json_int(item, "RunTimeTicks", 0) / TICKS_PER_MS;
	facts->title = normalized_new(
		facts->kind == MEDIA_ARTIST ? name_normalize : title_normalize,
		json_text(item, "Name"));
	facts->album = normalized_new(title_normalize, json_text(item, "Album"));
	add_name(facts, json_text(item, "AlbumArtist"));
	json_array_foreach (json_member(item, "Artists"), i, name)
		add_name(facts, json_string_value(name));
}

static void
facts_of_media(struct facts *facts, const struct media *media)
{
	*facts = (struct facts){ .kind = media->kind };
	if (media->id.provider <= PROVIDER_QOBUZ)
		facts->provider_key[media->id.provider] = xstrdup(media->id.key);
	facts->isrc = xstrdup_or_null(media->isrc);
	facts->upc = xstrdup_or_null(media->upc);
	facts->duration_ms = media->duration_ms;
	facts->title = normalized_new(
		media->kind == MEDIA_ARTIST ? name_normalize : title_normalize,
		media->title);
	facts->album = normalized_new(title_normalize, media->album_title);
	for (size_t i = 0; i < media->artist_count; i++)
		add_name(facts, media->artists[i].name);
}

static bool
same_text(const char *a, const char *b)
{
	return a != NULL && b != NULL && strcmp(a, b) == 0;
}

static bool
has_name(const struct facts *facts, const char *name)
{
	for (size_t i = 0; i < facts->name_count; i++) {
		if (same_text(facts->names[i], name))
			return true;
	}
	return false;
}

static bool
shares_name(const struct facts *a, const struct facts *b)
{
	for (size_t i = 0; i < a->name_count; i++) {
		if (has_name(b, a->names[i]))
			return true;
	}
	return false;
}

static bool
same_duration(const struct facts *a, const struct facts *b)
{
	return a->duration_ms > 0 && b->duration_ms > 0 &&
	       llabs(a->duration_ms - b->duration_ms) <= DURATION_SLACK_MS;
}

static bool
same_code(const char *a, const char *b)
{
	return a != NULL && b != NULL && a[0] != '\0' && text_equal_ci(a, b);
}

static bool
same_provider_key(const struct facts *a, const struct facts *b)
{
	for (size_t i = 0; i < COUNT_OF(a->provider_key); i++) {
		if (same_text(a->provider_key[i], b->provider_key[i]))
			return true;
	}
	return false;
}

/* Songs by ISRC or by title, artist and duration; albums by UPC or by title and artist;
 * everything by the provider's id. */
static bool
facts_same(const struct facts *a, const struct facts *b)
{
	if (a->kind == 0 || a->kind != b->kind)
		return false;
	if (same_provider_key(a, b) || same_code(a->isrc, b->isrc) ||
		same_code(a->upc, b->upc))
		return true;
	if (a->kind == MEDIA_SONG && !same_duration(a, b))
		return false;
	return a->kind != MEDIA_ARTIST && same_text(a->title, b->title) &&
	       shares_name(a, b);
}

/* ---- doubles ---- */

struct merge_locals {
	struct facts *facts;
	size_t count;
};

struct merge_locals *
merge_locals_new(const json_t *items)
{
	struct merge_locals *locals = xcalloc(1, sizeof *locals);
	const json_t *item;
	size_t i;

	locals->facts = xcalloc(json_array_size(items) + 1, sizeof *locals->facts);
	json_array_foreach (items, i, item)
		facts_of_item(&locals->facts[locals->count++], item);
	return locals;
}

void
merge_locals_free(struct merge_locals *locals)
{
	if (locals == NULL)
		return;
	for (size_t i = 0; i < locals->count; i++)
		facts_fini(&locals->facts[i]);
	xfree(locals->facts);
	xfree(locals);
}

/* The album that a song is of or that an album is. */
static const char *
album_of(const struct facts *facts)
{
	return facts->kind == MEDIA_ALBUM ? facts->title : facts->album;
}

static bool
locals_have_album(const struct merge_locals *locals, const char *album, const char *artist)
{
	for (size_t i = 0; i < locals->count; i++) {
		const struct facts *local = &locals->facts[i];
		if (same_text(album_of(local), album) && has_name(local, artist))
			return true;
	}
	return false;
}

static bool
is_by(const struct media *media, const struct external_id *artist)
{
	for (size_t i = 0; i < media->main_artist_count; i++) {
		if (external_id_equal(&media->artists[i].id, artist))
			return true;
	}
	return false;
}

/* Does an album of this artist, as the provider lists it, stand among the locals under the
 * same name? */
static bool
shares_album(const struct merge_locals *locals, const struct media *artist,
	const char *name, const struct media_list *externals)
{
	bool shares = false;

	for (size_t i = 0; externals != NULL && i < externals->count && !shares; i++) {
		const struct media *media = &externals->items[i];
		const char *title =
			media->kind == MEDIA_ALBUM ? media->title : media->album_title;
		char *album = is_by(media, &artist->id)
				      ? normalized_new(title_normalize, title)
				      : NULL;
		shares = album != NULL && locals_have_album(locals, album, name);
		xfree(album);
	}
	return shares;
}

bool
merge_locals_have(const struct merge_locals *locals, const struct media *media,
	const struct media_list *externals)
{
	struct facts facts;
	bool found = false, named = false;

	facts_of_media(&facts, media);
	for (size_t i = 0; i < locals->count && !found; i++) {
		const struct facts *local = &locals->facts[i];
		found = facts_same(local, &facts);
		named = named ||
			(local->kind == facts.kind && same_text(local->title, facts.title));
	}
	if (!found && named && media->kind == MEDIA_ARTIST)
		found = shares_album(locals, media, facts.title, externals);
	facts_fini(&facts);
	return found;
}
