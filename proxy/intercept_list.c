#include "proxy/intercept_list.h"

#include <string.h>

#include "core/clock.h"
#include "providers/mp3_list.h"
#include "providers/track_piece.h"

enum {
	LOOK_BYTES = 16 * 1024, /* enough for a tag without pictures and some frames */
	LOOKS_MOST = 2,         /* the second behind a tag */
	DEADLINE_MS = 15 * 1000,
	/* A PlaySessionId is good for the runtime and an hour, here and for PlaybackInfo.
	 */
	PASS_EXTRA_MS = 60 * 60 * 1000,
	TICKS_PER_MS = 10 * 1000,
};

#define LIST_TYPE "application/vnd.apple.mpegurl" /* Jellyfin's */

/* A request for a list or a segment. In the exchange's arena. */
struct listing {
	struct intercept *intercept;
	struct external_id id;
	struct play_choice choice;
	int64_t look_from; /* where in the song the list's maker looks */
	int looks;
	struct mp3_segment segment;
	size_t hold;
};

static void
reply_list(struct intercept *intercept, struct text *list)
{
	intercept_reply_text(intercept, 200, LIST_TYPE, text_get(list), list->size);
	text_fini(list);
}

/* What the addresses in a list carry beyond the request's own query: which form they are
 * about, and a pass, so that the player opens them as it opened the list, unless it has
 * said for itself which playback it is. */
static const char *
more_query(struct listing *listing, enum track_quality quality, int64_t runtime_ms)
{
	struct intercept *intercept = listing->intercept;
	const struct query *query = exchange_query(intercept_exchange(intercept));
	const struct track_listener listener = intercept_listener(intercept);
	struct play_pass pass = { .qualities = TRACK_BIT(quality) };
	const char *given = query_get(query, "PlaySessionId");
	const char *form = track_quality_name(quality);
	char hex[EXTERNAL_ID_HEX], session[PLAY_PASS_HEX];

	if ((given != NULL && given[0] != '\0') || !external_id_format(hex, &listing->id))
		return arena_printf(intercept_arena(intercept), "form=%s", form);
	copy_text(pass.user_id, sizeof pass.user_id, listener.user_id);
	copy_text(pass.user_name, sizeof pass.user_name, listener.user_name);
	play_pass_issue(intercept->worker->services->passes, session, hex, &pass,
		clock_wall_ms(), runtime_ms + PASS_EXTRA_MS);
	return arena_printf(
		intercept_arena(intercept), "form=%s&PlaySessionId=%s", form, session);
}

static struct slice
query_text(struct intercept *intercept)
{
	return exchange_request(intercept_exchange(intercept))->query_text;
}

/* ---- the master list ---- */

/* 0 when nobody has asked for the song lately. */
static int64_t
known_runtime_ms(const struct listing *listing)
{
	const struct catalog_query query = {
		.ask = CATALOG_ITEM, .provider = listing->id.provider, .id = listing->id
	};
	struct media_list *list =
		catalog_peek(listing->intercept->worker->services->catalog, &query);
	int64_t runtime_ms = list != NULL ? list->items[0].duration_ms : 0;

	media_list_unref(list);
	return runtime_ms;
}

static void
reply_master(struct listing *listing)
{
	enum track_quality best = TRACK_PREVIEW;
	struct text list;

	for (unsigned i = 0; i < TRACK_QUALITIES; i++) {
		if ((listing->choice.qualities & TRACK_BIT(i)) != 0)
			best = (enum track_quality)i;
	}
	text_init(&list);
	mp3_list_add_master(&list, track_format_of(best).bitrate,
		query_text(listing->intercept),
		more_query(listing, best, known_runtime_ms(listing)));
	reply_list(listing->intercept, &list);
}

/* ---- bytes ---- */

static void
cancel_piece(void *operation)
{
	track_piece_cancel(operation);
}

static void
get_piece(struct listing *listing, int64_t first, int64_t size,
	void (*done)(void *arg, enum err err, const struct track_piece_bytes *bytes))
{
	struct intercept *intercept = listing->intercept;
	const struct track_piece_wish wish = {
		.id = listing->id,
		.listener = intercept_listener(intercept),
		.qualities = listing->choice.qualities,
		.first = first,
		.last = first + size - 1,
		.most = MP3_SEGMENT_MOST_BYTES,
	};

	listing->hold = http_job_hold(intercept->job, cancel_piece,
		track_piece_get(
			intercept->worker->streams, &wish, DEADLINE_MS, done, listing));
}

/* ---- the list of segments ---- */

static void look(struct listing *listing, int64_t from);

static void
reply_main(struct listing *listing, const struct mp3_layout *layout,
	enum track_quality quality)
{
	struct text list;

	text_init(&list);
	mp3_list_add(&list, layout, query_text(listing->intercept),
		more_query(listing, quality, mp3_list_ticks(layout) / TICKS_PER_MS));
	reply_list(listing->intercept, &list);
}

static void
on_look(void *arg, enum err err, const struct track_piece_bytes *bytes)
{
	struct listing *listing = arg;
	struct mp3_layout layout;
	int64_t next = 0;

	http_job_release(listing->intercept->job, listing->hold);
	if (err != ERR_NONE) {
		intercept_reply_err(listing->intercept, err);
		return;
	}
	enum mp3_look seen = mp3_layout_read(
		&layout, &next, bytes->data, bytes->size, listing->look_from, bytes->total);
	if (seen == MP3_LOOK_FOUND)
		reply_main(listing, &layout, bytes->quality);
	else if (seen == MP3_LOOK_ELSEWHERE && listing->looks < LOOKS_MOST)
		look(listing, next);
	else
		intercept_play_refuse(listing->intercept);
}

