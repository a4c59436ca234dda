/* Workers: the threads of the front door. Each has a loop of its own and a listener on the
 * port they share; what else they share is in struct front_services.
 *
 *   serving ── workers_drain ──> draining ──> drained ── workers_stop ──> stopped
 *
 * All calls come from the thread that made them.
 */
#ifndef PROXY_WORKERS_H
#define PROXY_WORKERS_H

#include "proxy/front.h"

enum { WORKERS_MAX = 64 };

struct workers;

/* Listens on `address` and `*port` (0: any; set to what was bound) and starts `count`
 * threads, 1 to WORKERS_MAX. On failure writes a sentence. */
MUST_CHECK struct workers *workers_start(struct front_services *services, size_t count,
	const char *address, uint16_t *port, char *why, size_t why_size);
/* Mails the settings to every worker. `applied` fires once on `from`, in a later turn, when
 * all of them have it: nobody uses the ones before any more. One at a time. It does not
 * fire when the workers are stopped before. */
void workers_apply(struct workers *workers, const struct front_settings *settings,
	struct loop *from, void (*applied)(void *arg), void *arg);
/* No new connections; tunnels are told to close, exchanges under way go on. */
void workers_drain(struct workers *workers);
/* After workers_drain: nothing is under way any more. */
bool workers_are_drained(const struct workers *workers);
/* After workers_drain: exchanges that were under way a moment ago, tunnels too. */
size_t workers_left(const struct workers *workers);
/* Aborts what still runs and joins the threads. Accepts NULL. */
void workers_stop(struct workers *workers);
/* After workers_stop, and once nobody posts to the workers' loops any more: runs what was
 * posted since, so what the posters answer about must still be there. Accepts NULL. */
void workers_free(struct workers *workers);

#endif
