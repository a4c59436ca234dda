#include "tracker/tracked.h"

#include <string.h>

enum {
	TOMBSTONE_MS = 10 * 1000,
	TOMBSTONE_SAME_ID_MS = 5 * 60 * 1000,
};

static struct tracked **
bucket_of(struct tracked_table *table, const struct play_session_key *key)
{
	return &table->buckets[play_session_key_hash(key) % TRACKED_BUCKETS];
}

struct tracked *
tracked_first(const struct tracked_table *table, const struct play_session_key *key)
{
	return table->buckets[play_session_key_hash(key) % TRACKED_BUCKETS];
}

struct tracked *
tracked_find(const struct tracked_table *table, const struct play_session_key *key)
{
	struct tracked *tracked = tracked_first(table, key);

	while (tracked != NULL && !play_session_key_equal(&tracked->key, key))
		tracked = tracked->next;
	return tracked;
}

struct tracked *
tracked_find_rival(const struct tracked_table *table, const struct play_session_key *key)
{
	struct tracked *tracked = tracked_first(table, key);

	while (tracked != NULL &&
		(tracked->live == NULL || !play_session_key_rivals(&tracked->key, key)))
		tracked = tracked->next;
	return tracked;
}

struct tracked *
tracked_find_or_add(struct tracked_table *table, const struct play_session_key *key)
{
	struct tracked *tracked = tracked_find(table, key);

	if (tracked != NULL || table->count >= TRACKED_MOST)
		return tracked;
	struct tracked **bucket = bucket_of(table, key);
	tracked = xcalloc(1, sizeof *tracked);
	tracked->key = *key;
	tracked->newest_ms = INT64_MIN;
	tracked->start_ms = INT64_MIN;
	tracked->next = *bucket;
	*bucket = tracked;
	table->count++;
	return tracked;
}

void
tracked_sweep(struct tracked_table *table, int64_t now_ms)
{
	for (size_t i = 0; i < TRACKED_BUCKETS; i++) {
		struct tracked **link = &table->buckets[i];
		while (*link != NULL) {
			struct tracked *tracked = *link;
			if (tracked->live != NULL ||
				tracked->touched_ms + TOMBSTONE_SAME_ID_MS > now_ms) {
				link = &tracked->next;
				continue;
			}
			*link = tracked->next;
			xfree(tracked);
			table->count--;
		}
	}
}

void
tracked_table_fini(struct tracked_table *table)
{
	for (size_t i = 0; i < TRACKED_BUCKETS; i++) {
		while (table->buckets[i] != NULL) {
			struct tracked *tracked = table->buckets[i];
			table->buckets[i] = tracked->next;
			xfree(tracked);
		}
	}
	table->count = 0;
}

static uint64_t
play_session_hash(const char *play_session_id)
{
	return play_session_id[0] != '\0' ? text_hash(0, play_session_id) | 1 : 0;
}

void
tracked_bury(struct tracked *tracked, const char *item_id, const char *play_session_id,
	int64_t ended_ms)
{
	struct tombstone *tombstone = &tracked->tombstones[tracked->next_tombstone];

	tracked->next_tombstone = (tracked->next_tombstone + 1) % TRACKED_TOMBSTONES;
	*tombstone = (struct tombstone){ .ended_ms = ended_ms };
	copy_text(tombstone->item_id, sizeof tombstone->item_id, item_id);
	tombstone->play_session_hash = play_session_hash(play_session_id);
}

void
tracked_hold(struct tracked *tracked, const char *item_id)
{
	for (size_t i = 0; i < TRACKED_TOMBSTONES; i++) {
		if (strcmp(tracked->tombstones[i].item_id, item_id) == 0)
			tracked->tombstones[i].held = true;
	}
}

void
tracked_unbury(struct tracked *tracked, const struct play_report *start)
{
	uint64_t hash = play_session_hash(start->play_session_id);

	for (size_t i = 0; i < TRACKED_TOMBSTONES; i++) {
		struct tombstone *tombstone = &tracked->tombstones[i];
		bool other = tombstone->play_session_hash != 0 && hash != 0 &&
			     tombstone->play_session_hash != hash;
		if (!other && strcmp(tombstone->item_id, start->item.id) == 0)
			*tombstone = (struct tombstone){ 0 };
	}
}

static bool
tombstone_holds(const struct tombstone *tombstone, const struct play_report *report)
{
	int64_t after_ms = report->received_ms - tombstone->ended_ms;
	uint64_t hash = play_session_hash(report->play_session_id);
	bool ids_known = tombstone->play_session_hash != 0 && hash != 0;

	if (strcmp(tombstone->item_id, report->item.id) != 0)
		return false;
	if (after_ms <= 0)
		return true;
	if (report->kind == REPORT_START)
		return false;
	if (tombstone->held)
		return true;
	if (ids_known)
		return tombstone->play_session_hash == hash &&
		       after_ms < TOMBSTONE_SAME_ID_MS;
	return after_ms < TOMBSTONE_MS;
}

bool
tracked_is_buried(const struct tracked *tracked, const struct play_report *report)
{
	for (size_t i = 0; i < TRACKED_TOMBSTONES; i++) {
		if (tracked->tombstones[i].item_id[0] != '\0' &&
			tombstone_holds(&tracked->tombstones[i], report))
			return true;
	}
	return false;
}
