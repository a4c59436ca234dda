#include "proxy/intercept_playing.h"

#include <string.h>

#include "core/clock.h"
#include "core/json.h"
#include "core/log.h"
#include "providers/lyrics_finder.h"
#include "proxy/covers.h"
#include "proxy/gather.h"
#include "tracker/report.h"

/* How long a report waits for the facts about its item; the tracker takes it without. */
enum { ITEM_DEADLINE_MS = 2000 };

/* A report on its way to the tracker. On the heap: it outlives the exchange when Jellyfin
 * answers it. */
struct reporting {
	struct front_worker *worker;
	struct play_report *report; /* NULL once it was posted */
	struct intercept *intercept;
	struct external_id id; /* of an external item */
	struct gather_item item;
	char album_id[EXTERNAL_ID_HEX]; /* its album's, "" when it has none */
	struct play_report *again;      /* to be told with the cover, once it is known */
	size_t hold;                    /* of this on the job, while there is one */
};

static void
free_report(struct play_report *report)
{
	if (report != NULL)
		play_report_fini(report);
	xfree(report);
}

static void
reporting_free(void *operation)
{
	struct reporting *reporting = operation;

	free_report(reporting->report);
	free_report(reporting->again);
	xfree(reporting);
}

/* False: too many reports are under way. */
static bool
post(struct reporting *reporting)
{
	struct play_report *report = reporting->report;

	if (report->kind == REPORT_START && report->source == REPORT_EXTERNAL)
		running_streams_allow(reporting->worker->services->running_streams,
			&report->key, report->item.id);
	if (!tracker_post(reporting->worker->services->tracker, report))
		return false;
	reporting->report = NULL;
	return true;
}

/* ---- who reports ---- */

static void
fill_caller(struct play_report *report, const struct caller *caller)
{
	const struct identity *identity = &caller->identity;

	report->key = caller_session_key(caller);
	copy_text(report->user_name, sizeof report->user_name, caller->facts.user_name);
	copy_text(report->device, sizeof report->device, identity->device);
	copy_text(report->version, sizeof report->version, identity->version);
	copy_text(report->token, sizeof report->token, identity->token);
	copy_text(report->address, sizeof report->address, identity->address);
}

/* ---- native: Jellyfin answers, the tracker hears a copy ---- */

static void
on_relayed(void *arg, int status, bool complete)
{
	struct reporting *reporting = arg;

	(void)complete;
	/* Without a credit the copy is lost; the client's next report says the same. */
	if (status >= 200 && status < 300 && !post(reporting))
		log_warn_limited(
			"report_dropped", LOG_TEXT("reason", "too many under way"));
	reporting_free(reporting);
}

static void
relay_native(struct reporting *reporting)
{
	const struct relay_watch watch = { .done = on_relayed, .arg = reporting };

	reporting->report->source = REPORT_NATIVE;
	http_job_release(reporting->intercept->job, reporting->hold);
	relay_start(
		reporting->worker->relay, http_job_take(reporting->intercept->job), &watch);
}

/* ---- external: we answer ---- */

/* What Jellyfin's own Now Playing says of a song, as far as we know it. It is kept for
 * every play and told with every report, so what only matters to players is left out. */
static json_t *
shown_item_new(json_t *item)
{
	static const char *const members[] = { "Id", "ServerId", "Name", "Type",
		"MediaType", "IsFolder", "RunTimeTicks", "ProductionYear", "IndexNumber",
		"ParentIndexNumber", "Album", "AlbumId", "AlbumPrimaryImageTag",
		"AlbumArtist", "AlbumArtists", "Artists", "ArtistItems", "Genres",
		"ImageTags", "ProviderIds", "Container" };
	json_t *shown = json_object();

	for (size_t i = 0; i < COUNT_OF(members); i++) {
		json_t *member = json_object_get(item, members[i]);
		if (member != NULL)
			json_object_set(shown, members[i], member);
	}
	return shown;
}

static struct cover_question
question_of(const struct reporting *reporting, const struct play_report *report)
{
	return (struct cover_question){ .user_id = report->key.user_id,
		.album_id = reporting->album_id,
		.title = report->item.album,
		.artist = report->item.artist };
}

static void
fill_item(struct reporting *reporting, const struct media *media)
{
	struct item_context context = intercept_item_context(reporting->intercept);
	struct play_item *item = &reporting->report->item;
	json_t *json = media_item_new(media, &context);

	/* Should it count as played later. */
	if (reporting->worker->services->user_items != NULL)
		user_items_see(reporting->worker->services->user_items,
			reporting->report->key.user_id, media);
	play_item_read(item, json);
	copy_text(item->provider, sizeof item->provider,
		provider_name(reporting->id.provider));
	xfree(item->item_json);
	json_t *shown = shown_item_new(json);
	copy_text(reporting->album_id, sizeof reporting->album_id,
		json_text(shown, "AlbumId"));
	const struct cover_question question = question_of(reporting, reporting->report);
	struct cover cover;
	if (covers_peek(reporting->worker->services->covers, &question, &cover))
		cover_apply(shown, &cover);
	item->item_json = json_dump_new(shown, NULL);
	json_decref(shown);
	json_decref(json);
}

/* The tracker has the report; it hears of the cover as of something that has changed. */
static void
on_cover(void *arg, const struct cover *cover)
{
	struct reporting *reporting = arg;
	struct play_report *again = reporting->again;

	if (cover->album_id[0] != '\0') {
		json_t *shown = json_parse_new(
			again->item.item_json, strlen(again->item.item_json));
		cover_apply(shown, cover);
		xfree(again->item.item_json);
		again->item.item_json = json_dump_new(shown, NULL);
		json_decref(shown);
		reporting->report = again;
		reporting->again = NULL;
		(void)post(reporting); /* without a credit the next report tells it */
	}
	intercept_reply_status(reporting->intercept, 204);
}

