/* Bell: a function on a loop that any thread may ask for, any number of times; rings that
 * come before it has run are one.
 */
#ifndef CORE_BELL_H
#define CORE_BELL_H

#include "core/loop.h"

struct bell;

struct bell *bell_new(struct loop *loop, void (*run)(void *arg), void *arg);
/* Any thread. Nobody rings during or after bell_free: a lock of the ringers sees to that.
 * `run` is called on the loop, from nobody's stack. */
void bell_ring(struct bell *bell);
/* On its loop, also from within `run`; silence. Accepts NULL. */
void bell_free(struct bell *bell);

#endif
