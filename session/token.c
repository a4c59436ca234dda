#include "session/token.h"

#include <stdatomic.h>
#include <string.h>

#include "core/log.h"
#include "session/metrics.h"
#include "session/token_table.h"

#define CHECK_MAGIC  0x746f6b63u
#define FLIGHT_MAGIC 0x746f6b66u

enum {
	FRESH_MS = 60 * 1000,
	STALE_MS = 10 * 60 * 1000,
	ASK_TIMEOUT_MS = 8 * 1000,
	MAX_ANSWER = 256 * 1024,
};

struct token_cache {
	struct base_url jellyfin;
	struct jellyfin_transport transport;
	atomic_bool translate;
	struct token_table table;
};

/* One question. Belongs to its entry. */
struct token_flight {
	unsigned magic;
	struct token_cache *cache;
	struct token_shard *shard;
	struct token_entry *entry;
};

struct token_check {
	unsigned magic;
	struct message message;
	struct token_check *next; /* of entry->waiting */
	struct token_shard *shard;
	struct token_entry *entry; /* NULL once the message was posted */
	struct loop *from;
	bool cancelled; /* read and written on `from` only */
	enum err err;
	struct token_facts facts;
	void (*done)(void *arg, enum err err, const struct token_facts *facts);
	void *arg;
};

/* On the errands thread. */
static void *
parse_answer(void *arg, const struct http_answer *answer)
{
	struct token_facts *facts;

	(void)arg;
	if (answer->err != ERR_NONE || answer->status != 200)
		return NULL;
	facts = xcalloc(1, sizeof *facts);
	if (token_facts_parse(facts, answer->body, answer->body_size))
		return facts;
	xfree(facts);
	return NULL;
}

/* ---- answering those who wait ---- */

static void
run_check(struct message *message)
{
	struct token_check *check = CONTAINER_OF(message, struct token_check, message);

	if (!check->cancelled)
		check->done(check->arg, check->err,
			check->err == ERR_NONE ? &check->facts : NULL);
	check->magic = 0;
	xfree(check);
}

/* The last touch by this thread: its own loop may free it at once. */
static void
post_check(struct token_check *check, enum err err, const struct token_entry *entry)
{
	check->entry = NULL;
	check->err = err;
	if (err == ERR_NONE)
		token_entry_facts(entry, &check->facts);
	loop_post(check->from, &check->message, run_check);
}

/* What an answer means; the entry is updated and may be gone after. */
static void
settle(struct token_flight *flight, const struct errand_result *result)
{
	struct token_cache *cache = flight->cache;
	struct token_shard *shard = flight->shard;
	struct token_entry *entry = flight->entry;
	enum err err = ERR_NONE;

	entry->flight = NULL;
	if (result->err != ERR_NONE)
		err = result->err;
	else if (result->status == 200)
		err = result->parsed != NULL ? ERR_NONE : ERR_PROTOCOL;
	else if (result->status == 400 || result->status == 401 || result->status == 403)
		err = ERR_DENIED; /* 400: an API key, which is nobody's */
	else
		err = result->status >= 500 ? ERR_UNREACHABLE : ERR_PROTOCOL;
	if (err == ERR_NONE)
		token_entry_confirm(shard, entry, result->parsed);
	else if (err != ERR_DENIED && token_entry_is_confirmed(entry, STALE_MS))
		err = ERR_NONE;
	while (entry->waiting != NULL) {
		struct token_check *check = entry->waiting;
		entry->waiting = check->next;
		post_check(check, err, entry);
	}
	if (err == ERR_DENIED || entry->dropped)
		token_table_forget(&cache->table, shard, entry);
	token_table_trim(&cache->table, shard);
}

static void
on_answer(void *arg, struct errand_result *result)
{
	struct token_flight *flight = CAST(arg, FLIGHT_MAGIC);
	struct token_shard *shard = flight->shard;

	metric_add(&session_metric_token_asked, 1);
	log_debug("token_checked", LOG_NUMBER("status", result->status),
		LOG_TEXT("err", err_name(result->err)));
	pthread_mutex_lock(&shard->mutex);
	settle(flight, result);
	pthread_mutex_unlock(&shard->mutex);
	flight->magic = 0;
	xfree(flight);
}

