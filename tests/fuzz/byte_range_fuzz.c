/* Range and Content-Range of strangers: whatever is accepted lies within the whole. */
#include "providers/byte_range.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int64_t totals[] = { 0, 1, 1000, INT64_MAX };
	char *header = xstrndup((const char *)data, size);
	struct byte_range range = byte_range_parse(header);
	int64_t first, last, total;

	for (size_t i = 0; i < COUNT_OF(totals); i++) {
		enum byte_range_fit fit = byte_range_fit(&range, totals[i], &first, &last);
		bool within = first >= 0 && first <= last && last < totals[i];
		if ((fit == BYTE_RANGE_PART && !within) ||
			(fit == BYTE_RANGE_WHOLE) == range.asked)
			__builtin_trap();
	}
	if (content_range_parse(header, &first, &last, &total) && first > last)
		__builtin_trap();
	xfree(header);
	return 0;
}
