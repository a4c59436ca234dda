/* Qobuz open: where a song's bytes are for one listener, or in which forms it comes.
 *
 * Asks for the best format wished and takes what comes, if that is wished too; a lower one
 * is asked for only when Qobuz has no address for the higher. Half a minute is a preview
 * and nothing else. What Qobuz refuses for good lowers a bar (qobuz_account), and then
 * nobody asks for a while. Belongs to its loop.
 */
#ifndef PROVIDERS_QOBUZ_QOBUZ_OPEN_H
#define PROVIDERS_QOBUZ_QOBUZ_OPEN_H

#include "providers/qobuz/qobuz_parts.h"

struct qobuz_open; /* one call */

/* As the members of provider_ops. Forms: the best that comes, with its size, then what
 * Qobuz makes of it (sizes unknown). */
struct qobuz_open *qobuz_open_start(struct qobuz_seat *seat, const struct track_wish *wish,
	void (*done)(void *arg, enum err err, struct track_source *take_source), void *arg);
struct qobuz_open *qobuz_open_formats(struct qobuz_seat *seat,
	const struct track_wish *wish,
	void (*done)(void *arg, enum err err, const struct track_formats *formats),
	void *arg);
/* Silence. */
void qobuz_open_cancel(struct qobuz_open *opening);

#endif
