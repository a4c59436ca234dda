/* Token table: the shards and entries of session/token, each shard behind its own mutex.
 *
 * An entry is on one of two lists of its shard, heard of or confirmed, each with its own
 * bound, so that invented tokens cannot push out confirmed ones. Every function that is
 * given a shard is called with that shard's mutex held.
 */
#ifndef SESSION_TOKEN_TABLE_H
#define SESSION_TOKEN_TABLE_H

#include <pthread.h>

#include "session/token.h"

enum {
	TOKEN_SHARDS = 16,
	TOKEN_BUCKETS = 1024,       /* per shard */
	TOKEN_MAX_CONFIRMED = 4096, /* per shard */
	TOKEN_MAX_HEARD = 1024,     /* per shard */
};

/* Old forms are confirmed in an old form, so they are entries of their own. */
enum token_form { TOKEN_MODERN, TOKEN_LEGACY, TOKEN_FORMS };

struct token_flight;

struct token_entry {
	struct token_entry *next; /* of its bucket */
	struct token_entry *newer, *older;
	bool confirmed; /* which of the two lists it is on */
	enum token_form form;
	char *token;
	int64_t confirmed_ms;
	void *facts; /* struct token_facts, squeezed: token_entry_facts */
	/* The question under way; such an entry is not forgotten. Owned. */
	struct token_flight *flight;
	bool dropped; /* … but its answer will not be kept */
	struct token_check *waiting;
};

/* Least recently used at `oldest`. */
struct token_list {
	struct token_entry *newest, *oldest;
	size_t count;
};

struct token_shard {
	pthread_mutex_t mutex;
	struct token_entry *buckets[TOKEN_BUCKETS];
	struct token_list lists[2]; /* heard of, confirmed */
};

struct token_table {
	uint64_t seed; /* so that nobody can choose tokens for one bucket */
	struct token_shard shards[TOKEN_SHARDS];
};

void token_table_init(struct token_table *table);
/* Entries are given to `free_entry` one by one. */
void token_table_fini(
	struct token_table *table, void (*free_entry)(struct token_entry *entry));
struct token_shard *token_table_shard(struct token_table *table, const char *token);
/* NULL when there is none. */
struct token_entry *token_table_find(struct token_table *table, struct token_shard *shard,
	const char *token, enum token_form form);
/* Marks it as used. */
struct token_entry *token_table_find_or_add(struct token_table *table,
	struct token_shard *shard, const char *token, enum token_form form);
/* Wipes and frees what it owns, and it. */
void token_entry_free(struct token_entry *entry);
void token_table_forget(
	struct token_table *table, struct token_shard *shard, struct token_entry *entry);
/* Brings both lists back into their bounds. */
void token_table_trim(struct token_table *table, struct token_shard *shard);

void token_entry_facts(const struct token_entry *entry, struct token_facts *facts);
/* What a request says of its device. */
void token_entry_learn(struct token_entry *entry, const struct identity *identity);
/* What Jellyfin says of the user; the device fields stay. */
void token_entry_confirm(struct token_shard *shard, struct token_entry *entry,
	const struct token_facts *said);
void token_entry_unconfirm(struct token_shard *shard, struct token_entry *entry);
bool token_entry_is_confirmed(const struct token_entry *entry, int64_t within_ms);

#endif
