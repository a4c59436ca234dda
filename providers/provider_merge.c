#include "providers/provider_merge.h"

#include <string.h>

/* Everything that was found, in the order in which providers take turns. */
struct entry {
	const struct media *media;
	struct media_match match;
	size_t rank;  /* of its provider: 0 is shown rather than 1 */
	size_t group; /* the first entry that is the same thing, or itself */
	bool done;    /* shown, or not to be */
};

struct entries {
	struct entry *of;
	size_t count;
};

/* ---- order ---- */

enum { PLAYS_NOTHING, PLAYS_PREVIEWS, PLAYS_IN_FULL };

static int
plays(const struct merge_source *source)
{
	if ((source->qualities & TRACK_ALL_FULL) != 0)
		return PLAYS_IN_FULL;
	return source->qualities != 0 ? PLAYS_PREVIEWS : PLAYS_NOTHING;
}

/* The sources from the first to be shown to the last. */
static void
rank_sources(const struct merge_source **ranked, const struct merge_source *sources,
	size_t count)
{
	size_t filled = 0;

	for (int level = PLAYS_IN_FULL; level >= PLAYS_NOTHING; level--) {
		for (size_t i = 0; i < count; i++) {
			if (plays(&sources[i]) == level)
				ranked[filled++] = &sources[i];
		}
	}
}

static bool
is_told_already(const struct entries *entries, const struct media *media)
{
	for (size_t i = 0; i < entries->count; i++) {
		if (external_id_equal(&entries->of[i].media->id, &media->id))
			return true;
	}
	return false;
}

static size_t
size_of(const struct merge_source *source)
{
	return source->list != NULL ? source->list->count : 0;
}

static void
add_entry(struct entries *entries, const struct media *media,
	const struct merge_source *source, size_t rank, const struct merge_locals *locals)
{
	struct entry *entry = &entries->of[entries->count];

	*entry = (struct entry){ .media = media, .rank = rank, .group = entries->count };
	media_match_of_media(&entry->match, media);
	entry->done = merge_locals_have(locals, media, &entry->match, source->albums);
	entries->count++;
}

/* The next of a source that can be played, from `*next` on; NULL at its end. */
static const struct media *
take_next(const struct entries *entries, const struct merge_source *source, size_t *next)
{
	while (*next < size_of(source)) {
		const struct media *media = &source->list->items[(*next)++];
		if (media->readable && !is_told_already(entries, media))
			return media;
	}
	return NULL;
}

static void
collect(struct entries *entries, const struct merge_source *const *ranked, size_t count,
	const struct merge_locals *locals)
{
	size_t next[PROVIDER_IDS] = { 0 }, most = 0, before;

	for (size_t i = 0; i < count; i++)
		most += size_of(ranked[i]);
	entries->of = xcalloc(most + 1, sizeof *entries->of);
	entries->count = 0;
	do {
		before = entries->count;
		for (size_t i = 0; i < count; i++) {
			const struct media *media = take_next(entries, ranked[i], &next[i]);
			if (media != NULL)
				add_entry(entries, media, ranked[i], i, locals);
		}
	} while (entries->count > before);
}

/* ---- doubles ---- */

/* Two providers' words for one thing. */
static bool
are_same(const struct entry *a, const struct entry *b)
{
	if (a->rank == b->rank || a->match.kind != b->match.kind)
		return false;
	if (a->match.kind == MEDIA_ARTIST && a->match.title != NULL &&
		b->match.title != NULL)
		return strcmp(a->match.title, b->match.title) == 0;
	return media_match_same(&a->match, &b->match);
}

/* Makes of two groups the one that begins first. */
static void
join(struct entries *entries, size_t a, size_t b)
{
	size_t from = a > b ? a : b, to = a > b ? b : a;

	for (size_t i = 0; i < entries->count; i++) {
		if (entries->of[i].group == from)
			entries->of[i].group = to;
	}
}

static void
find_groups(struct entries *entries)
{
	for (size_t i = 0; i < entries->count; i++) {
		for (size_t j = 0; j < i; j++) {
			struct entry *a = &entries->of[i], *b = &entries->of[j];
			if (a->group != b->group && are_same(a, b))
				join(entries, a->group, b->group);
		}
	}
}

/* Of each group only what its first provider tells is left, and nothing when any of it is
 * local. */
static void
thin_out(struct entries *entries, size_t group)
{
	size_t best = PROVIDER_IDS;
	bool local = false;

	for (size_t i = group; i < entries->count; i++) {
		const struct entry *entry = &entries->of[i];
		if (entry->group != group)
			continue;
		best = entry->rank < best ? entry->rank : best;
		local = local || entry->done;
	}
	for (size_t i = group; i < entries->count; i++) {
		struct entry *entry = &entries->of[i];
		if (entry->group == group && (local || entry->rank != best))
			entry->done = true;
	}
}

/* ---- the list ---- */

/* What is shown at this place: a group stands where the first of it stood. */
static struct entry *
entry_at(struct entries *entries, size_t place)
{
	struct entry *entry = &entries->of[place];

	for (size_t i = place; entry->group == place && i < entries->count; i++) {
		if (entries->of[i].group == place && !entries->of[i].done)
			return &entries->of[i];
	}
	return entry->done ? NULL : entry;
}

size_t
provider_merge(const struct media **to, const struct merge_source *sources, size_t count,
	const struct merge_locals *locals)
{
	const struct merge_source *ranked[PROVIDER_IDS];
	struct entries entries;
	size_t kept = 0;

	assert(count <= PROVIDER_IDS);
	rank_sources(ranked, sources, count);
	collect(&entries, ranked, count, locals);
	find_groups(&entries);
	for (size_t i = 0; i < entries.count; i++) {
		if (entries.of[i].group == i)
			thin_out(&entries, i);
	}
	for (size_t i = 0; i < entries.count; i++) {
		struct entry *entry = entry_at(&entries, i);
		if (entry == NULL)
			continue;
		entry->done = true;
		to[kept++] = entry->media;
	}
	for (size_t i = 0; i < entries.count; i++)
		media_match_fini(&entries.of[i].match);
	xfree(entries.of);
	return kept;
}
