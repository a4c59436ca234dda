#include "tracker/play_item.h"

#include "core/json.h"
#include "tracker/play_key.h"

enum { TICKS_PER_MS = 10000 };

static const char *
text_of(const json_t *dto, const char *name)
{
	return json_string_value(json_member_ci(dto, name));
}

/* At least 0. */
static int64_t
count_of(const json_t *dto, const char *name)
{
	int64_t count = json_value_int(json_member_ci(dto, name), 0);

	return count > 0 ? count : 0;
}

static void
read_id(char id[33], const json_t *dto, const char *name)
{
	const char *text = text_of(dto, name);

	if (text == NULL || !play_item_id_normal(id, text))
		id[0] = '\0';
}

void
play_item_read(struct play_item *item, const json_t *dto)
{
	const char *artist =
		json_string_value(json_array_get(json_member_ci(dto, "Artists"), 0));
	const char *album = text_of(dto, "Album");

	copy_text(item->type, sizeof item->type, text_of(dto, "Type"));
	copy_text(item->name, sizeof item->name, text_of(dto, "Name"));
	copy_text(item->album, sizeof item->album,
		album != NULL ? album : text_of(dto, "SeriesName"));
	copy_text(item->artist, sizeof item->artist,
		artist != NULL ? artist : text_of(dto, "AlbumArtist"));
	read_id(item->album_id, dto, "AlbumId");
	read_id(item->series_id, dto, "SeriesId");
	item->season = item->episode = 0;
	if (text_equal_ci(item->type, "Episode")) {
		item->season = count_of(dto, "ParentIndexNumber");
		item->episode = count_of(dto, "IndexNumber");
	}
	item->year = count_of(dto, "ProductionYear");
	item->runtime_ms = count_of(dto, "RunTimeTicks") / TICKS_PER_MS;
}

static void
renew_count(int64_t *count, int64_t from)
{
	if (from > 0)
		*count = from;
}

void
play_item_renew(struct play_item *item, const struct play_item *from)
{
	renew_text(item->provider, sizeof item->provider, from->provider);
	renew_text(item->type, sizeof item->type, from->type);
	renew_text(item->name, sizeof item->name, from->name);
	renew_text(item->album, sizeof item->album, from->album);
	renew_text(item->artist, sizeof item->artist, from->artist);
	renew_text(item->album_id, sizeof item->album_id, from->album_id);
	renew_text(item->series_id, sizeof item->series_id, from->series_id);
	renew_count(&item->season, from->season);
	renew_count(&item->episode, from->episode);
	renew_count(&item->year, from->year);
	renew_count(&item->runtime_ms, from->runtime_ms);
	if (from->item_json != NULL) {
		xfree(item->item_json);
		item->item_json = xstrdup(from->item_json);
	}
}

void
play_item_fill(struct play_item *item, const struct play_item *from)
{
	struct play_item known = *item;

	/* What it knows already is told once more, on top of the rest. */
	item->item_json = NULL;
	play_item_renew(item, from);
	play_item_renew(item, &known);
	xfree(known.item_json);
}
