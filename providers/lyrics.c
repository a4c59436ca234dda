#include "providers/lyrics.h"

#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "core/text.h"

enum {
	/* A song has some hundred; stamps could multiply what a foreign text holds. */
	MAX_LINES = 4000,
	MAX_BYTES = 512 * 1024,
	MAX_STAMPS = 64, /* of one line */
	MAX_TAG = 12,
	TICKS_PER_MS = 10000,
};

/* ---- life ---- */

void
lyrics_add(struct lyrics *lyrics, const char *text, int64_t start_ms)
{
	/* Doubles whenever the count is a power of two. */
	if ((lyrics->count & (lyrics->count - 1)) == 0) {
		size_t room = lyrics->count == 0 ? 1 : 2 * lyrics->count;
		lyrics->lines = xrealloc(lyrics->lines, room * sizeof *lyrics->lines);
	}
	lyrics->lines[lyrics->count++] =
		(struct lyrics_line){ .text = xstrdup(text != NULL ? text : ""),
			.start_ms = start_ms };
}

void
lyrics_fini(struct lyrics *lyrics)
{
	for (size_t i = 0; i < lyrics->count; i++)
		xfree(lyrics->lines[i].text);
	xfree(lyrics->lines);
	*lyrics = (struct lyrics){ 0 };
}

/* ---- reading ---- */

struct reading {
	struct lyrics *lyrics;
	size_t bytes;
	int64_t offset_ms; /* of the offset tag: this much earlier */
	bool stamped;      /* there was a stamp */
};

static struct slice
cut(struct slice slice, size_t size)
{
	return (struct slice){ slice.data + size, slice.size - size };
}

/* Decimal digits at the front, at most `most` of them; how many there were. */
static size_t
read_digits(struct slice slice, size_t most, int64_t *number)
{
	size_t count = 0;

	*number = 0;
	while (count < slice.size && count < most && slice.data[count] >= '0' &&
		slice.data[count] <= '9')
		*number = *number * 10 + (slice.data[count++] - '0');
	return count;
}

/* "mm:ss", "mm:ss.x", ".xx", ".xxx" (or ':' or ',' before the fraction). */
static bool
read_stamp(struct slice inside, int64_t *ms)
{
	static const int64_t scales[] = { 0, 100, 10, 1 };
	int64_t minutes, seconds, fraction;
	size_t digits = read_digits(inside, 4, &minutes);

	if (digits == 0 || digits == inside.size || inside.data[digits] != ':')
		return false;
	inside = cut(inside, digits + 1);
	digits = read_digits(inside, 2, &seconds);
	if (digits == 0 || seconds > 59)
		return false;
	*ms = (minutes * 60 + seconds) * 1000;
	inside = cut(inside, digits);
	if (inside.size == 0)
		return true;
	if (strchr(".:,", inside.data[0]) == NULL || inside.data[0] == '\0')
		return false;
	inside = cut(inside, 1);
	digits = read_digits(inside, 3, &fraction);
	*ms += fraction * scales[digits];
	return digits > 0 && digits == inside.size;
}

/* "[ar:Somebody]": what is said of the song, not what is sung. */
static bool
read_tag(struct reading *reading, struct slice inside)
{
	static const char *const names[] = { "ar", "ti", "al", "au", "by", "re", "ve", "la",
		"lr", "id", "tool", "length", "offset", "#" };
	struct slice rest = inside, name;
	char number[MAX_TAG + 1];
	int64_t offset_ms;
	bool known = false;

	if (memchr(inside.data, ':', inside.size) == NULL || !slice_next(&rest, ':', &name))
		return false;
	name = slice_trim(name);
	for (size_t i = 0; i < COUNT_OF(names); i++)
		known = known || slice_equal_text_ci(name, names[i]);
	rest = slice_trim(rest);
	if (rest.size > 0 && rest.data[0] == '+')
		rest = cut(rest, 1);
	if (!slice_equal_text_ci(name, "offset") || rest.size == 0 || rest.size > MAX_TAG)
		return known;
	memcpy(number, rest.data, rest.size);
	number[rest.size] = '\0';
	if (text_to_i64(number, &offset_ms) && offset_ms > -3600000 && offset_ms < 3600000)
		reading->offset_ms = offset_ms;
	return known;
}

/* "<00:12.34>" before single words: their times are not told. */
static char *
without_word_stamps(struct slice line)
{
	struct text text;

	text_init(&text);
	while (line.size > 0) {
		const char *end =
			line.data[0] == '<' ? memchr(line.data, '>', line.size) : NULL;
		int64_t ms;
		size_t size = end != NULL ? (size_t)(end - line.data) : 0;
		if (end != NULL &&
			read_stamp((struct slice){ line.data + 1, size - 1 }, &ms)) {
			line = cut(line, size + 1);
			continue;
		}
		text_add_char(&text, line.data[0]);
		line = cut(line, 1);
	}
	struct slice trimmed = slice_trim(slice_of(text_get(&text)));
	char *copy = slice_dup(trimmed);
	text_fini(&text);
	return copy;
}

static void
add_line(struct reading *reading, struct slice line, const int64_t *stamps, size_t count)
{
	char *text = without_word_stamps(line);

	for (size_t i = 0; i < count; i++) {
		reading->bytes += strlen(text) + 1;
		if (reading->lyrics->count == MAX_LINES || reading->bytes > MAX_BYTES)
			break;
		lyrics_add(reading->lyrics, text, stamps[i]);
	}
	xfree(text);
}

