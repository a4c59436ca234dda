#include "providers/download_name.h"

#include "core/url.h"

enum { NAME_MOST = 160 }; /* bytes, of the 255 that file systems take */

/* What Windows, and Unix, take in no name. */
static bool
is_refused(unsigned char c)
{
	return c < 0x20 || c == 0x7f || strchr("/\\:*?\"<>|", c) != NULL;
}

static void
clean(char *name)
{
	for (char *c = name; *c != '\0'; c++)
		*c = is_refused((unsigned char)*c) ? '_' : *c;
}

/* "Artist - Title", without what hides a file (a dot in front) or is cut off by some (dots
 * and blanks at the end). */
static void
make_name(char name[NAME_MOST + 1], const struct media *song, bool preview)
{
	struct text text;
	size_t first = 0;

	text_init(&text);
	if (song != NULL && song->artist_count > 0)
		text_addf(&text, "%s - ", song->artists[0].name);
	if (song != NULL)
		text_add(&text, song->title);
	if (text.size == 0)
		text_add(&text, "song");
	clean(text.data);
	while (text.data[first] == '.' || text.data[first] == ' ')
		first++;
	/* Cut between characters; whether it was does not matter. */
	(void)copy_text(name, NAME_MOST + 1 - sizeof " (preview)", text.data + first);
	text_fini(&text);
	size_t size = strlen(name);
	while (size > 0 && (name[size - 1] == '.' || name[size - 1] == ' '))
		name[--size] = '\0';
	if (size == 0)
		(void)copy_text(name, NAME_MOST, "song");
	if (preview)
		(void)copy_text(name + strlen(name), sizeof " (preview)", " (preview)");
}

void
download_name_add(struct text *header, const struct media *song, enum track_quality quality)
{
	const char *extension = track_quality_container(quality);
	char name[NAME_MOST + 1];
	bool ascii = true;

	make_name(name, song, quality == TRACK_PREVIEW);
	text_add(header, "attachment; filename=\"");
	for (const char *c = name; *c != '\0'; c++) {
		/* One mark for a character, not for each of its bytes. */
		if ((*c & 0xc0) == 0x80)
			continue;
		text_add_char(header, (*c & 0x80) != 0 ? '_' : *c);
		ascii = ascii && (*c & 0x80) == 0;
	}
	text_addf(header, ".%s\"", extension);
	if (ascii)
		return;
	text_add(header, "; filename*=UTF-8''");
	url_encode(header, slice_of(name));
	text_addf(header, ".%s", extension);
}
