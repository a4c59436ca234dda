/* Headers of the PROXY protocol. Whatever comes, the verdict does not depend on how it is
 * cut, and an accepted header lies within its bytes and its bound. */
#include "core/proxy_protocol.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(bool holds)
{
	if (!holds)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct proxy_protocol whole, cut;
	enum http_scan result = proxy_protocol_read(&whole, (const char *)data, size);
	enum http_scan again = HTTP_SCAN_MORE;

	for (size_t given = 1; given <= size && again == HTTP_SCAN_MORE; given++)
		again = proxy_protocol_read(&cut, (const char *)data, given);
	require(again == result);
	if (result != HTTP_SCAN_DONE)
		return 0;
	require(whole.size == cut.size && whole.size <= size);
	require(whole.size <= PROXY_PROTOCOL_BYTES);
	require(whole.has_client == (whole.address[0] != '\0'));
	require(strcmp(whole.address, cut.address) == 0);
	return 0;
}
