/* History schema: the tables in which what was played lasts. tracker/history writes them,
 * tracker/ledger reads them, nobody else touches them.
 *
 * A segment is one play from its start to its stop. Segments of one sitting after another
 * share a viewing (tracker/viewing): its id is that of its first segment. What repeats
 * (who, what, on what, from where) is kept once and referred to. All times are wall clock,
 * milliseconds since 1970; durations are milliseconds; "" and 0 are unknown. `server` is
 * play_session_key's: "" for the one we front. items.kind is enum segment_kind.
 */
#ifndef TRACKER_HISTORY_SCHEMA_H
#define TRACKER_HISTORY_SCHEMA_H

#include "core/store.h"

extern const struct store_migration history_migrations[];
extern const size_t history_migration_count;

#endif
