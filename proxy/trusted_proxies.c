#include "proxy/trusted_proxies.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "core/text.h"

enum { V6_BITS = 128, V4_BITS = 32, V4_PREFIX_BITS = V6_BITS - V4_BITS };

/* Returns how many bits its kind of address has; 0: it is none. */
static unsigned
read_address(unsigned char address[16], const char *text)
{
	static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };

	if (inet_pton(AF_INET6, text, address) == 1)
		return V6_BITS;
	memcpy(address, mapped, sizeof mapped);
	return inet_pton(AF_INET, text, address + sizeof mapped) == 1 ? V4_BITS : 0;
}

static bool
read_network(struct trusted_network *network, struct slice text)
{
	char address[INET6_ADDRSTRLEN];
	const char *slash = memchr(text.data, '/', text.size);
	size_t size = slash != NULL ? (size_t)(slash - text.data) : text.size;

	if (size >= sizeof address)
		return false;
	memcpy(address, text.data, size);
	address[size] = '\0';
	unsigned most = read_address(network->address, address);
	uint64_t bits = most;
	if (most == 0 ||
		(slash != NULL &&
			!slice_to_u64((struct slice){ slash + 1, text.size - size - 1 },
				&bits)) ||
		bits > most)
		return false;
	network->bits = (unsigned)bits + (most == V4_BITS ? V4_PREFIX_BITS : 0);
	return true;
}

bool
trusted_proxies_read(
	struct trusted_proxies *proxies, const char *list, char *why, size_t why_size)
{
	struct slice rest = slice_of(list);
	struct slice part;

	proxies->count = 0;
	while (slice_next(&rest, ',', &part)) {
		part = slice_trim(part);
		if (part.size == 0)
			continue;
		if (proxies->count == TRUSTED_PROXIES_MAX) {
			snprintf(why, why_size, "lists more than %d networks",
				TRUSTED_PROXIES_MAX);
			return false;
		}
		if (!read_network(&proxies->networks[proxies->count], part)) {
			snprintf(why, why_size,
				"must be a list of addresses and networks like "
				"10.0.0.0/8, 192.168.1.5; this is none: %.*s",
				part.size < 64 ? (int)part.size : 64, part.data);
			return false;
		}
		proxies->count++;
	}
	return true;
}

static bool
is_within(const struct trusted_network *network, const unsigned char address[16])
{
	unsigned bytes = network->bits / 8;
	unsigned char mask = (unsigned char)(0xff00 >> network->bits % 8);

	return memcmp(network->address, address, bytes) == 0 &&
	       (mask == 0 || ((network->address[bytes] ^ address[bytes]) & mask) == 0);
}

bool
trusted_proxies_have(const struct trusted_proxies *proxies, const char *text)
{
	unsigned char address[16];

	if (proxies->count == 0 || read_address(address, text) == 0)
		return false;
	for (size_t i = 0; i < proxies->count; i++) {
		if (is_within(&proxies->networks[i], address))
			return true;
	}
	return false;
}

bool
trusted_proxies_are_unlimited(void *arg, const char *address)
{
	return strncmp(address, "127.", 4) == 0 || strcmp(address, "::1") == 0 ||
	       trusted_proxies_have(arg, address);
}
