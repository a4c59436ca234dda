#include "session/retry_delay.h"

#include "core/crypto.h"

enum { RETRY_LEAST_MS = 500, RETRY_MOST_MS = 30 * 1000 };

int64_t
retry_delay_ms(int failures)
{
	int64_t delay_ms = RETRY_LEAST_MS;

	while (failures-- > 0 && delay_ms < RETRY_MOST_MS)
		delay_ms *= 2;
	if (delay_ms > RETRY_MOST_MS)
		delay_ms = RETRY_MOST_MS;
	return delay_ms + crypto_random_below(delay_ms / 4);
}
