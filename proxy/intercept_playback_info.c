#include "proxy/intercept_playback_info.h"

#include "core/clock.h"
#include "core/json.h"
#include "providers/catalog_alternative.h"
#include "providers/lyrics_finder.h"
#include "providers/play_info.h"
#include "providers/substitutes.h"
#include "providers/track_size.h"
#include "proxy/gather.h"
#include "proxy/metrics.h"

enum {
	DEADLINE_MS = 8000,
	/* The exact form is worth this much waiting; without it what is not certain is left
	 * out. */
	FORMS_MS = 2000,
	ELSEWHERE_MS = 3000, /* for the same recording at another provider */
	/* A PlaySessionId is good for the runtime and an hour. */
	PASS_EXTRA_MS = 60 * 60 * 1000,
};

struct asking {
	struct intercept *intercept;
	struct external_id id;
	/* What will be played: the song, or another provider's in its place (decided when
	 * it is opened, proxy/intercept_stream; here only told in advance). */
	struct external_id played;
	bool went_elsewhere;
	struct track_formats sample; /* what there is of it here, when that is a preview */
	struct gather_item item;
	size_t hold; /* of the question under way */
};

/* ---- the answer ---- */

static void
reply_error(struct intercept *intercept, const char *code)
{
	intercept_reply_json(intercept, 200, play_info_error_new(code));
}

static void
reply_choice(struct asking *asking, const struct item_context *context,
	const struct play_info_ask *ask, const struct play_choice *choice)
{
	struct intercept *intercept = asking->intercept;
	const struct media *song = &asking->item.list->items[0];
	const struct track_listener listener = intercept_listener(intercept);
	struct play_pass pass = { .qualities = choice->qualities };
	char hex[EXTERNAL_ID_HEX], session[PLAY_PASS_HEX];

	if (!external_id_format(hex, &asking->id)) {
		intercept_reply_err(intercept, ERR_NOT_FOUND);
		return;
	}
	copy_text(pass.user_id, sizeof pass.user_id, listener.user_id);
	copy_text(pass.user_name, sizeof pass.user_name, listener.user_name);
	play_pass_issue(intercept->worker->services->passes, session, hex, &pass,
		clock_wall_ms(), song->duration_ms + PASS_EXTRA_MS);
	const struct play_info_links links = { session,
		intercept->caller->identity.device_id };
	intercept_reply_json(
		intercept, 200, play_info_new(song, context, ask, choice, &links));
}

/* `forms` may be NULL: not known. */
static void
reply(struct asking *asking, const struct track_formats *forms)
{
	struct intercept *intercept = asking->intercept;
	struct exchange *exchange = intercept_exchange(intercept);
	struct item_context context = intercept_item_context(intercept);
	track_quality_set offered = context.offered[asking->played.provider], exact = 0;
	bool is_itself = external_id_equal(&asking->played, &asking->id);
	struct play_info_ask ask;
	size_t size;
	const char *text = exchange_body(exchange, &size);
	json_t *body = json_parse_new(text, size);

	context.offered[asking->id.provider] = offered;
	context.forms = forms;
	context.has_lyrics = intercept_has_lyrics(intercept, &asking->id);
	for (size_t i = 0; forms != NULL && i < forms->count; i++)
		exact |= TRACK_BIT(forms->of[i].quality);
	if (exact != 0)
		offered &= exact;
	play_info_read(&ask, exchange_query(exchange), body);
	const struct play_choice choice = play_profile_choose(&ask.wish, offered, forms);
	if (choice.way == PLAY_NOT)
		metric_add(&proxy_metric_incompatible, 1);
	if (choice.way == PLAY_NOT || !play_info_is_about(&ask, &asking->id))
		reply_error(intercept, "NoCompatibleStream");
	else if (choice.way == PLAY_MP3_SEGMENTS && !is_itself)
		reply_error(intercept, "NotAllowed"); /* segments are the song's own */
	else
		reply_choice(asking, &context, &ask, &choice);
	json_decref(body);
}

/* ---- what has to be known for it ---- */

static void ask_forms(struct asking *asking);

/* Nobody has the whole song for this listener. */
static void
reply_sample(struct asking *asking)
{
	asking->played = asking->id;
	if (asking->sample.count > 0)
		reply(asking, &asking->sample);
	else
		reply_error(asking->intercept, "NotAllowed");
}

static void
on_elsewhere(void *arg, enum err err, const struct external_id *song)
{
	struct asking *asking = arg;

	http_job_release(asking->intercept->job, asking->hold);
	if (err == ERR_NONE) {
		asking->played = *song;
		ask_forms(asking);
	} else {
		reply_sample(asking);
	}
}

