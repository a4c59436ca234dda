#include "providers/item_order.h"

#include <stdio.h>

#include "core/clock.h"
#include "core/json.h"
#include "providers/title.h"

enum { DIGITS = 10, DATE_SIZE = 40 };

/* ---- reading ---- */

static const struct {
	const char *name;
	enum item_order_by by;
} names[] = {
	{ "SortName", ITEM_ORDER_SORT_NAME },
	{ "Default", ITEM_ORDER_SORT_NAME },
	{ "Name", ITEM_ORDER_NAME },
	{ "Album", ITEM_ORDER_ALBUM },
	{ "AlbumArtist", ITEM_ORDER_ALBUM_ARTIST },
	{ "Artist", ITEM_ORDER_ARTIST },
	{ "DateCreated", ITEM_ORDER_DATE_CREATED },
	{ "DatePlayed", ITEM_ORDER_DATE_PLAYED },
	{ "PlayCount", ITEM_ORDER_PLAY_COUNT },
	{ "PremiereDate", ITEM_ORDER_PREMIERE_DATE },
	{ "ProductionYear", ITEM_ORDER_YEAR },
	{ "Runtime", ITEM_ORDER_RUNTIME },
	{ "ParentIndexNumber", ITEM_ORDER_DISC },
	{ "IndexNumber", ITEM_ORDER_TRACK },
	{ "IsFolder", ITEM_ORDER_IS_FOLDER },
	{ "IsFavoriteOrLiked", ITEM_ORDER_IS_FAVOURITE },
	{ "IsPlayed", ITEM_ORDER_IS_PLAYED },
	{ "IsUnplayed", ITEM_ORDER_IS_UNPLAYED },
	{ "CommunityRating", ITEM_ORDER_RATING },
	{ "Random", ITEM_ORDER_RANDOM },
};

static bool
find_name(enum item_order_by *by, const char *text)
{
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		if (text_equal_ci(names[i].name, text)) {
			*by = names[i].by;
			return true;
		}
	}
	return false;
}

bool
item_order_has(const struct item_order *order, enum item_order_by by)
{
	for (size_t i = 0; i < order->count; i++) {
		if (order->keys[i].by == by)
			return true;
	}
	return false;
}

/* The i-th direction, the first where there are fewer (RequestHelpers.GetOrderBy). */
static bool
is_descending(const char *const *directions, size_t i)
{
	const char *direction = directions[0];

	for (size_t j = 0; j < i && directions[j] != NULL; j++)
		direction = directions[j + 1] != NULL ? directions[j + 1] : directions[0];
	return direction != NULL && text_equal_ci(direction, "Descending");
}

void
item_order_read(
	struct item_order *order, const char *const *by, const char *const *directions)
{
	*order = (struct item_order){ 0 };
	for (size_t i = 0; by[i] != NULL && order->count < ITEM_ORDER_MOST; i++) {
		struct item_order_key *key = &order->keys[order->count];
		if (find_name(&key->by, by[i]))
			key->descending = is_descending(directions, order->count++);
	}
	if (!item_order_has(order, ITEM_ORDER_SORT_NAME) &&
		!item_order_has(order, ITEM_ORDER_NAME))
		order->keys[order->count++] =
			(struct item_order_key){ .by = ITEM_ORDER_SORT_NAME };
}

/* ---- names ---- */

static bool
is_article(struct slice word)
{
	return slice_equal_text(word, "the") || slice_equal_text(word, "a") ||
	       slice_equal_text(word, "an");
}

/* Numbers as ten digits, so that "2" comes before "10". */
static void
add_padded(struct text *to, struct slice word)
{
	for (size_t i = 0; i < word.size;) {
		size_t digits = 0;
		while (i + digits < word.size && word.data[i + digits] >= '0' &&
			word.data[i + digits] <= '9')
			digits++;
		for (size_t j = digits; digits > 0 && j < DIGITS; j++)
			text_add_char(to, '0');
		size_t size = digits > 0 ? digits : 1;
		text_add_bytes(to, word.data + i, size);
		i += size;
	}
}

static const char *
clean_name(struct arena *arena, const char *name)
{
	struct text text = { 0 };

	name_normalize(&text, name);
	const char *clean = arena_strdup(arena, text_get(&text));
	text_fini(&text);
	return clean;
}

