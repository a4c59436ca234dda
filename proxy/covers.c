#include "proxy/covers.h"

#include <pthread.h>
#include <string.h>

#include "core/clock.h"
#include "core/json.h"
#include "providers/title.h"
#include "proxy/fetch.h"

enum {
	PLACES = 1024,
	KEPT_MS = 10 * 60 * 1000,
	FAILED_MS = 60 * 1000, /* until Jellyfin is asked again when it did not answer */
	ASK_MS = 1000,
	MAX_ANSWER = 1 << 20,
};

/* One answer; an other question of the same hash takes its place. */
struct place {
	uint64_t hash; /* of the question */
	int64_t until_ms;
	struct cover cover;
};

struct covers {
	pthread_mutex_t mutex;
	struct place places[PLACES]; /* guarded by it */
};

struct cover_ask {
	struct covers *covers;
	struct intercept *intercept;
	size_t hold;
	uint64_t hash;
	const char *title;
	const char *artist;
	void (*done)(void *arg, const struct cover *cover);
	void *arg;
};

struct covers *
covers_new(void)
{
	struct covers *covers = xcalloc(1, sizeof *covers);

	pthread_mutex_init(&covers->mutex, NULL);
	return covers;
}

void
covers_free(struct covers *covers)
{
	if (covers == NULL)
		return;
	pthread_mutex_destroy(&covers->mutex);
	xfree(covers);
}

/* ---- what is known ---- */

static uint64_t
hash_of(const struct cover_question *question)
{
	return text_hash(text_hash(0, question->user_id), question->album_id);
}

bool
covers_peek(
	struct covers *covers, const struct cover_question *question, struct cover *cover)
{
	uint64_t hash = hash_of(question);
	struct place *place = &covers->places[hash % PLACES];

	pthread_mutex_lock(&covers->mutex);
	bool known = place->hash == hash && clock_now_ms() < place->until_ms;
	if (known)
		*cover = place->cover;
	pthread_mutex_unlock(&covers->mutex);
	return known;
}

static void
keep(struct covers *covers, uint64_t hash, const struct cover *cover, int64_t for_ms)
{
	struct place *place = &covers->places[hash % PLACES];

	pthread_mutex_lock(&covers->mutex);
	*place = (struct place){ hash, clock_now_ms() + for_ms, *cover };
	pthread_mutex_unlock(&covers->mutex);
}

/* ---- matching ---- */

static bool
same(void (*normalize)(struct text *to, const char *text), const char *a, const char *b)
{
	struct text left = { 0 }, right = { 0 };

	if (a == NULL || b == NULL)
		return false;
	normalize(&left, a);
	normalize(&right, b);
	bool equal = left.size > 0 && strcmp(text_get(&left), text_get(&right)) == 0;
	text_fini(&left);
	text_fini(&right);
	return equal;
}

static bool
is_by(const json_t *item, const char *artist)
{
	const json_t *artists = json_member(item, "AlbumArtists");
	bool found = same(name_normalize, json_text(item, "AlbumArtist"), artist);

	for (size_t i = 0; !found && i < json_array_size(artists); i++)
		found = same(name_normalize, json_text(json_array_get(artists, i), "Name"),
			artist);
	return found;
}

bool
cover_match(struct cover *cover, const json_t *items, const char *title, const char *artist)
{
	*cover = (struct cover){ 0 };
	for (size_t i = 0; i < json_array_size(items); i++) {
		const json_t *item = json_array_get(items, i);
		const char *id = json_text(item, "Id");
		const char *tag = json_text(json_member(item, "ImageTags"), "Primary");
		if (tag != NULL && strlen(tag) < sizeof cover->tag && id != NULL &&
			same(title_normalize, json_text(item, "Name"), title) &&
			is_by(item, artist) && play_item_id_normal(cover->album_id, id)) {
			copy_text(cover->tag, sizeof cover->tag, tag);
			return true;
		}
	}
	return false;
}

void
cover_apply(json_t *item, const struct cover *cover)
{
	if (cover->album_id[0] == '\0')
		return;
	json_put_text(item, "AlbumId", cover->album_id);
	json_put_text(item, "AlbumPrimaryImageTag", cover->tag);
	/* The dashboard prefers an item's own picture to its album's. */
	json_object_del(json_object_get(item, "ImageTags"), "Primary");
}

/* ---- asking ---- */

static void
on_fetched(void *arg, const struct fetch_answer *answer)
{
	struct cover_ask *ask = arg;
	struct cover cover = { 0 };

	http_job_release(ask->intercept->job, ask->hold);
	bool answered = answer->err == ERR_NONE && answer->status == 200;
	if (answered) {
		json_t *document = json_parse_new(answer->body, answer->body_size);
		(void)cover_match(
			&cover, json_member(document, "Items"), ask->title, ask->artist);
		json_decref(document);
	}
	keep(ask->covers, ask->hash, &cover, answered ? KEPT_MS : FAILED_MS);
	ask->done(ask->arg, &cover);
}

static void
cancel_fetch(void *operation)
{
	fetch_cancel(operation);
}

/* Jellyfin compares names without accents and punctuation as well. */
static void
write_target(struct text *target, const struct cover_question *question)
{
	struct text words = { 0 };

	title_normalize(&words, question->title);
	text_add(target, "/Items?");
	query_add(target, "userId", question->user_id);
	query_add(target, "searchTerm", text_get(&words));
	text_add(target, "&includeItemTypes=MusicAlbum&recursive=true&limit=20"
			 "&enableUserData=false&enableTotalRecordCount=false");
	text_fini(&words);
}

void
covers_ask(struct covers *covers, struct intercept *intercept,
	const struct cover_question *question,
	void (*done)(void *arg, const struct cover *cover), void *arg)
{
	struct arena *arena = intercept_arena(intercept);
	struct cover_ask *ask = arena_alloc(arena, sizeof *ask);
	struct text target = { 0 }, authorization = { 0 };

	*ask = (struct cover_ask){ .covers = covers,
		.intercept = intercept,
		.hash = hash_of(question),
		.title = arena_strdup(arena, question->title),
		.artist = arena_strdup(arena, question->artist),
		.done = done,
		.arg = arg };
	write_target(&target, question);
	identity_write_header(&authorization, &intercept->caller->identity);
	const struct http_header headers[] = { { "Authorization",
		text_get(&authorization) } };
	const struct fetch_request request = {
		.target = text_get(&target),
		.headers = headers,
		.header_count = COUNT_OF(headers),
		.identity = true,
		.timeout_ms = ASK_MS,
		.max_body = MAX_ANSWER,
		.in_name_of = intercept_exchange(intercept),
	};
	ask->hold = http_job_hold(intercept->job, cancel_fetch,
		fetch_start(intercept->worker->relay, &request, on_fetched, ask));
	text_fini(&target);
	text_fini(&authorization);
}