static void
cancel_search(void *operation)
{
	catalog_alternative_cancel(operation);
}

/* The listener gets nothing of it here, or the account has no right to it: as when it is
 * opened, another provider is looked for. */
static void
go_elsewhere(struct asking *asking)
{
	struct intercept *intercept = asking->intercept;
	const struct track_listener listener = intercept_listener(intercept);

	if (asking->went_elsewhere) {
		reply_sample(asking);
		return;
	}
	asking->went_elsewhere = true;
	asking->hold = http_job_hold(intercept->job, cancel_search,
		catalog_alternative_find(intercept->worker->catalog, &asking->id, &listener,
			TRACK_ALL_FULL, ELSEWHERE_MS, on_elsewhere, asking));
}

static void
on_forms(void *arg, enum err err, const struct track_formats *forms)
{
	struct asking *asking = arg;

	http_job_release(asking->intercept->job, asking->hold);
	/* The best comes first. */
	bool sample = err == ERR_NONE && forms->of[0].quality == TRACK_PREVIEW;
	if (sample && !asking->went_elsewhere)
		asking->sample = *forms;
	/* Whatever else went wrong may go well when it is opened. */
	if (sample || err == ERR_DENIED || err == ERR_NOT_FOUND)
		go_elsewhere(asking);
	else
		reply(asking, forms);
}

static void
cancel_forms(void *operation)
{
	song_forms_cancel(operation);
}

static void
on_size(void *arg, enum err err, int64_t bytes)
{
	struct asking *asking = arg;
	struct track_formats forms = { .of = { track_format_of(TRACK_PREVIEW) },
		.count = 1 };

	http_job_release(asking->intercept->job, asking->hold);
	forms.of[0].size = err == ERR_NONE ? bytes : 0;
	reply(asking, &forms);
}

static void
cancel_size(void *operation)
{
	track_size_cancel(operation);
}

static void
ask_forms(struct asking *asking)
{
	struct intercept *intercept = asking->intercept;
	const struct track_listener listener = intercept_listener(intercept);
	track_quality_set offered = intercept_offered(intercept, asking->played.provider);

	/* Nothing of a preview is uncertain but its size. */
	if (offered == 0)
		go_elsewhere(asking);
	else if (offered == TRACK_BIT(TRACK_PREVIEW))
		asking->hold = http_job_hold(intercept->job, cancel_size,
			track_size_get(intercept->worker->streams, &asking->played,
				&listener, FORMS_MS, on_size, asking));
	else
		asking->hold = http_job_hold(intercept->job, cancel_forms,
			song_forms_get(intercept->worker->forms, &asking->played, &listener,
				FORMS_MS, on_forms, asking));
}

static void
on_song(void *arg)
{
	struct asking *asking = arg;
	struct intercept *intercept = asking->intercept;
	const struct track_listener listener = intercept_listener(intercept);

	if (gather_first_or_reply(intercept, &asking->item) == NULL)
		return;
	substitutes_get(
		intercept->worker->services->substitutes, &listener, &asking->played);
	ask_forms(asking);
}

static void
ask_song(struct intercept *intercept)
{
	struct asking *asking = intercept->state;
	const struct track_listener listener = intercept_listener(intercept);
	struct play_session_key key = caller_session_key(intercept->caller);
	char hex[EXTERNAL_ID_HEX];

	/* Who asks how to play a song begins anew. */
	if (external_id_format(hex, &asking->id))
		running_streams_allow(
			intercept->worker->services->running_streams, &key, hex);
	/* Some clients look here whether there are words, once. */
	lyrics_fetch_ahead(intercept->worker->lyrics, &asking->id, &listener);
	gather_start(intercept, &asking->item, 1, DEADLINE_MS, on_song, asking);
}

bool
intercept_playback_info(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match)
{
	struct external_id id;

	if (!intercept_external_id(&id, match, "id") || id.kind != MEDIA_SONG)
		return false;
	struct asking *asking = arena_alloc(exchange_arena(exchange), sizeof *asking);
	*asking = (struct asking){ .id = id, .played = id };
	asking->item.query = (struct catalog_query){
		.ask = CATALOG_ITEM, .provider = id.provider, .id = id
	};
	asking->intercept = intercept_start(worker, exchange, match);
	asking->intercept->state = asking;
	intercept_guard_only(asking->intercept, ask_song, NULL);
	return true;
}
