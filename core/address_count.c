#include "core/address_count.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/queue.h>

#include "core/crypto.h"
#include "core/mem.h"

enum {
	KEY_BYTES = 16,
	NETWORK_BYTES = 8, /* of an IPv6 address */
	BUCKETS = 1024,
};

struct address_count {
	SLIST_ENTRY(address_count) next;
	unsigned char key[KEY_BYTES];
	size_t count;
};

SLIST_HEAD(bucket, address_count);

struct address_counts {
	uint64_t seed; /* else strangers could choose who shares a bucket */
	size_t size;
	struct bucket buckets[BUCKETS];
};

/* What stands for the client: the address, or the network of an IPv6 one. */
static void
key_of(unsigned char key[KEY_BYTES], const struct sockaddr *address)
{
	static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };
	const struct sockaddr_in6 *v6 = (const void *)address;
	const struct sockaddr_in *v4 = (const void *)address;

	memset(key, 0, KEY_BYTES);
	if (address->sa_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr)) {
		memcpy(key, &v6->sin6_addr, KEY_BYTES);
	} else if (address->sa_family == AF_INET6) {
		memcpy(key, &v6->sin6_addr, NETWORK_BYTES);
	} else if (address->sa_family == AF_INET) {
		memcpy(key, mapped, sizeof mapped);
		memcpy(key + sizeof mapped, &v4->sin_addr, sizeof v4->sin_addr);
	}
}

static struct bucket *
bucket_of(struct address_counts *counts, const unsigned char key[KEY_BYTES])
{
	const uint64_t odd = UINT64_C(0x9e3779b97f4a7c15);
	uint64_t words[KEY_BYTES / sizeof(uint64_t)];

	memcpy(words, key, KEY_BYTES);
	uint64_t hash = (words[0] ^ counts->seed) * odd;
	hash = (hash ^ (hash >> 32) ^ words[1]) * odd;
	hash = (hash ^ (hash >> 32) ^ counts->seed) * odd;
	return &counts->buckets[(hash >> 32) % BUCKETS];
}

struct address_counts *
address_counts_new(void)
{
	struct address_counts *counts = xcalloc(1, sizeof *counts);

	crypto_random(&counts->seed, sizeof counts->seed);
	return counts;
}

void
address_counts_free(struct address_counts *counts)
{
	assert(counts == NULL || counts->size == 0);
	xfree(counts);
}

struct address_count *
address_counts_enter(struct address_counts *counts, const struct sockaddr *address)
{
	unsigned char key[KEY_BYTES];
	struct address_count *entry;

	key_of(key, address);
	struct bucket *bucket = bucket_of(counts, key);
	SLIST_FOREACH(entry, bucket, next)
	{
		if (memcmp(entry->key, key, KEY_BYTES) == 0)
			break;
	}
	if (entry == NULL) {
		entry = xcalloc(1, sizeof *entry);
		memcpy(entry->key, key, KEY_BYTES);
		SLIST_INSERT_HEAD(bucket, entry, next);
		counts->size++;
	}
	entry->count++;
	return entry;
}

void
address_counts_leave(struct address_counts *counts, struct address_count *entry)
{
	assert(entry->count > 0);
	if (--entry->count > 0)
		return;
	SLIST_REMOVE(bucket_of(counts, entry->key), entry, address_count, next);
	counts->size--;
	xfree(entry);
}

size_t
address_count_of(const struct address_count *entry)
{
	return entry->count;
}