/* False: the cover is known, or there is nothing to ask about. */
static bool
wants_cover(const struct reporting *reporting)
{
	const struct play_report *report = reporting->report;
	const struct cover_question question = question_of(reporting, report);
	struct cover cover;

	return report->kind != REPORT_STOP && report->item.item_json != NULL &&
	       reporting->album_id[0] != '\0' && report->item.album[0] != '\0' &&
	       !covers_peek(reporting->worker->services->covers, &question, &cover);
}

static void
answer_external(struct reporting *reporting)
{
	struct intercept *intercept = reporting->intercept;

	if (wants_cover(reporting)) {
		reporting->again = xcalloc(1, sizeof *reporting->again);
		play_report_copy(reporting->again, reporting->report);
		reporting->again->kind = REPORT_PROGRESS;
		copy_text(reporting->again->event_name, sizeof reporting->again->event_name,
			"ItemChanged");
	}
	if (post(reporting) && reporting->again != NULL) {
		const struct cover_question question =
			question_of(reporting, reporting->again);
		covers_ask(reporting->worker->services->covers, intercept, &question,
			on_cover, reporting);
		return;
	}
	if (reporting->report == NULL) {
		intercept_reply_status(intercept, 204);
		return;
	}
	static const struct http_header busy[] = { { "Retry-After", "1" } };
	exchange_reply_with(
		http_job_take(intercept->job), 503, busy, COUNT_OF(busy), "", 0);
}

static void
on_item(void *arg)
{
	struct reporting *reporting = arg;

	if (reporting->item.err == ERR_NONE && reporting->item.list->count > 0)
		fill_item(reporting, &reporting->item.list->items[0]);
	answer_external(reporting);
}

static void
report_external(struct reporting *reporting)
{
	struct catalog *catalog = reporting->worker->services->catalog;
	struct catalog_query *query = &reporting->item.query;

	reporting->report->source = REPORT_EXTERNAL;
	if (reporting->report->kind == REPORT_START) {
		const struct track_listener listener =
			intercept_listener(reporting->intercept);
		lyrics_fetch_ahead(reporting->worker->lyrics, &reporting->id, &listener);
	}
	*query = (struct catalog_query){
		.ask = CATALOG_ITEM, .provider = reporting->id.provider, .id = reporting->id
	};
	/* The client has just seen the item, so it is at hand nearly always; then nothing
	 * waits, and a client that hangs up at once has reported all the same. */
	struct media_list *list = catalog_peek(catalog, query);
	if (list != NULL && list->count > 0)
		fill_item(reporting, &list->items[0]);
	bool waits = list == NULL && reporting->report->kind != REPORT_STOP;
	media_list_unref(list);
	if (waits)
		gather_start(reporting->intercept, &reporting->item, 1, ITEM_DEADLINE_MS,
			on_item, reporting);
	else
		answer_external(reporting);
}

/* ---- both ---- */

static void
on_known(struct intercept *intercept)
{
	struct reporting *reporting = intercept->state;

	fill_caller(reporting->report, intercept->caller);
	if (!reporting->report->item.external)
		relay_native(reporting);
	else if (intercept->caller->err == ERR_NONE && !intercept->caller->fresh)
		intercept_guard_only(intercept, on_known, NULL);
	else if (caller_may_listen(
			 intercept->caller, &reporting->worker->settings->sessions))
		report_external(reporting);
	else
		intercept_refuse(intercept);
}

static bool
resolve_id(void *arg, const char *text, char id[33], bool *external)
{
	struct external_id found;

	(void)arg;
	*external = external_id_parse(&found, slice_of(text));
	return *external ? external_id_format(id, &found) : play_item_id_normal(id, text);
}

static bool
start(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match, enum report_kind kind)
{
	struct reporting *reporting = xcalloc(1, sizeof *reporting);
	const struct report_ids ids = { resolve_id, NULL };
	const char *play_session_id;
	size_t size;

	reporting->worker = worker;
	reporting->report = xcalloc(1, sizeof *reporting->report);
	const char *body = exchange_body(exchange, &size);
	if (kind != REPORT_PING &&
		!report_parse(reporting->report, kind, body, size, &ids)) {
		/* Not for us to judge: Jellyfin says what is wrong with it. */
		reporting_free(reporting);
		return false;
	}
	if (reporting->report->item.external &&
		!external_id_parse(&reporting->id, slice_of(reporting->report->item.id)))
		assert(!"an id we have written ourselves");
	reporting->report->kind = kind;
	reporting->report->received_ms = clock_now_ms();
	reporting->report->received_wall_ms = clock_wall_ms();
	play_session_id = query_get(exchange_query(exchange), "PlaySessionId");
	if (kind == REPORT_PING)
		copy_text(reporting->report->play_session_id,
			sizeof reporting->report->play_session_id, play_session_id);
	reporting->intercept = intercept_start(worker, exchange, match);
	reporting->hold =
		http_job_hold(reporting->intercept->job, reporting_free, reporting);
	reporting->intercept->state = reporting;
	intercept_identify(reporting->intercept, on_known);
	return true;
}

bool
intercept_playing_start(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match)
{
	return start(worker, exchange, match, REPORT_START);
}

bool
intercept_playing_progress(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match)
{
	return start(worker, exchange, match, REPORT_PROGRESS);
}

bool
intercept_playing_stopped(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match)
{
	return start(worker, exchange, match, REPORT_STOP);
}

bool
intercept_playing_ping(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match)
{
	return start(worker, exchange, match, REPORT_PING);
}
