#include "providers/title.h"

#include <string.h>

/* ---- folding: one code point to small letters without accents ---- */

/* U+00C0 … U+00FF and U+0100 … U+017F, a letter each; ' ' is no letter. */
static const char latin_1[] = "aaaaaaaceeeeiiiidnooooo ouuuuyts"
			      "aaaaaaaceeeeiiiidnooooo ouuuuyty";
static const char latin_a[] = "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkk"
			      "llllllllllnnnnnnnnnoooooooorrrrrrssssssssttttttuuuuuuuuuuuu"
			      "wwyyyzzzzzzs";

_Static_assert(sizeof latin_1 == 0x40 + 1, "a letter for each of U+00C0 … U+00FF");
_Static_assert(sizeof latin_a == 0x80 + 1, "a letter for each of U+0100 … U+017F");

static const struct {
	unsigned code;
	const char *letters;
} doubles[] = {
	{ 0x00c6, "ae" },
	{ 0x00df, "ss" },
	{ 0x00de, "th" },
	{ 0x00e6, "ae" },
	{ 0x00fe, "th" },
	{ 0x0132, "ij" },
	{ 0x0133, "ij" },
	{ 0x0152, "oe" },
	{ 0x0153, "oe" },
};

/* One code point; on broken UTF-8 one byte, given as U+FFFD. */
static size_t
decode_utf8(const char *text, unsigned *code)
{
	const unsigned char *byte = (const unsigned char *)text;
	size_t size = byte[0] < 0x80   ? 1
		      : byte[0] < 0xc2 ? 0
		      : byte[0] < 0xe0 ? 2
		      : byte[0] < 0xf0 ? 3
		      : byte[0] < 0xf5 ? 4
				       : 0;

	*code = 0xfffd;
	if (size == 0)
		return 1;
	unsigned value = size == 1 ? byte[0] : byte[0] & (0x7fu >> size);
	for (size_t i = 1; i < size; i++) {
		if ((byte[i] & 0xc0) != 0x80)
			return 1;
		value = value << 6 | (byte[i] & 0x3f);
	}
	*code = value;
	return size;
}

static void
add_code(struct text *to, unsigned code)
{
	if (code < 0x800) {
		text_add_char(to, (char)(0xc0 | code >> 6));
	} else {
		if (code < 0x10000) {
			text_add_char(to, (char)(0xe0 | code >> 12));
		} else {
			text_add_char(to, (char)(0xf0 | code >> 18));
			text_add_char(to, (char)(0x80 | (code >> 12 & 0x3f)));
		}
		text_add_char(to, (char)(0x80 | (code >> 6 & 0x3f)));
	}
	text_add_char(to, (char)(0x80 | (code & 0x3f)));
}

static void
fold_ascii(struct text *to, char c)
{
	if (c >= 'A' && c <= 'Z')
		text_add_char(to, (char)(c + ('a' - 'A')));
	else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
		text_add_char(to, c);
	else if (c == '(' || c == '[')
		text_add_char(to, '(');
	else if (c == ')' || c == ']')
		text_add_char(to, ')');
	else if (c == '&')
		text_add(to, " and ");
	else if (c == '-')
		text_add_char(to, '-');
	else if (c != '\'' && c != '.')
		text_add_char(to, ' ');
}

static void
fold_wide(struct text *to, unsigned code)
{
	for (size_t i = 0; i < COUNT_OF(doubles); i++) {
		if (doubles[i].code == code) {
			text_add(to, doubles[i].letters);
			return;
		}
	}
	if (code >= 0x00c0 && code <= 0x00ff)
		text_add_char(to, latin_1[code - 0x00c0]);
	else if (code >= 0x0100 && code <= 0x017f)
		text_add_char(to, latin_a[code - 0x0100]);
	else if (code == 0x2010 || code == 0x2013 || code == 0x2014)
		text_add_char(to, '-');
	else if (code >= 0x0391 && code <= 0x03a9) /* Greek capitals */
		add_code(to, code + 0x20);
	else if (code >= 0x0410 && code <= 0x042f) /* Cyrillic capitals */
		add_code(to, code + 0x20);
	else if (code >= 0x0400 && code <= 0x040f)
		add_code(to, code + 0x50);
	else if (code == 0x2019 || code == 0x2018 || (code >= 0x0300 && code <= 0x036f))
		return; /* apostrophes, and accents written apart from their letter */
	else if (code < 0x00c0 || (code >= 0x2000 && code <= 0x206f) || code == 0xfffd)
		text_add_char(to, ' ');
	else
		add_code(to, code);
}

