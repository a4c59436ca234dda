#include "providers/qobuz/qobuz_people.h"

#include <stdio.h>
#include <string.h>

#include "core/json.h"
#include "core/text.h"
#include "providers/foreign.h"

enum role { ROLE_ANY, ROLE_MAIN, ROLE_FEATURED };

enum { MAX_ROLE = 24, MAX_CREDITS = 64 * 1024 };

char *
qobuz_name_new(const json_t *json, const char *name)
{
	const json_t *member = json_member(json, name);

	return json_is_object(member) ? foreign_text_new(member, "display")
				      : foreign_text_new(json, name);
}

/* "main-artist", "MainArtist", "Main Artist" */
static enum role
role_of(struct slice word)
{
	char plain[MAX_ROLE + 1];
	size_t size = 0;

	for (size_t i = 0; i < word.size; i++) {
		char c = ascii_lower(word.data[i]);
		if (c < 'a' || c > 'z')
			continue;
		if (size == MAX_ROLE)
			return ROLE_ANY;
		plain[size++] = c;
	}
	plain[size] = '\0';
	if (strcmp(plain, "mainartist") == 0)
		return ROLE_MAIN;
	if (strcmp(plain, "featuredartist") == 0 || strcmp(plain, "featuring") == 0)
		return ROLE_FEATURED;
	return ROLE_ANY;
}

/* ---- objects ---- */

static void
add_person(struct media *media, const json_t *json)
{
	struct external_id id = { .provider = PROVIDER_QOBUZ, .kind = MEDIA_ARTIST };
	int64_t number = json_int(json, "id", 0);
	char *name = qobuz_name_new(json, "name");

	if (name != NULL) {
		if (number > 0)
			snprintf(id.key, sizeof id.key, "%lld", (long long)number);
		media_add_artist(media, &id, name);
	}
	xfree(name);
}

static bool
has_role(const json_t *person, enum role wanted)
{
	const json_t *one;
	size_t i;

	json_array_foreach (json_member(person, "roles"), i, one) {
		if (role_of(slice_of(json_string_value(one))) == wanted)
			return true;
	}
	return false;
}

static void
add_listed(struct media *media, const json_t *people, enum role wanted)
{
	const json_t *one;
	size_t i;

	json_array_foreach (people, i, one) {
		if (wanted == ROLE_ANY || has_role(one, wanted))
			add_person(media, one);
	}
}

/* ---- the text of credits ---- */

/* Up to the next " - " that is followed by something with a role in it. */
static bool
next_credit(struct slice *rest, struct slice *credit)
{
	const char *start = rest->data, *end = rest->data + rest->size;
	const char *at = start;
	bool comma = false;

	if (rest->size == 0)
		return false;
	for (; at < end; at++) {
		comma = comma || *at == ',';
		if (comma && end - at >= 3 && memcmp(at, " - ", 3) == 0)
			break;
	}
	*credit = (struct slice){ start, (size_t)(at - start) };
	size_t skip = at < end ? 3 : 0;
	*rest = (struct slice){ at + skip, (size_t)(end - at) - skip };
	return true;
}

/* How much of a credit is the name: as much as a known one has, else up to the comma. */
static size_t
name_size(struct slice credit, const struct media *media)
{
	for (size_t i = 0; i < media->artist_count; i++) {
		size_t size = strlen(media->artists[i].name);
		if (size < credit.size && credit.data[size] == ',' &&
			bytes_equal_ci(credit.data, media->artists[i].name, size))
			return size;
	}
	const char *comma = memchr(credit.data, ',', credit.size);
	return comma != NULL ? (size_t)(comma - credit.data) : 0;
}

/* Old answers have a carriage return before each " - ". */
static struct slice
trim(struct slice slice)
{
	while (slice.size > 0 && (unsigned char)slice.data[slice.size - 1] <= ' ')
		slice.size--;
	while (slice.size > 0 && (unsigned char)slice.data[0] <= ' ') {
		slice.data++;
		slice.size--;
	}
	return slice;
}

static void
add_credits(struct media *media, const char *text, enum role wanted)
{
	static const struct external_id nobody = { .provider = PROVIDER_QOBUZ,
		.kind = MEDIA_ARTIST };
	struct slice rest = slice_of(text), credit, role;

	if (rest.size > MAX_CREDITS)
		return;
	while (next_credit(&rest, &credit)) {
		credit = trim(credit);
		size_t size = name_size(credit, media);
		struct slice roles = { credit.data + size, credit.size - size };
		bool found = false;
		while (slice_next(&roles, ',', &role))
			found = found || role_of(role) == wanted;
		struct slice name = trim((struct slice){ credit.data, size });
		if (!found || name.size == 0)
			continue;
		char *copy = slice_dup(name);
		media_add_artist(media, &nobody, copy);
		xfree(copy);
	}
}

void
qobuz_people_read(struct media *media, const json_t *json)
{
	const json_t *listed = json_member(json, "artists");
	const char *credits = json_text_or(json, "performers", "");

	add_person(media, json_member(json, "performer"));
	add_person(media, json_member(json, "artist"));
	add_listed(media, listed, ROLE_MAIN);
	add_credits(media, credits, ROLE_MAIN);
	/* A list without roles is one of equals. */
	if (media->artist_count == 0)
		add_listed(media, listed, ROLE_ANY);
	media->main_artist_count = media->artist_count;
	add_listed(media, listed, ROLE_FEATURED);
	add_credits(media, credits, ROLE_FEATURED);
	if (media->main_artist_count == 0)
		media->main_artist_count = media->artist_count;
}