static void
look(struct listing *listing, int64_t from)
{
	listing->looks++;
	listing->look_from = from;
	get_piece(listing, from, LOOK_BYTES, on_look);
}

/* ---- a segment ---- */

static void
reply_segment(struct intercept *intercept, const struct mp3_segment *segment,
	const unsigned char *frames, size_t size)
{
	unsigned char tag[MP3_TAG_BYTES];
	struct text body;

	mp3_segment_tag(tag, segment->begin_ticks);
	text_init(&body);
	text_add_bytes(&body, tag, sizeof tag);
	text_add_bytes(&body, frames, size);
	intercept_reply_text(intercept, 200, "audio/mpeg", body.data, body.size);
	text_fini(&body);
}

static void
on_segment(void *arg, enum err err, const struct track_piece_bytes *bytes)
{
	struct listing *listing = arg;
	const struct mp3_segment *segment = &listing->segment;
	size_t from, to;

	http_job_release(listing->intercept->job, listing->hold);
	if (err != ERR_NONE) {
		intercept_reply_err(listing->intercept, err);
		return;
	}
	bool is_end = segment->first + (int64_t)bytes->size >= bytes->total;
	if (mp3_frames_cut(&from, &to, bytes->data, bytes->size,
		    (size_t)(segment->end - segment->first), is_end))
		reply_segment(listing->intercept, segment, bytes->data + from, to - from);
	else
		intercept_reply_status(listing->intercept, 404);
}

/* The form that the list was made of; every one of them when the address does not say. */
static void
narrow(struct listing *listing)
{
	const char *form =
		query_get(exchange_query(intercept_exchange(listing->intercept)), "form");

	for (unsigned i = 0; form != NULL && i < TRACK_QUALITIES; i++) {
		if (strcmp(form, track_quality_name((enum track_quality)i)) == 0 &&
			(listing->choice.qualities & TRACK_BIT(i)) != 0)
			listing->choice.qualities = TRACK_BIT(i);
	}
}

/* ---- the routes ---- */

static bool
choose(struct intercept *intercept)
{
	struct listing *listing = intercept->state;

	listing->choice =
		intercept_play_choose(intercept, &listing->id, PLAY_ROUTE_LIST, NULL);
	return listing->choice.way != PLAY_NOT;
}

static void
allow_master(struct intercept *intercept)
{
	if (choose(intercept))
		reply_master(intercept->state);
}

static void
allow_main(struct intercept *intercept)
{
	if (choose(intercept)) {
		narrow(intercept->state);
		look(intercept->state, 0);
	}
}

/* Players fetch on and on: what was stopped from afar ends at the next segment. */
static void
on_cut(void *arg)
{
	(void)arg;
}

static bool
is_stopped(struct listing *listing)
{
	struct intercept *intercept = listing->intercept;
	struct running_streams *streams = intercept->worker->services->running_streams;
	struct running_stream running = { 0 };
	struct play_session_key key = { 0 };
	char hex[EXTERNAL_ID_HEX];

	if (!external_id_format(hex, &listing->id))
		return false;
	if (intercept->caller != NULL)
		key = caller_session_key(intercept->caller);
	const struct running_what what = { .key = &key,
		.item_id = hex,
		.play_session_id = query_get(
			exchange_query(intercept_exchange(intercept)), "PlaySessionId") };
	bool runs = running_streams_add(
		streams, &running, intercept->worker->loop, &what, on_cut, NULL);
	running_streams_remove(streams, &running);
	return !runs;
}

static void
allow_segment(struct intercept *intercept)
{
	struct listing *listing = intercept->state;
	struct mp3_segment *segment = &listing->segment;

	if (is_stopped(listing)) {
		intercept_play_refuse_stopped(intercept);
		return;
	}
	if (!mp3_segment_read(segment, exchange_query(intercept_exchange(intercept)))) {
		intercept_reply_status(intercept, 404);
	} else if (choose(intercept)) {
		narrow(listing);
		get_piece(listing, segment->first,
			segment->end - segment->first + MP3_SEARCH_BYTES, on_segment);
	}
}

static bool
start(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match, void (*allowed)(struct intercept *intercept))
{
	struct external_id id;

	if (!intercept_external_id(&id, match, "id") || id.kind != MEDIA_SONG)
		return false;
	struct listing *listing = arena_alloc(exchange_arena(exchange), sizeof *listing);
	*listing = (struct listing){ .id = id };
	listing->intercept = intercept_start(worker, exchange, match);
	listing->intercept->state = listing;
	intercept_play_guard(listing->intercept, &listing->id, allowed);
	return true;
}

bool
intercept_list_master(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match)
{
	return start(worker, exchange, match, allow_master);
}

bool
intercept_list_main(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match)
{
	return start(worker, exchange, match, allow_main);
}

bool
intercept_list_segment(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match)
{
	return start(worker, exchange, match, allow_segment);
}

void
intercept_list_reply_master(struct intercept *intercept, const struct external_id *song,
	const struct play_choice *choice)
{
	struct listing listing = { .intercept = intercept, .id = *song, .choice = *choice };

	reply_master(&listing);
}
