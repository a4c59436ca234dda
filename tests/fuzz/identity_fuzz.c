/* The Authorization value as any client may send it: never a crash, always terminated
 * fields, and what identity_write_header makes of the result reads back the same. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "tracker/identity.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct identity identity = { 0 };
	struct identity again = { 0 };
	struct text header = { 0 };
	bool scheme_ok;

	identity_parse_header(
		&identity, (struct slice){ (const char *)data, size }, &scheme_ok);
	assert(scheme_ok || identity.token[0] == '\0');
	identity_write_header(&header, &identity);
	identity_parse_header(&again, slice_of(text_get(&header)), &scheme_ok);
	assert(scheme_ok);
	assert(strcmp(again.token, identity.token) == 0);
	assert(strcmp(again.client, identity.client) == 0);
	assert(strcmp(again.device, identity.device) == 0);
	assert(strcmp(again.device_id, identity.device_id) == 0);
	assert(strcmp(again.version, identity.version) == 0);
	text_fini(&header);
	return 0;
}
