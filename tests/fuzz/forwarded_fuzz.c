/* X-Forwarded-For and Forwarded of strangers behind a trusted proxy: whoever is taken for
 * the client has a numeric address. */
#include "proxy/forwarded.h"

#include <arpa/inet.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = { "X-Forwarded-For", "Forwarded" };
	char *value = xstrndup((const char *)data, size);
	struct trusted_proxies trusted;
	char client[FORWARDED_ADDRESS_SIZE], why[160];
	struct in6_addr address;

	if (!trusted_proxies_read(&trusted, "10.0.0.0/8, ::1", why, sizeof why))
		__builtin_trap();
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		const struct http_header header = { names[i], value };
		const struct http_request request = {
			.headers = &header, .header_count = 1, .peer_address = "10.0.0.1"
		};
		if (!forwarded_client(client, &request, &trusted))
			__builtin_trap();
		bool v6 = inet_pton(AF_INET6, client, &address) == 1;
		if ((!v6 && inet_pton(AF_INET, client, &address) != 1) ||
			(v6 && IN6_IS_ADDR_V4MAPPED(&address)))
			__builtin_trap();
	}
	xfree(value);
	return 0;
}
