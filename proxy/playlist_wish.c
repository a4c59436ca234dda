#include "proxy/playlist_wish.h"

#include <string.h>

enum { DEADLINE_MS = 15 * 1000 };

/* One id that was wished for. */
struct wished {
	const char *text;
	bool external;
	char song[EXTERNAL_ID_HEX]; /* a song that the playlist has already; else "" */
	size_t item;                /* of the gather, when it had to be asked for */
};

struct playlist_wish {
	struct intercept *intercept;
	struct wished *ids;
	size_t count;
	struct gather_item *items;
	size_t item_count;
	void (*done)(void *arg, enum err err);
	void *arg;
};

bool
playlist_wish_is_external(const char *const *ids, size_t count)
{
	struct external_id id;

	for (size_t i = 0; i < count; i++) {
		if (external_id_parse(&id, slice_of(ids[i])))
			return true;
	}
	return false;
}

static enum catalog_ask
ask_for(enum media_kind kind)
{
	switch (kind) {
	case MEDIA_ALBUM:
		return CATALOG_ALBUM_TRACKS;
	case MEDIA_PLAYLIST:
		return CATALOG_PLAYLIST_TRACKS;
	case MEDIA_ARTIST:
		return CATALOG_ARTIST_TOP;
	default:
		return CATALOG_ITEM;
	}
}

/* False when there are too many to ask for. */
static bool
add_wished(struct playlist_wish *wish, const char *text, const struct playlist_order *known)
{
	struct wished *wished = &wish->ids[wish->count++];
	struct external_id id;
	size_t place;

	*wished = (struct wished){ .text = text };
	wished->external = external_id_parse(&id, slice_of(text));
	if (!wished->external)
		return true;
	if (known != NULL && id.kind == MEDIA_SONG &&
		playlist_order_find(known, slice_of(text), &place)) {
		copy_text(wished->song, sizeof wished->song, known->members[place].song);
		return true;
	}
	if (wish->item_count == GATHER_MAX)
		return false;
	wished->item = wish->item_count;
	wish->items[wish->item_count++] = (struct gather_item){
		.query = { .ask = ask_for(id.kind), .provider = id.provider, .id = id },
	};
	return true;
}

struct playlist_wish *
playlist_wish_new(struct intercept *intercept, const char *const *ids, size_t count,
	const struct playlist_order *known)
{
	struct arena *arena = intercept_arena(intercept);
	struct playlist_wish *wish = arena_alloc(arena, sizeof *wish);

	*wish = (struct playlist_wish){ .intercept = intercept };
	wish->ids = arena_alloc(arena, (count + 1) * sizeof *wish->ids);
	wish->items = arena_alloc(arena, GATHER_MAX * sizeof *wish->items);
	for (size_t i = 0; i < count; i++) {
		if (!add_wished(wish, ids[i], known))
			return NULL;
	}
	return wish;
}

void
playlist_wish_refuse(struct intercept *intercept)
{
	exchange_reply_error(http_job_take(intercept->job), 400, "too_many_ids",
		"At most 256 external ids fit into one change of a playlist.");
}

/* ---- asking ---- */

static void
on_gathered(void *arg)
{
	struct playlist_wish *wish = arg;
	enum err err = ERR_NONE;

	for (size_t i = 0; i < wish->item_count && err == ERR_NONE; i++) {
		err = wish->items[i].err;
		if (err == ERR_NOT_FOUND || err == ERR_INVALID)
			err = ERR_NONE;
	}
	wish->done(wish->arg, err);
}

void
playlist_wish_ask(
	struct playlist_wish *wish, void (*done)(void *arg, enum err err), void *arg)
{
	wish->done = done;
	wish->arg = arg;
	gather_start(wish->intercept, wish->items, wish->item_count, DEADLINE_MS,
		on_gathered, wish);
}

/* ---- what came of it ---- */

const char *
playlist_wish_locals(const struct playlist_wish *wish)
{
	struct text ids;

	text_init(&ids);
	for (size_t i = 0; i < wish->count; i++) {
		if (wish->ids[i].external)
			continue;
		text_add(&ids, ids.size > 0 ? "," : "");
		text_add(&ids, wish->ids[i].text);
	}
	char *joined = arena_strdup(intercept_arena(wish->intercept), text_get(&ids));
	text_fini(&ids);
	return joined;
}

/* What an id stands for: `list` of songs that were asked for, or one that is known. */
static size_t
count_songs(const struct playlist_wish *wish, const struct wished *wished,
	const struct media_list **list)
{
	*list = NULL;
	if (!wished->external || wished->song[0] != '\0')
		return wished->external ? 1 : 0;
	*list = wish->items[wished->item].list;
	return *list != NULL ? (*list)->count : 0;
}

/* An entry of the song in `known` that is not used yet. */
static bool
use_again(struct playlist_member *member, const struct playlist_order *known, bool *used)
{
	for (size_t i = 0; known != NULL && i < known->count; i++) {
		if (!known->members[i].external || used[i] ||
			strcmp(known->members[i].song, member->song) != 0)
			continue;
		used[i] = true;
		*member = known->members[i];
		return true;
	}
	return false;
}

static void
add_song(struct playlist_wish_members *to, const char *song, const struct media *media,
	const struct playlist_order *known, bool *used)
{
	struct playlist_member member = { .external = true };

	copy_text(member.song, sizeof member.song, song);
	if (!use_again(&member, known, used)) {
		if (media == NULL)
			return;
		user_playlist_entry_id(member.id);
		struct user_playlist_song *fresh = &to->songs[to->song_count++];
		copy_text(fresh->entry, sizeof fresh->entry, member.id);
		fresh->media = media;
	}
	to->members[to->count++] = member;
}

static void
add_songs(struct playlist_wish_members *to, const struct media_list *list,
	const struct playlist_order *known, bool *used, size_t *left)
{
	char song[EXTERNAL_ID_HEX];

	for (size_t i = 0; i<list->count && * left> 0; i++) {
		const struct media *media = &list->items[i];
		if (media->kind != MEDIA_SONG || !external_id_format(song, &media->id))
			continue;
		add_song(to, song, media, known, used);
		(*left)--;
	}
}

struct playlist_wish_members
playlist_wish_members(struct playlist_wish *wish, const struct playlist_order *known)
{
	struct arena *arena = intercept_arena(wish->intercept);
	struct playlist_wish_members to = { 0 };
	const struct media_list *list;
	size_t most = wish->count, left = PLAYLIST_WISH_SONGS;
	size_t known_count = known != NULL ? known->count : 0;
	bool *used = arena_alloc(arena, known_count + 1);

	memset(used, 0, known_count + 1);
	for (size_t i = 0; i < wish->count; i++)
		most += count_songs(wish, &wish->ids[i], &list);
	to.members = arena_alloc(arena, (most + 1) * sizeof *to.members);
	to.songs = arena_alloc(arena, (most + 1) * sizeof *to.songs);
	for (size_t i = 0; i < wish->count; i++) {
		const struct wished *wished = &wish->ids[i];
		size_t songs = count_songs(wish, wished, &list);
		if (!wished->external) {
			struct playlist_member local = { 0 };
			if (playlist_id_read(local.id, slice_of(wished->text)))
				to.members[to.count++] = local;
		} else if (list != NULL) {
			add_songs(&to, list, known, used, &left);
		} else if (songs > 0) {
			add_song(&to, wished->song, NULL, known, used);
		}
	}
	return to;
}
