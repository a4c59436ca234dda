/* Retry delay: how long to wait before asking Jellyfin once more. Any thread.
 *
 * Half a second doubling to 30 s, and up to a quarter more by chance, so that many sessions
 * do not come back in step.
 */
#ifndef SESSION_RETRY_DELAY_H
#define SESSION_RETRY_DELAY_H

#include <stdint.h>

/* Milliseconds; `failures`: how many attempts have failed before the last one. */
int64_t retry_delay_ms(int failures);

#endif
