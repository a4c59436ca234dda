/* Address count: how many connections each client address holds. One set per worker, on its
 * thread.
 *
 * An IPv6 client owns a network of 2^64 addresses, so these are counted by network.
 * Memory: one entry per address that holds a connection at all.
 */
#ifndef CORE_ADDRESS_COUNT_H
#define CORE_ADDRESS_COUNT_H

#include <stddef.h>
#include <stdint.h>

struct sockaddr;
struct address_count;
struct address_counts;

struct address_counts *address_counts_new(void);
/* Everything has been left. Accepts NULL. */
void address_counts_free(struct address_counts *counts);
/* One more; the entry lives until it was left as often as it was entered. */
struct address_count *address_counts_enter(
	struct address_counts *counts, const struct sockaddr *address);
/* One less. */
void address_counts_leave(struct address_counts *counts, struct address_count *entry);
/* The connections entered, the last one among them. */
size_t address_count_of(const struct address_count *entry);

#endif
