#include "proxy/forwarded.h"

#include <arpa/inet.h>
#include <string.h>

/* The hops nearest to us; a longer list is read as if it began there. */
enum { HOPS_MAX = 32 };

struct hops {
	struct slice hops[HOPS_MAX]; /* a ring */
	size_t count;                /* of all that were seen */
};

static void
add_hop(struct hops *hops, struct slice hop)
{
	hops->hops[hops->count++ % HOPS_MAX] = hop;
}

/* Cuts the part before `separator` off the front; quoted strings stay whole. */
static bool
next_unquoted(struct slice *rest, char separator, struct slice *part)
{
	bool quoted = false;
	size_t end = 0;

	if (rest->size == 0)
		return false;
	for (; end < rest->size && (quoted || rest->data[end] != separator); end++) {
		if (quoted && rest->data[end] == '\\' && end + 1 < rest->size)
			end++;
		else if (rest->data[end] == '"')
			quoted = !quoted;
	}
	*part = (struct slice){ rest->data, end };
	size_t used = end < rest->size ? end + 1 : end;
	*rest = (struct slice){ rest->data + used, rest->size - used };
	return true;
}

/* The value of `for` in one element of Forwarded; empty when there is none, which is a hop
 * that does not say. */
static struct slice
for_of(struct slice element)
{
	struct slice pair;

	while (next_unquoted(&element, ';', &pair)) {
		pair = slice_trim(pair);
		if (slice_starts_with_ci(pair, "for="))
			return slice_trim((struct slice){ pair.data + 4, pair.size - 4 });
	}
	return (struct slice){ 0 };
}

/* Every hop of the headers of that name, from left to right. */
static void
gather(struct hops *hops, const struct http_request *request, const char *name,
	bool has_pairs)
{
	for (size_t i = 0; i < request->header_count; i++) {
		struct slice rest, element;
		if (!text_equal_ci(request->headers[i].name, name))
			continue;
		rest = slice_of(request->headers[i].value);
		while (next_unquoted(&rest, ',', &element)) {
			element = slice_trim(element);
			if (element.size > 0)
				add_hop(hops, has_pairs ? for_of(element) : element);
		}
	}
}

/* The address of `1.2.3.4`, `1.2.3.4:80`, `2001:db8::1`, `[2001:db8::1]:80`, each perhaps
 * in quotes. */
static struct slice
cut_port(struct slice node)
{
	if (node.size >= 2 && node.data[0] == '"' && node.data[node.size - 1] == '"')
		node = (struct slice){ node.data + 1, node.size - 2 };
	if (node.size == 0)
		return node;
	if (node.data[0] == '[') {
		const char *end = memchr(node.data, ']', node.size);
		return end != NULL ? (struct slice){ node.data + 1,
			(size_t)(end - node.data) - 1 }
				   : (struct slice){ 0 };
	}
	const char *colon = memchr(node.data, ':', node.size);
	size_t before = colon != NULL ? (size_t)(colon - node.data) : node.size;
	if (colon != NULL && memchr(colon + 1, ':', node.size - before - 1) == NULL)
		node.size = before;
	return node;
}

/* Writes the address in its usual spelling; false when it is none. */
static bool
read_node(char to[FORWARDED_ADDRESS_SIZE], struct slice node)
{
	char text[FORWARDED_ADDRESS_SIZE];
	struct in6_addr v6;
	struct in_addr v4;

	node = cut_port(node);
	if (node.size == 0 || node.size >= sizeof text)
		return false;
	memcpy(text, node.data, node.size);
	text[node.size] = '\0';
	if (inet_pton(AF_INET, text, &v4) == 1)
		return inet_ntop(AF_INET, &v4, to, FORWARDED_ADDRESS_SIZE) != NULL;
	if (inet_pton(AF_INET6, text, &v6) != 1)
		return false;
	if (IN6_IS_ADDR_V4MAPPED(&v6))
		return inet_ntop(AF_INET, &v6.s6_addr[12], to, FORWARDED_ADDRESS_SIZE) !=
		       NULL;
	return inet_ntop(AF_INET6, &v6, to, FORWARDED_ADDRESS_SIZE) != NULL;
}

bool
forwarded_client(char to[FORWARDED_ADDRESS_SIZE], const struct http_request *request,
	const struct trusted_proxies *trusted)
{
	struct hops hops = { .count = 0 };
	char hop[FORWARDED_ADDRESS_SIZE];

	if (!trusted_proxies_have(trusted, request->peer_address))
		return false;
	copy_text(to, FORWARDED_ADDRESS_SIZE, request->peer_address);
	gather(&hops, request, "X-Forwarded-For", false);
	if (hops.count == 0)
		gather(&hops, request, "Forwarded", true);
	size_t kept = hops.count < HOPS_MAX ? hops.count : HOPS_MAX;
	for (size_t i = 0; i < kept && trusted_proxies_have(trusted, to); i++) {
		if (!read_node(hop, hops.hops[(hops.count - 1 - i) % HOPS_MAX]))
			break;
		copy_text(to, FORWARDED_ADDRESS_SIZE, hop);
	}
	return true;
}
