#include "providers/lru.h"

#include <string.h>

#include "core/crypto.h"
#include "core/mem.h"
#include "core/text.h"

struct node {
	struct node *chain;         /* the next of the same bucket */
	struct node *newer, *older; /* in order of use */
	void *value;
	size_t cost;
	int64_t expires_ms;
	uint64_t hash;
	char key[]; /* terminated */
};

struct lru {
	size_t max_count, max_cost;
	void (*free_value)(void *value);
	struct node **buckets;
	size_t bucket_mask;
	struct node *newest, *oldest;
	size_t count, cost;
	uint64_t seed; /* keys are chosen by strangers */
};

static struct node **
bucket_of(const struct lru *lru, uint64_t hash)
{
	return &lru->buckets[hash & lru->bucket_mask];
}

struct lru *
lru_new(size_t max_count, size_t max_cost, void (*free_value)(void *value))
{
	struct lru *lru = xcalloc(1, sizeof *lru);
	size_t buckets = 16;

	while (buckets < max_count)
		buckets *= 2;
	lru->max_count = max_count;
	lru->max_cost = max_cost;
	lru->free_value = free_value;
	lru->buckets = xcalloc(buckets, sizeof(struct node *));
	lru->bucket_mask = buckets - 1;
	crypto_random(&lru->seed, sizeof lru->seed);
	return lru;
}

static void
link_newest(struct lru *lru, struct node *node)
{
	node->newer = NULL;
	node->older = lru->newest;
	if (lru->newest != NULL)
		lru->newest->newer = node;
	else
		lru->oldest = node;
	lru->newest = node;
}

static void
unlink_use(struct lru *lru, struct node *node)
{
	if (node->newer != NULL)
		node->newer->older = node->older;
	else
		lru->newest = node->older;
	if (node->older != NULL)
		node->older->newer = node->newer;
	else
		lru->oldest = node->newer;
}

static void
drop(struct lru *lru, struct node *node)
{
	struct node **link = bucket_of(lru, node->hash);

	while (*link != node)
		link = &(*link)->chain;
	*link = node->chain;
	unlink_use(lru, node);
	lru->count--;
	lru->cost -= node->cost;
	lru->free_value(node->value);
	xfree(node);
}

void
lru_free(struct lru *lru)
{
	if (lru == NULL)
		return;
	while (lru->newest != NULL)
		drop(lru, lru->newest);
	xfree(lru->buckets);
	xfree(lru);
}

static struct node *
find(const struct lru *lru, const char *key)
{
	uint64_t hash = text_hash(lru->seed, key);
	struct node *node = *bucket_of(lru, hash);

	while (node != NULL && (node->hash != hash || strcmp(node->key, key) != 0))
		node = node->chain;
	return node;
}

void
lru_put(struct lru *lru, const char *key, void *take_value, size_t cost, int64_t expires_ms)
{
	struct node *node = find(lru, key);
	size_t size = strlen(key) + 1;

	if (node != NULL)
		drop(lru, node);
	node = xmalloc(sizeof *node + size);
	*node = (struct node){
		.value = take_value, .cost = cost, .expires_ms = expires_ms
	};
	memcpy(node->key, key, size);
	node->hash = text_hash(lru->seed, key);
	node->chain = *bucket_of(lru, node->hash);
	*bucket_of(lru, node->hash) = node;
	link_newest(lru, node);
	lru->count++;
	lru->cost += cost;
	while (lru->count > lru->max_count || lru->cost > lru->max_cost)
		drop(lru, lru->oldest);
}

void *
lru_get(struct lru *lru, const char *key, int64_t now_ms)
{
	struct node *node = find(lru, key);

	if (node == NULL)
		return NULL;
	if (now_ms >= node->expires_ms) {
		drop(lru, node);
		return NULL;
	}
	unlink_use(lru, node);
	link_newest(lru, node);
	return node->value;
}

size_t
lru_count(const struct lru *lru)
{
	return lru->count;
}

size_t
lru_cost(const struct lru *lru)
{
	return lru->cost;
}