/* ---- asking ---- */

static void
write_credential(struct text *header, const char *token, enum token_form form)
{
	struct identity identity = { 0 };

	if (form == TOKEN_LEGACY) {
		text_addf(header, "X-Emby-Token: %s", token);
		return;
	}
	/* Token alone: naming a device here could rename its row in Jellyfin. */
	copy_text(identity.token, sizeof identity.token, token);
	text_add(header, "Authorization: ");
	identity_write_header(header, &identity);
}

/* With the shard's mutex held; errand_start never calls back before it returned. `address`
 * is that of the client who waits first. */
static void
ask(struct token_cache *cache, struct token_shard *shard, struct token_entry *entry,
	struct loop *from, const char *address)
{
	struct token_flight *flight = xcalloc(1, sizeof *flight);
	struct text url = { 0 };
	struct text credential = { 0 };
	struct text forwarded = { 0 };

	*flight = (struct token_flight){ FLIGHT_MAGIC, cache, shard, entry };
	entry->flight = flight;
	entry->dropped = false;
	jellyfin_url(&url, &cache->jellyfin, "/Users/Me");
	write_credential(&credential, entry->token, entry->form);
	jellyfin_forwarded_for(&forwarded, address);
	const char *headers[] = { text_get(&credential), text_get(&forwarded), NULL };
	struct errand_request request = { .method = "GET",
		.url = text_get(&url),
		.headers = headers,
		.timeout_ms = ASK_TIMEOUT_MS,
		.max_body = MAX_ANSWER,
		.parse = parse_answer,
		.free_parsed = xfree };
	cache->transport.start(cache->transport.arg, from, &request, on_answer, flight);
	text_fini(&forwarded);
	text_fini(&credential);
	text_fini(&url);
}

/* A token travels in a header line; Jellyfin's own are hex. */
static bool
is_sendable(const char *token)
{
	if (token[0] == '\0')
		return false;
	for (; *token != '\0'; token++) {
		if ((unsigned char)*token <= ' ' || (unsigned char)*token >= 127)
			return false;
	}
	return true;
}

static enum token_form
form_of(const struct token_cache *cache, const struct identity *identity)
{
	return identity->form == IDENTITY_LEGACY && !atomic_load(&cache->translate)
		       ? TOKEN_LEGACY
		       : TOKEN_MODERN;
}

static void
wait_for(struct token_cache *cache, struct token_shard *shard, struct token_entry *entry,
	struct token_check *check, const char *address)
{
	check->entry = entry;
	check->next = entry->waiting;
	entry->waiting = check;
	if (entry->flight == NULL)
		ask(cache, shard, entry, check->from, address);
}

struct token_check *
token_check_start(struct token_cache *cache, struct loop *from,
	const struct identity *identity,
	void (*done)(void *arg, enum err err, const struct token_facts *facts), void *arg)
{
	struct token_check *check = xcalloc(1, sizeof *check);

	check->magic = CHECK_MAGIC;
	check->from = from;
	check->done = done;
	check->arg = arg;
	if (!is_sendable(identity->token)) {
		post_check(check, ERR_DENIED, NULL);
		return check;
	}
	struct token_shard *shard = token_table_shard(&cache->table, identity->token);
	check->shard = shard;
	pthread_mutex_lock(&shard->mutex);
	struct token_entry *entry = token_table_find_or_add(
		&cache->table, shard, identity->token, form_of(cache, identity));
	token_entry_learn(entry, identity);
	if (token_entry_is_confirmed(entry, FRESH_MS)) {
		metric_add(&session_metric_token_hits, 1);
		post_check(check, ERR_NONE, entry);
	} else {
		wait_for(cache, shard, entry, check, identity->address);
	}
	pthread_mutex_unlock(&shard->mutex);
	return check;
}

void
token_check_cancel(struct token_check *check)
{
	struct token_shard *shard = CAST(check, CHECK_MAGIC)->shard;
	bool waiting = false;

	assert(loop_is_mine(check->from));
	if (shard != NULL)
		pthread_mutex_lock(&shard->mutex);
	if (check->entry != NULL) {
		struct token_check **link = &check->entry->waiting;
		while (*link != check)
			link = &(*link)->next;
		*link = check->next;
		waiting = true;
	} else {
		check->cancelled = true;
	}
	if (shard != NULL)
		pthread_mutex_unlock(&shard->mutex);
	if (waiting)
		xfree(check);
}