static const char *
sort_name(struct arena *arena, const char *name)
{
	struct slice rest = slice_of(clean_name(arena, name)), word;
	struct text text = { 0 };

	while (slice_next(&rest, ' ', &word)) {
		if (is_article(word))
			continue;
		if (text.size > 0)
			text_add_char(&text, ' ');
		add_padded(&text, word);
	}
	const char *sorted = arena_strdup(arena, text_get(&text));
	text_fini(&text);
	return sorted;
}

/* ---- what both say of themselves ---- */

/* Texts are never NULL. */
struct facts {
	bool song;
	const char *name, *album, *album_artist, *artist;
	const char *created, *premiere, *last_played; /* ISO dates, "" unknown */
	int64_t year, disc, track, ticks, play_count;
	bool favourite, played;
	double rating;
};

static const char *
song_sort_name(struct arena *arena, const struct facts *facts)
{
	char disc[32] = "", track[32] = "";

	if (facts->disc > 0)
		snprintf(disc, sizeof disc, "%04lld - ", (long long)facts->disc);
	if (facts->track > 0)
		snprintf(track, sizeof track, "%04lld - ", (long long)facts->track);
	return arena_printf(arena, "%s%s%s", disc, track, clean_name(arena, facts->name));
}

static struct item_key
text_key(const char *text)
{
	return (struct item_key){ .text = text };
}

static struct item_key
number_key(int64_t number)
{
	return (struct item_key){ .number = number };
}

static struct item_key
key_of(enum item_order_by by, struct arena *arena, const struct facts *facts)
{
	switch (by) {
	case ITEM_ORDER_SORT_NAME:
		return text_key(facts->song ? song_sort_name(arena, facts)
					    : sort_name(arena, facts->name));
	case ITEM_ORDER_NAME:
		return text_key(clean_name(arena, facts->name));
	case ITEM_ORDER_ALBUM:
		return text_key(arena_strdup(arena, facts->album));
	case ITEM_ORDER_ALBUM_ARTIST:
		return text_key(clean_name(arena, facts->album_artist));
	case ITEM_ORDER_ARTIST:
		return text_key(clean_name(arena, facts->artist));
	case ITEM_ORDER_DATE_CREATED:
		return text_key(arena_strdup(arena, facts->created));
	case ITEM_ORDER_DATE_PLAYED:
		return text_key(arena_strdup(arena, facts->last_played));
	case ITEM_ORDER_PREMIERE_DATE:
		return text_key(arena_strdup(arena, facts->premiere));
	case ITEM_ORDER_PLAY_COUNT:
		return number_key(facts->play_count);
	case ITEM_ORDER_YEAR:
		return number_key(facts->year);
	case ITEM_ORDER_RUNTIME:
		return number_key(facts->ticks);
	case ITEM_ORDER_DISC:
		return number_key(facts->disc);
	case ITEM_ORDER_TRACK:
		return number_key(facts->track);
	case ITEM_ORDER_IS_FOLDER:
		return number_key(!facts->song);
	case ITEM_ORDER_IS_FAVOURITE:
		return number_key(facts->favourite);
	case ITEM_ORDER_IS_PLAYED:
		return number_key(facts->played);
	case ITEM_ORDER_IS_UNPLAYED:
		return number_key(!facts->played);
	case ITEM_ORDER_RATING:
		return number_key((int64_t)(facts->rating * 1000));
	case ITEM_ORDER_RANDOM:
		break;
	}
	return number_key(0);
}

static void
read_keys(struct item_keys *keys, const struct item_order *order, struct arena *arena,
	const struct facts *facts)
{
	*keys = (struct item_keys){ 0 };
	for (size_t i = 0; i < order->count; i++)
		keys->of[i] = key_of(order->keys[i].by, arena, facts);
}

/* ---- media ---- */

static const char *
name_of(const struct media_artist *artists, size_t count)
{
	return count > 0 ? artists[0].name : "";
}

/* As media_item says it: an ISO date, or nothing. */
static void
write_date(char date[DATE_SIZE], int64_t wall_ms)
{
	char iso[CLOCK_ISO_SIZE];

	date[0] = '\0';
	if (wall_ms <= 0)
		return;
	clock_format_iso(iso, wall_ms);
	snprintf(date, DATE_SIZE, "%.23s0000Z", iso);
}

