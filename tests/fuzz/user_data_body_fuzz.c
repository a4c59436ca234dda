/* What clients send about their user data ("b…") and the dates of it ("d…"): what is read
 * stays within what the database and Jellyfin's own types hold. */
#include <stddef.h>
#include <stdint.h>

#include "proxy/user_data_body.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct user_item_set set;
	int64_t wall_ms = 0;

	if (size == 0)
		return 0;
	if (data[0] == 'b' && user_data_read_body(&set, data + 1, size - 1)) {
		if (set.count_said && (set.play_count < 0 || set.play_count > INT32_MAX))
			__builtin_trap();
		if (set.rating_said && !(set.rating >= 0 && set.rating <= 10))
			__builtin_trap();
		if (set.position_said && set.position_ticks < 0)
			__builtin_trap();
	} else if (data[0] == 'd') {
		char *text = xstrndup((const char *)data + 1, size - 1);
		if (user_data_read_date(&wall_ms, text) && wall_ms <= 0)
			__builtin_trap();
		xfree(text);
	}
	return 0;
}
