#include "session/caller.h"

struct confirmation {
	struct http_job *job;
	size_t hold;
	struct caller caller;
	void (*done)(void *arg, const struct caller *caller);
	void *arg;
};

/* Jellyfin fills what a request lacks from the token's device; so do we. */
static void
fill_identity(struct identity *identity, const struct token_facts *facts)
{
	fill_text(identity->client, sizeof identity->client, facts->client);
	fill_text(identity->device, sizeof identity->device, facts->device);
	fill_text(identity->device_id, sizeof identity->device_id, facts->device_id);
	fill_text(identity->version, sizeof identity->version, facts->version);
}

static void
on_checked(void *arg, enum err err, const struct token_facts *facts)
{
	struct confirmation *confirmation = arg;
	struct caller *caller = &confirmation->caller;

	http_job_release(confirmation->job, confirmation->hold);
	caller->err = err;
	if (err == ERR_NONE) {
		caller->fresh = true;
		caller->facts = *facts;
		fill_identity(&caller->identity, facts);
	}
	confirmation->done(confirmation->arg, caller);
}

static void
cancel_check(void *operation)
{
	token_check_cancel(operation);
}

void
caller_confirm(struct http_job *job, struct token_cache *tokens,
	void (*done)(void *arg, const struct caller *caller), void *arg)
{
	struct exchange *exchange = http_job_exchange(job);
	struct confirmation *confirmation =
		arena_alloc(http_job_arena(job), sizeof *confirmation);

	*confirmation = (struct confirmation){ .job = job, .done = done, .arg = arg };
	identity_read(&confirmation->caller.identity, exchange_request(exchange),
		exchange_query(exchange));
	token_learn(tokens, &confirmation->caller.identity);
	confirmation->hold = http_job_hold(job, cancel_check,
		token_check_start(tokens, http_job_loop(job),
			&confirmation->caller.identity, on_checked, confirmation));
}

bool
caller_peek(struct caller *caller, struct exchange *exchange, struct token_cache *tokens)
{
	*caller = (struct caller){ .err = ERR_DENIED };
	identity_read(
		&caller->identity, exchange_request(exchange), exchange_query(exchange));
	token_learn(tokens, &caller->identity);
	enum token_age age = token_peek(tokens, &caller->identity, &caller->facts);
	caller->fresh = age == TOKEN_FRESH;
	if (age != TOKEN_UNKNOWN)
		caller->err = ERR_NONE;
	fill_identity(&caller->identity, &caller->facts);
	return age != TOKEN_UNKNOWN;
}

static bool
is_listed(const char *list, const char *name)
{
	struct slice rest = slice_of(list);
	struct slice part;

	while (slice_next(&rest, ',', &part)) {
		if (slice_equal_text_ci(slice_trim(part), name))
			return true;
	}
	return list == NULL;
}

bool
caller_may_listen(const struct caller *caller, const struct session_settings *settings)
{
	const struct token_facts *facts = &caller->facts;

	return caller->err == ERR_NONE && facts->playback && facts->sees_music &&
	       (!facts->parental_limit || settings->external_parental) &&
	       is_listed(settings->external_users, facts->user_name) &&
	       is_listed(settings->external_clients, caller->identity.client);
}

struct play_session_key
caller_session_key(const struct caller *caller)
{
	struct play_session_key key = { 0 };

	play_session_key_set(&key, caller->identity.client, caller->identity.device_id,
		caller->facts.user_id);
	return key;
}
