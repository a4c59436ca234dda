#include "session/token_table.h"

#include <string.h>
#include <sys/random.h>

#include "core/clock.h"
#include "core/squeeze.h"

struct token_shard *
token_table_shard(struct token_table *table, const char *token)
{
	return &table->shards[text_hash(table->seed, token) % TOKEN_SHARDS];
}

static struct token_entry **
bucket_of(struct token_table *table, struct token_shard *shard, const char *token)
{
	return &shard->buckets[text_hash(table->seed, token) / TOKEN_SHARDS %
			       TOKEN_BUCKETS];
}

static void
list_add(struct token_shard *shard, struct token_entry *entry)
{
	struct token_list *list = &shard->lists[entry->confirmed];

	entry->newer = NULL;
	entry->older = list->newest;
	if (list->newest != NULL)
		list->newest->newer = entry;
	else
		list->oldest = entry;
	list->newest = entry;
	list->count++;
}

static void
list_remove(struct token_shard *shard, struct token_entry *entry)
{
	struct token_list *list = &shard->lists[entry->confirmed];

	if (entry->newer != NULL)
		entry->newer->older = entry->older;
	else
		list->newest = entry->older;
	if (entry->older != NULL)
		entry->older->newer = entry->newer;
	else
		list->oldest = entry->newer;
	list->count--;
}

static void
move_to_front(struct token_shard *shard, struct token_entry *entry, bool confirmed)
{
	list_remove(shard, entry);
	entry->confirmed = confirmed;
	list_add(shard, entry);
}

void
token_table_forget(
	struct token_table *table, struct token_shard *shard, struct token_entry *entry)
{
	struct token_entry **link = bucket_of(table, shard, entry->token);

	assert(entry->flight == NULL && entry->waiting == NULL);
	while (*link != entry)
		link = &(*link)->next;
	*link = entry->next;
	list_remove(shard, entry);
	token_entry_free(entry);
}

static void
forget_oldest(
	struct token_table *table, struct token_shard *shard, bool confirmed, size_t most)
{
	struct token_entry *entry = shard->lists[confirmed].oldest;

	while (shard->lists[confirmed].count > most && entry != NULL) {
		struct token_entry *newer = entry->newer;
		if (entry->flight == NULL)
			token_table_forget(table, shard, entry);
		entry = newer;
	}
}

struct token_entry *
token_table_find(struct token_table *table, struct token_shard *shard, const char *token,
	enum token_form form)
{
	struct token_entry *entry = *bucket_of(table, shard, token);

	while (entry != NULL && (entry->form != form || strcmp(entry->token, token) != 0))
		entry = entry->next;
	return entry;
}

void
token_entry_facts(const struct token_entry *entry, struct token_facts *facts)
{
	squeeze_restore(facts, sizeof *facts, entry->facts);
}

static void
set_facts(struct token_entry *entry, const struct token_facts *facts)
{
	if (entry->facts != NULL && squeeze_equals(entry->facts, facts, sizeof *facts))
		return;
	xfree(entry->facts);
	entry->facts = squeeze_new(facts, sizeof *facts);
}

void
token_entry_free(struct token_entry *entry)
{
	explicit_bzero(entry->token, strlen(entry->token));
	xfree(entry->token);
	xfree(entry->facts);
	xfree(entry);
}

static void
copy_device(struct token_facts *to, const struct token_facts *from)
{
	copy_text(to->client, sizeof to->client, from->client);
	copy_text(to->device, sizeof to->device, from->device);
	copy_text(to->device_id, sizeof to->device_id, from->device_id);
	copy_text(to->version, sizeof to->version, from->version);
}

/* A client that reports in the new form may stream in the old one: the same device. */
static void
inherit_device(
	struct token_table *table, struct token_shard *shard, struct token_entry *entry)
{
	for (int form = 0; form < TOKEN_FORMS; form++) {
		const struct token_entry *other =
			token_table_find(table, shard, entry->token, (enum token_form)form);
		if (other == NULL)
			continue;
		struct token_facts facts, others;
		token_entry_facts(entry, &facts);
		token_entry_facts(other, &others);
		copy_device(&facts, &others);
		set_facts(entry, &facts);
	}
}

struct token_entry *
token_table_find_or_add(struct token_table *table, struct token_shard *shard,
	const char *token, enum token_form form)
{
	struct token_entry *entry = token_table_find(table, shard, token, form);

	if (entry != NULL) {
		move_to_front(shard, entry, entry->confirmed);
		return entry;
	}
	struct token_entry **bucket = bucket_of(table, shard, token);
	entry = xcalloc(1, sizeof *entry);
	entry->form = form;
	entry->token = xstrdup(token);
	set_facts(entry, &(struct token_facts){ 0 });
	inherit_device(table, shard, entry);
	entry->next = *bucket;
	*bucket = entry;
	list_add(shard, entry);
	return entry;
}

void
token_entry_learn(struct token_entry *entry, const struct identity *identity)
{
	struct token_facts facts;

	/* Together or not at all: the fields of one device. */
	if (identity->device_id[0] == '\0')
		return;
	token_entry_facts(entry, &facts);
	copy_text(facts.device_id, sizeof facts.device_id, identity->device_id);
	renew_text(facts.client, sizeof facts.client, identity->client);
	renew_text(facts.device, sizeof facts.device, identity->device);
	renew_text(facts.version, sizeof facts.version, identity->version);
	set_facts(entry, &facts);
}

void
token_entry_confirm(struct token_shard *shard, struct token_entry *entry,
	const struct token_facts *said)
{
	struct token_facts facts = *said, known;

	token_entry_facts(entry, &known);
	copy_device(&facts, &known);
	set_facts(entry, &facts);
	entry->confirmed_ms = clock_now_ms();
	move_to_front(shard, entry, true);
}

void
token_entry_unconfirm(struct token_shard *shard, struct token_entry *entry)
{
	move_to_front(shard, entry, false);
}

bool
token_entry_is_confirmed(const struct token_entry *entry, int64_t within_ms)
{
	return entry->confirmed && clock_now_ms() - entry->confirmed_ms <= within_ms;
}

void
token_table_trim(struct token_table *table, struct token_shard *shard)
{
	forget_oldest(table, shard, true, TOKEN_MAX_CONFIRMED);
	forget_oldest(table, shard, false, TOKEN_MAX_HEARD);
}

void
token_table_init(struct token_table *table)
{
	if (getrandom(&table->seed, sizeof table->seed, 0) != sizeof table->seed)
		table->seed = (uint64_t)clock_wall_ms();
	for (size_t i = 0; i < TOKEN_SHARDS; i++)
		pthread_mutex_init(&table->shards[i].mutex, NULL);
}

void
token_table_fini(struct token_table *table, void (*free_entry)(struct token_entry *entry))
{
	for (size_t i = 0; i < TOKEN_SHARDS; i++) {
		struct token_shard *shard = &table->shards[i];
		for (size_t j = 0; j < TOKEN_BUCKETS; j++) {
			while (shard->buckets[j] != NULL) {
				struct token_entry *entry = shard->buckets[j];
				shard->buckets[j] = entry->next;
				free_entry(entry);
			}
		}
		pthread_mutex_destroy(&shard->mutex);
	}
}
