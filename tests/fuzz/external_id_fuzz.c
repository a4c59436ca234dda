/* Whatever external_id_parse accepts has one spelling, which is accepted and means the
 * same. */
#include "providers/external_id.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = { (const char *)data, size };
	struct external_id id, again;
	char hex[EXTERNAL_ID_HEX], same[EXTERNAL_ID_HEX];

	if (!external_id_parse(&id, text))
		return 0;
	if (!external_id_format(hex, &id) || !external_id_parse(&again, slice_of(hex)) ||
		!external_id_equal(&id, &again) || !external_id_format(same, &again) ||
		strcmp(hex, same) != 0)
		__builtin_trap();
	return 0;
}
