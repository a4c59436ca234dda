#include "providers/song_forms.h"

#include <stdio.h>

#include "core/clock.h"
#include "core/loop.h"
#include "providers/lru.h"

enum {
	CALL_MAGIC = 0x50f04a01,
	KEPT_MS = 10 * 60 * 1000,
	NONE_KEPT_MS = 60 * 1000,
};

struct song_forms {
	struct catalog_worker *catalog;
	struct loop *loop;
	struct lru *kept; /* of struct answer; under "account/id" */
};

struct answer {
	enum err err;
	struct track_formats formats;
};

struct song_forms_call {
	unsigned magic;
	struct song_forms *forms;
	const struct provider_ops *ops;
	void *asking;         /* the provider's; NULL: the answer is known */
	struct timer timer;   /* the deadline, or the turn in which to tell */
	struct answer answer; /* told by the timer */
	struct external_id id;
	char key[33 + EXTERNAL_ID_HEX];
	void (*done)(void *arg, enum err err, const struct track_formats *found);
	void *arg;
};

struct song_forms *
song_forms_new(struct catalog_worker *catalog, struct loop *loop)
{
	struct song_forms *forms = xcalloc(1, sizeof *forms);

	forms->catalog = catalog;
	forms->loop = loop;
	forms->kept = lru_new(SONG_FORMS_MOST, SONG_FORMS_MOST, xfree);
	return forms;
}

void
song_forms_free(struct song_forms *forms)
{
	if (forms == NULL)
		return;
	lru_free(forms->kept);
	xfree(forms);
}

static void
call_free(void *arg)
{
	struct song_forms_call *call = arg;

	call->magic = 0;
	xfree(call);
}

static void
tell(struct song_forms_call *call, const struct answer *answer)
{
	bool good = answer->err == ERR_NONE;

	timer_stop(&call->timer);
	loop_later(call->forms->loop, call_free, call);
	call->done(call->arg, answer->err, good ? &answer->formats : NULL);
}

static void
keep(struct song_forms_call *call, const struct answer *answer)
{
	bool good = answer->err == ERR_NONE;

	if (!good && answer->err != ERR_NOT_FOUND && answer->err != ERR_DENIED)
		return;
	struct answer *kept = xcalloc(1, sizeof *kept);
	*kept = *answer;
	lru_put(call->forms->kept, call->key, kept, 1,
		clock_now_ms() + (good ? KEPT_MS : NONE_KEPT_MS));
}

static void
on_formats(void *arg, enum err err, const struct track_formats *formats)
{
	struct song_forms_call *call = CAST(arg, CALL_MAGIC);
	struct answer answer = { .err = err };

	call->asking = NULL;
	if (err == ERR_NONE)
		answer.formats = *formats;
	keep(call, &answer);
	tell(call, &answer);
}

static void
on_timer(void *arg)
{
	struct song_forms_call *call = CAST(arg, CALL_MAGIC);
	struct answer answer = call->answer;

	if (call->asking != NULL)
		call->ops->formats_cancel(call->asking);
	call->asking = NULL;
	tell(call, &answer);
}

/* The provider is asked, unless it was lately: then the timer tells at once. */
static void
ask(struct song_forms_call *call, const struct track_listener *listener,
	int64_t deadline_ms)
{
	struct song_forms *forms = call->forms;
	const struct provider *provider = provider_find(
		catalog_providers(catalog_of(forms->catalog)), call->id.provider);
	void *seat = catalog_seat(forms->catalog, call->id.provider, &call->ops);
	char hex[EXTERNAL_ID_HEX];

	call->answer.err = ERR_INVALID;
	timer_start(&call->timer, 0);
	if (provider == NULL || seat == NULL || call->ops->formats_start == NULL ||
		!external_id_format(hex, &call->id))
		return;
	struct provider_lane lane = call->ops->lane(provider->shared, listener);
	snprintf(call->key, sizeof call->key, "%s/%s", lane.account, hex);
	const struct answer *kept = lru_get(forms->kept, call->key, clock_now_ms());
	if (kept != NULL) {
		call->answer = *kept;
		return;
	}
	const struct track_wish wish = {
		.id = call->id, .listener = *listener, .qualities = lane.qualities
	};
	call->answer.err = ERR_TIMEOUT;
	timer_start(&call->timer, deadline_ms);
	call->asking = call->ops->formats_start(seat, &wish, on_formats, call);
}

struct song_forms_call *
song_forms_get(struct song_forms *forms, const struct external_id *id,
	const struct track_listener *listener, int64_t deadline_ms,
	void (*done)(void *arg, enum err err, const struct track_formats *found), void *arg)
{
	struct song_forms_call *call = xcalloc(1, sizeof *call);

	call->magic = CALL_MAGIC;
	call->forms = forms;
	call->id = *id;
	call->done = done;
	call->arg = arg;
	timer_init(&call->timer, forms->loop, on_timer, call);
	ask(call, listener, deadline_ms);
	return call;
}

void
song_forms_cancel(struct song_forms_call *call)
{
	timer_stop(&call->timer);
	if (call->asking != NULL)
		call->ops->formats_cancel(call->asking);
	loop_later(call->forms->loop, call_free, call);
}
