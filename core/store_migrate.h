/* The store's migrations: which are missing, and running them. Blocks; at start. */
#ifndef CORE_STORE_MIGRATE_H
#define CORE_STORE_MIGRATE_H

#include <sqlite3.h>

#include "core/mem.h"
#include "core/store.h"

/* Runs what is missing, in order of version. On failure writes a sentence that continues
 * "FILE …"; what had been committed before stays. */
MUST_CHECK bool store_migrate(sqlite3 *database, const struct store_migration_table *tables,
	size_t count, char *why, size_t why_size);

#endif
