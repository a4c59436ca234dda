/* The test clock: scenarios move time instead of waiting. */
#ifndef API_API_CLOCK_H
#define API_API_CLOCK_H

#include "api/api.h"

/* POST {"advance_ms": N}, only with SIDETRACK_TEST_CLOCK. Answers when what fell due on the
 * control thread has been done and the errands that came of it are back (or after a quarter
 * of a second, when Jellyfin does not answer), so that time never runs away from the work.
 */
void api_test_clock(struct api_services *services, struct exchange *exchange);

#endif
