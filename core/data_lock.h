/* Data lock: one program per data folder. Two would each write plays and sessions as if the
 * other's did not exist. The kernel gives the lock back when the process ends, however it
 * ends. Control thread, at start and at the end.
 */
#ifndef CORE_DATA_LOCK_H
#define CORE_DATA_LOCK_H

#include <stddef.h>

#include "core/mem.h"

struct data_lock;

/* Makes the folder when it is missing. NULL when somebody else has it, or when it cannot be
 * written to: then `why` is a sentence that names it. */
MUST_CHECK struct data_lock *data_lock_take(const char *folder, char *why, size_t why_size);
/* Accepts NULL. */
void data_lock_free(struct data_lock *lock);

#endif
