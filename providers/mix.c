#include "providers/mix.h"

#include <string.h>

#include "providers/title.h"

/* Multiplied with it a number spreads over 64 bits (splitmix64). */
#define GOLDEN UINT64_C(0x9e3779b97f4a7c15)

struct mix {
	const struct mix_wish *wish;
	const struct media **to;
	uint64_t *words; /* of each in `to`: a hash of title and artist */
	size_t count;
};

static uint64_t
next_random(uint64_t *state)
{
	uint64_t x = *state += GOLDEN;

	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

static uint64_t
words_hash(const struct media *media)
{
	struct text words;

	text_init(&words);
	title_normalize(&words, media->title);
	text_add_char(&words, '\n');
	if (media->artist_count > 0)
		name_normalize(&words, media->artists[0].name);
	uint64_t hash = text_hash(0, text_get(&words));
	text_fini(&words);
	return hash;
}

static bool
is_unwanted(const struct mix_wish *wish, const struct media *media)
{
	if (media->kind != wish->kind || !media->readable)
		return true;
	if (wish->without != NULL && external_id_equal(&media->id, wish->without))
		return true;
	for (size_t i = 0; i < wish->without_artist_count; i++) {
		for (size_t j = 0; j < media->artist_count; j++) {
			if (external_id_equal(
				    &media->artists[j].id, &wish->without_artists[i]))
				return true;
		}
	}
	return false;
}

static bool
is_there(const struct mix *mix, const struct media *media, uint64_t words)
{
	for (size_t i = 0; i < mix->count; i++) {
		const struct media *other = mix->to[i];
		if (mix->words[i] == words || external_id_equal(&other->id, &media->id) ||
			(media->isrc != NULL && other->isrc != NULL &&
				text_equal_ci(media->isrc, other->isrc)))
			return true;
	}
	return false;
}

static bool
take(struct mix *mix, const struct media *media)
{
	uint64_t words = words_hash(media);

	if (is_there(mix, media, words))
		return false;
	mix->words[mix->count] = words;
	mix->to[mix->count++] = media;
	return true;
}

/* In which order a list is taken: the place of each, shuffled (Fisher and Yates). */
static size_t *
order_new(const struct media_list *list, uint64_t seed)
{
	size_t count = list != NULL ? list->count : 0;
	size_t *order = xcalloc(count + 1, sizeof *order);

	for (size_t i = 0; i < count; i++)
		order[i] = i;
	for (size_t i = count; seed != 0 && i > 1; i--) {
		size_t j = (size_t)(next_random(&seed) % i), kept = order[i - 1];
		order[i - 1] = order[j];
		order[j] = kept;
	}
	return order;
}

/* The next of that list that is new; false when there is none. */
static bool
take_next(struct mix *mix, const struct media_list *list, const size_t *order, size_t *next)
{
	while (list != NULL && *next < list->count) {
		const struct media *media = &list->items[order[(*next)++]];
		if (!is_unwanted(mix->wish, media) && take(mix, media))
			return true;
	}
	return false;
}

size_t
mix_take_turns(const struct media **to, const struct mix_wish *wish,
	struct media_list *const *lists, size_t count)
{
	struct mix mix = { .wish = wish, .to = to };
	size_t **orders = xcalloc(count + 1, sizeof *orders);
	size_t *next = xcalloc(count + 1, sizeof *next);
	uint64_t seed = wish->seed;
	bool more = true;

	mix.words = xcalloc(wish->most + 1, sizeof *mix.words);
	for (size_t i = 0; i < count; i++)
		orders[i] = order_new(lists[i], seed != 0 ? next_random(&seed) | 1 : 0);
	if (wish->first != NULL && wish->most > 0)
		take(&mix, wish->first);
	while (more && mix.count < wish->most) {
		more = false;
		for (size_t i = 0; i < count && mix.count < wish->most; i++)
			more = take_next(&mix, lists[i], orders[i], &next[i]) || more;
	}
	for (size_t i = 0; i < count; i++)
		xfree(orders[i]);
	xfree(orders);
	xfree(next);
	xfree(mix.words);
	return mix.count;
}