/* Small letters, digits, blanks, '-', and every kind of bracket as '(' or ')'. */
static void
fold(struct text *to, const char *text)
{
	while (*text != '\0') {
		unsigned code;
		size_t size = decode_utf8(text, &code);
		if (code < 0x80)
			fold_ascii(to, (char)code);
		else
			fold_wide(to, code);
		text += size;
	}
}

/* ---- words ---- */

/* The next word of folded text; false at the end. */
static bool
next_word(struct slice *rest, struct slice *word)
{
	const char *end = rest->data + rest->size, *c = rest->data;

	while (c < end && (*c == ' ' || *c == '-' || *c == '(' || *c == ')'))
		c++;
	const char *start = c;
	while (c < end && *c != ' ' && *c != '-' && *c != '(' && *c != ')')
		c++;
	*word = (struct slice){ start, (size_t)(c - start) };
	*rest = (struct slice){ c, (size_t)(end - c) };
	return word->size > 0;
}

static void
add_words(struct text *to, struct slice folded, size_t start)
{
	struct slice word;

	while (next_word(&folded, &word)) {
		if (to->size > start)
			text_add_char(to, ' ');
		text_add_slice(to, word);
	}
}

static bool
is_guest_word(struct slice word)
{
	return slice_equal_text(word, "feat") || slice_equal_text(word, "ft") ||
	       slice_equal_text(word, "featuring");
}

/* Does what stands in a bracket or after a dash tell of the same recording? */
static bool
is_remark(struct slice folded)
{
	struct slice word, before = { NULL, 0 };

	while (next_word(&folded, &word)) {
		if (slice_starts_with_ci(word, "remaster") || is_guest_word(word) ||
			slice_equal_text(word, "explicit") ||
			slice_equal_text(word, "clean"))
			return true;
		if (slice_equal_text(word, "version") &&
			(slice_equal_text(before, "album") ||
				slice_equal_text(before, "single") ||
				slice_equal_text(before, "original")))
			return true;
		before = word;
	}
	return false;
}

/* Blanks out brackets that are remarks, nested ones with their outermost. */
static void
drop_brackets(char *folded, size_t size)
{
	size_t depth = 0, start = 0;

	for (size_t i = 0; i <= size; i++) {
		bool at_end = i == size;
		if (!at_end && folded[i] == '(' && depth++ == 0)
			start = i;
		bool closes = depth > 0 && (at_end || (folded[i] == ')' && --depth == 0));
		if (closes && is_remark((struct slice){ folded + start, i - start }))
			memset(folded + start, ' ', i - start);
	}
}

/* "song - remastered 2009", "song feat someone": the size of what stands before. */
static size_t
size_before_remark(const char *folded, size_t size)
{
	struct slice rest = { folded, size }, word;

	for (size_t i = 1; i + 1 < size; i++) {
		bool dash =
			folded[i] == '-' && folded[i - 1] == ' ' && folded[i + 1] == ' ';
		if (dash && is_remark((struct slice){ folded + i, size - i }))
			return i;
	}
	if (!next_word(&rest, &word))
		return size;
	while (next_word(&rest, &word)) {
		if (is_guest_word(word))
			return (size_t)(word.data - folded);
	}
	return size;
}

void
title_normalize(struct text *to, const char *title)
{
	size_t start = to->size;
	struct text folded;

	text_init(&folded);
	fold(&folded, title);
	if (folded.size > 0) {
		drop_brackets(folded.data, folded.size);
		size_t size = size_before_remark(folded.data, folded.size);
		add_words(to, (struct slice){ folded.data, size }, start);
	}
	text_fini(&folded);
	if (to->size == start)
		text_add(to, title);
}

void
name_normalize(struct text *to, const char *name)
{
	size_t start = to->size;
	struct text folded;

	text_init(&folded);
	fold(&folded, name);
	add_words(to, (struct slice){ text_get(&folded), folded.size }, start);
	text_fini(&folded);
	if (to->size == start)
		text_add(to, name);
}
