#include "session/item_names.h"

#include <string.h>

#include "core/json.h"

enum {
	MAX_ASKED = 64,
	TIMEOUT_MS = 10 * 1000,
	MAX_ANSWER = 1 << 20,
	TICKS_PER_MS = 10000,
};

/* One question; free when errand is NULL. */
struct question {
	struct item_names *names;
	struct errand *errand;
	uint64_t play;
};

struct item_names {
	struct loop *loop;
	struct base_url base;
	struct jellyfin_transport transport;
	struct tracker *tracker;
	struct question questions[MAX_ASKED];
};

bool
item_names_parse(struct play_item *item, const void *body, size_t size)
{
	json_t *document = json_parse_new(body, size);

	*item = (struct play_item){ 0 };
	play_item_read(item, document);
	json_decref(document);
	return item->name[0] != '\0';
}

static void *
parse(void *parse_arg, const struct http_answer *answer)
{
	struct play_item *item = xcalloc(1, sizeof *item);

	(void)parse_arg;
	if (answer->err == ERR_NONE && answer->status == 200 &&
		item_names_parse(item, answer->body, answer->body_size))
		return item;
	xfree(item);
	return NULL;
}

static void
on_answer(void *arg, struct errand_result *result)
{
	struct question *question = arg;

	question->errand = NULL;
	if (result->parsed != NULL)
		tracker_describe(question->names->tracker, question->play, result->parsed);
}

static struct question *
free_question(struct item_names *names)
{
	for (size_t i = 0; i < MAX_ASKED; i++) {
		if (names->questions[i].errand == NULL)
			return &names->questions[i];
	}
	return NULL;
}

static void
on_change(void *arg, const struct play *play, enum play_change change)
{
	struct item_names *names = arg;
	const struct play_report *report = &play->last;
	struct question *question = free_question(names);
	struct identity identity;
	struct text url = { 0 };
	struct text authorization = { 0 };
	struct text forwarded = { 0 };

	if (change != PLAY_STARTED || report->item.external ||
		report->item.name[0] != '\0' || report->token[0] == '\0' ||
		question == NULL)
		return;
	play_report_identity(&identity, report);
	jellyfin_url(&url, &names->base, "/Items/");
	text_addf(&url, "%s?userId=%s", report->item.id, report->key.user_id);
	text_add(&authorization, "Authorization: ");
	identity_write_header(&authorization, &identity);
	jellyfin_forwarded_for(&forwarded, identity.address);
	const char *headers[] = { text_get(&authorization), text_get(&forwarded), NULL };
	const struct errand_request request = {
		.url = text_get(&url),
		.headers = headers,
		.timeout_ms = TIMEOUT_MS,
		.max_body = MAX_ANSWER,
		.parse = parse,
		.free_parsed = xfree,
	};
	question->names = names;
	question->play = play->id;
	question->errand = names->transport.start(
		names->transport.arg, names->loop, &request, on_answer, question);
	text_fini(&forwarded);
	text_fini(&authorization);
	text_fini(&url);
}

struct item_names *
item_names_new(struct loop *loop, const struct base_url *base,
	struct jellyfin_transport transport, struct tracker *tracker)
{
	struct item_names *names = xcalloc(1, sizeof *names);

	names->loop = loop;
	names->base = *base;
	names->transport = transport;
	names->tracker = tracker;
	tracker_observe(tracker, (struct tracker_observer){ on_change, names });
	return names;
}

void
item_names_free(struct item_names *names)
{
	if (names == NULL)
		return;
	for (size_t i = 0; i < MAX_ASKED; i++) {
		if (names->questions[i].errand != NULL)
			names->transport.cancel(names->questions[i].errand);
	}
	xfree(names);
}