static void
read_line(struct reading *reading, struct slice line)
{
	int64_t stamps[MAX_STAMPS];
	size_t count = 0;
	bool tag = false;

	line = slice_trim(line);
	while (line.size > 1 && line.data[0] == '[') {
		const char *end = memchr(line.data, ']', line.size);
		if (end == NULL)
			break;
		size_t size = (size_t)(end - line.data);
		struct slice inside = { line.data + 1, size - 1 };
		int64_t ms;
		if (read_stamp(inside, &ms)) {
			if (count < MAX_STAMPS)
				stamps[count++] = ms;
		} else if (count == 0 && read_tag(reading, inside)) {
			tag = true;
		} else {
			break;
		}
		line = cut(line, size + 1);
	}
	if (tag && count == 0 && slice_trim(line).size == 0)
		return;
	reading->stamped = reading->stamped || count > 0;
	if (count == 0)
		stamps[count++] = -1;
	add_line(reading, line, stamps, count);
}

static void
read_lines(struct reading *reading, struct slice rest)
{
	struct slice line;

	if (rest.size >= 3 && memcmp(rest.data, "\xef\xbb\xbf", 3) == 0)
		rest = cut(rest, 3);
	while (slice_next(&rest, '\n', &line)) {
		struct slice part;
		if (line.size > 0 && line.data[line.size - 1] == '\r')
			line.size--;
		if (line.size == 0)
			read_line(reading, line);
		/* A lone CR ends a line, too. */
		while (slice_next(&line, '\r', &part))
			read_line(reading, part);
	}
}

/* ---- order ---- */

/* Where some lines have times, every one gets one: that of the line before. Blank ones
 * without are only layout. */
static void
settle_times(struct reading *reading)
{
	struct lyrics *lyrics = reading->lyrics;
	int64_t before_ms = 0;
	size_t kept = 0;

	for (size_t i = 0; i < lyrics->count; i++) {
		struct lyrics_line line = lyrics->lines[i];
		if (line.start_ms < 0 && line.text[0] == '\0') {
			xfree(line.text);
			continue;
		}
		if (line.start_ms < 0)
			line.start_ms = before_ms;
		else
			before_ms = line.start_ms;
		lyrics->lines[kept++] = line;
	}
	lyrics->count = kept;
	for (size_t i = 0; i < kept; i++) {
		int64_t *start_ms = &lyrics->lines[i].start_ms;
		*start_ms -= reading->offset_ms;
		if (*start_ms < 0)
			*start_ms = 0;
	}
}

struct place {
	struct lyrics_line line;
	size_t place;
};

static int
compare_places(const void *a, const void *b)
{
	const struct place *one = a, *other = b;

	if (one->line.start_ms != other->line.start_ms)
		return one->line.start_ms < other->line.start_ms ? -1 : 1;
	return one->place < other->place ? -1 : one->place > other->place;
}

static void
sort_lines(struct lyrics *lyrics)
{
	struct place *places = xcalloc(lyrics->count, sizeof *places);

	for (size_t i = 0; i < lyrics->count; i++)
		places[i] = (struct place){ lyrics->lines[i], i };
	qsort(places, lyrics->count, sizeof *places, compare_places);
	for (size_t i = 0; i < lyrics->count; i++)
		lyrics->lines[i] = places[i].line;
	xfree(places);
}

/* Blank lines between verses are worth something, at the ends nothing. */
static void
trim_blanks(struct lyrics *lyrics)
{
	size_t first = 0;

	while (lyrics->count > 0 && lyrics->lines[lyrics->count - 1].text[0] == '\0')
		xfree(lyrics->lines[--lyrics->count].text);
	while (first < lyrics->count && lyrics->lines[first].text[0] == '\0')
		xfree(lyrics->lines[first++].text);
	lyrics->count -= first;
	if (first > 0)
		memmove(lyrics->lines, lyrics->lines + first,
			lyrics->count * sizeof *lyrics->lines);
}

static bool
has_words(const struct lyrics *lyrics)
{
	for (size_t i = 0; i < lyrics->count; i++) {
		if (lyrics->lines[i].text[0] != '\0')
			return true;
	}
	return false;
}

bool
lyrics_parse_lrc(struct lyrics *lyrics, const char *text)
{
	struct reading reading = { .lyrics = lyrics };

	*lyrics = (struct lyrics){ 0 };
	read_lines(&reading, slice_of(text));
	if (!has_words(lyrics)) {
		lyrics_fini(lyrics);
		return false;
	}
	lyrics->synced = reading.stamped;
	if (reading.stamped) {
		settle_times(&reading);
		sort_lines(lyrics);
	} else {
		trim_blanks(lyrics);
	}
	return true;
}

/* ---- writing ---- */

json_t *
lyrics_json_new(const struct lyrics *lyrics)
{
	json_t *answer = json_object();
	json_t *metadata = json_object();
	json_t *lines = json_array();

	json_put_bool(metadata, "IsSynced", lyrics->synced);
	for (size_t i = 0; i < lyrics->count; i++) {
		const struct lyrics_line *from = &lyrics->lines[i];
		json_t *line = json_object();
		json_put_text(line, "Text", from->text);
		if (lyrics->synced)
			json_put_int(line, "Start", from->start_ms * TICKS_PER_MS);
		json_array_append_new(lines, line);
	}
	json_put_new(answer, "Metadata", metadata);
	json_put_new(answer, "Lyrics", lines);
	return answer;
}