void
item_keys_of_media(struct item_keys *keys, const struct item_order *order,
	struct arena *arena, const struct media *media, const struct user_item *done)
{
	char released[DATE_SIZE] = "", seen[DATE_SIZE], played[DATE_SIZE];
	bool has_album_artist = media->album_artist_count > 0;
	uint64_t year = 0;

	if (media->release_date[0] != '\0' && media->kind != MEDIA_PLAYLIST) {
		snprintf(released, sizeof released, "%.10sT00:00:00.0000000Z",
			media->release_date);
		if (!slice_to_u64((struct slice){ media->release_date, 4 }, &year))
			year = 0;
	}
	write_date(seen, media->seen_ms);
	write_date(played, done->last_played_ms);
	const struct facts facts = {
		.song = media->kind == MEDIA_SONG,
		.name = media->title,
		.album = media->album_title != NULL ? media->album_title : "",
		.album_artist = has_album_artist
					? media->album_artists[0].name
					: name_of(media->artists, media->main_artist_count),
		.artist = name_of(media->artists, media->artist_count),
		.created = released[0] != '\0' ? released : seen,
		.premiere = released,
		.last_played = played,
		.year = (int64_t)year,
		.disc = media->kind != MEDIA_SONG ? 0
			: media->disc_number > 0  ? media->disc_number
						  : 1,
		.track = media->track_number,
		.ticks = media->duration_ms * 10000,
		.play_count = done->play_count,
		.favourite = done->favourite,
		.played = done->played,
	};
	read_keys(keys, order, arena, &facts);
}

/* ---- items ---- */

/* Of ten; what is no rating is none. */
static double
rating_of(const json_t *item)
{
	double rating = json_number_value(json_member_ci(item, "CommunityRating"));

	return rating > 0 && rating < 1000 ? rating : 0;
}

void
item_keys_of_json(struct item_keys *keys, const struct item_order *order,
	struct arena *arena, const json_t *item)
{
	const json_t *data = json_member_ci(item, "UserData");
	const json_t *artists = json_member_ci(item, "Artists");
	const char *artist = json_string_value(json_array_get(artists, 0));
	const char *type = json_string_value(json_member_ci(item, "Type"));
	int64_t year = json_value_int(json_member_ci(item, "ProductionYear"), 0);
	char january[DATE_SIZE] = "";
	const struct {
		const json_t *from;
		const char *name;
	} texts[] = { { item, "Name" }, { item, "Album" }, { item, "AlbumArtist" },
		{ item, "DateCreated" }, { item, "PremiereDate" },
		{ data, "LastPlayedDate" } };
	const char *text[COUNT_OF(texts)];

	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		text[i] = json_string_value(json_member_ci(texts[i].from, texts[i].name));
		if (text[i] == NULL)
			text[i] = "";
	}
	if (year > 0 && year < 10000)
		snprintf(january, sizeof january, "%04lld-01-01T00:00:00.0000000Z",
			(long long)year);
	const struct facts facts = {
		.song = type != NULL && text_equal_ci(type, "Audio"),
		.name = text[0],
		.album = text[1],
		.album_artist = text[2],
		.artist = artist != NULL ? artist : "",
		.created = text[3],
		.premiere = text[4][0] != '\0' ? text[4] : january,
		.last_played = text[5],
		.year = year,
		.disc = json_value_int(json_member_ci(item, "ParentIndexNumber"), 0),
		.track = json_value_int(json_member_ci(item, "IndexNumber"), 0),
		.ticks = json_value_int(json_member_ci(item, "RunTimeTicks"), 0),
		.play_count = json_value_int(json_member_ci(data, "PlayCount"), 0),
		.favourite = json_is_true(json_member_ci(data, "IsFavorite")),
		.played = json_is_true(json_member_ci(data, "Played")),
		.rating = rating_of(item),
	};
	read_keys(keys, order, arena, &facts);
}

/* ---- comparing ---- */

static int
compare_key(const struct item_key *a, const struct item_key *b)
{
	if (a->text != NULL && b->text != NULL)
		return strcmp(a->text, b->text);
	return (a->number > b->number) - (a->number < b->number);
}

int
item_keys_compare(const struct item_order *order, const struct item_keys *a,
	const struct item_keys *b)
{
	for (size_t i = 0; i < order->count; i++) {
		int compared = compare_key(&a->of[i], &b->of[i]);
		if (compared != 0)
			return order->keys[i].descending ? -compared : compared;
	}
	return 0;
}
