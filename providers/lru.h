/* LRU: a bounded map from texts to things, which forgets the one unused longest first.
 *
 * Bounded twice: by how many there are and by the sum of their costs. Things expire. Not
 * locked: whoever shares one has the lock. Knows no clock: the caller says what time it is
 * (clock_now_ms).
 */
#ifndef PROVIDERS_LRU_H
#define PROVIDERS_LRU_H

#include <stddef.h>
#include <stdint.h>

struct lru;

struct lru *lru_new(size_t max_count, size_t max_cost, void (*free_value)(void *value));
/* Frees every value. Accepts NULL. */
void lru_free(struct lru *lru);
/* Takes `take_value` in place of what was there. What has no room alone is freed at once.
 */
void lru_put(struct lru *lru, const char *key, void *take_value, size_t cost,
	int64_t expires_ms);
/* Borrowed until the next lru_put; NULL when there is none or it has expired. */
void *lru_get(struct lru *lru, const char *key, int64_t now_ms);
size_t lru_count(const struct lru *lru);
size_t lru_cost(const struct lru *lru);

#endif
