/* Qobuz fetch: one question put to Qobuz's catalogue, through as many calls as its pages
 * take (providers/qobuz/qobuz_call.h). Belongs to the loop that started it.
 */
#ifndef PROVIDERS_QOBUZ_QOBUZ_FETCH_H
#define PROVIDERS_QOBUZ_QOBUZ_FETCH_H

#include "providers/qobuz/qobuz_parts.h"

struct qobuz_fetch;

/* As fetch_start of provider_ops; Qobuz's answers need no parent. */
struct qobuz_fetch *qobuz_fetch_start(struct qobuz_seat *seat,
	const struct catalog_query *query, int64_t patience_ms,
	void (*done)(void *arg, enum err err, struct media_list *list), void *arg);
/* Silence. */
void qobuz_fetch_cancel(struct qobuz_fetch *fetch);

#endif