/* ---- without asking ---- */

enum token_age
token_peek(struct token_cache *cache, const struct identity *identity,
	struct token_facts *facts)
{
	struct token_shard *shard = token_table_shard(&cache->table, identity->token);
	enum token_age age = TOKEN_UNKNOWN;

	pthread_mutex_lock(&shard->mutex);
	const struct token_entry *entry = token_table_find(
		&cache->table, shard, identity->token, form_of(cache, identity));
	if (entry != NULL && token_entry_is_confirmed(entry, FRESH_MS))
		age = TOKEN_FRESH;
	else if (entry != NULL && token_entry_is_confirmed(entry, STALE_MS))
		age = TOKEN_LATELY;
	if (age != TOKEN_UNKNOWN)
		token_entry_facts(entry, facts);
	pthread_mutex_unlock(&shard->mutex);
	return age;
}

void
token_learn(struct token_cache *cache, const struct identity *identity)
{
	if (!is_sendable(identity->token) || identity->device_id[0] == '\0')
		return;
	struct token_shard *shard = token_table_shard(&cache->table, identity->token);
	pthread_mutex_lock(&shard->mutex);
	/* The other form of the same token is the same device's. */
	for (int form = 0; form < TOKEN_FORMS; form++) {
		struct token_entry *entry =
			form == (int)form_of(cache, identity)
				? token_table_find_or_add(&cache->table, shard,
					  identity->token, (enum token_form)form)
				: token_table_find(&cache->table, shard, identity->token,
					  (enum token_form)form);
		if (entry != NULL)
			token_entry_learn(entry, identity);
	}
	token_table_trim(&cache->table, shard);
	pthread_mutex_unlock(&shard->mutex);
}

void
token_drop(struct token_cache *cache, const char *token)
{
	struct token_shard *shard = token_table_shard(&cache->table, token);

	pthread_mutex_lock(&shard->mutex);
	for (int form = 0; form < TOKEN_FORMS; form++) {
		struct token_entry *entry = token_table_find(
			&cache->table, shard, token, (enum token_form)form);
		if (entry == NULL)
			continue;
		entry->dropped = true;
		if (entry->flight == NULL)
			token_table_forget(&cache->table, shard, entry);
		else
			token_entry_unconfirm(shard, entry);
	}
	pthread_mutex_unlock(&shard->mutex);
}

void
token_refused(struct token_cache *cache, const struct identity *identity)
{
	struct token_shard *shard = token_table_shard(&cache->table, identity->token);

	pthread_mutex_lock(&shard->mutex);
	struct token_entry *entry = token_table_find(
		&cache->table, shard, identity->token, form_of(cache, identity));
	if (entry != NULL) {
		entry->dropped = true;
		token_entry_unconfirm(shard, entry);
	}
	pthread_mutex_unlock(&shard->mutex);
}

/* ---- life ---- */

struct token_cache *
token_cache_new(const struct base_url *jellyfin, struct errands *errands)
{
	return token_cache_new_over(jellyfin, jellyfin_transport_of(errands));
}

struct token_cache *
token_cache_new_over(const struct base_url *jellyfin, struct jellyfin_transport transport)
{
	struct token_cache *cache = xcalloc(1, sizeof *cache);

	cache->jellyfin = *jellyfin;
	cache->transport = transport;
	token_table_init(&cache->table);
	return cache;
}

void
token_cache_translate_legacy(struct token_cache *cache, bool translate)
{
	atomic_store(&cache->translate, translate);
}

static void
free_entry(struct token_entry *entry)
{
	while (entry->waiting != NULL) {
		struct token_check *check = entry->waiting;
		entry->waiting = check->next;
		xfree(check);
	}
	xfree(entry->flight);
	token_entry_free(entry);
}

void
token_cache_free(struct token_cache *cache)
{
	if (cache == NULL)
		return;
	token_table_fini(&cache->table, free_entry);
	xfree(cache);
}
