/* Ask: a question to another thread's loop, and its answer back on ours.
 *
 * For what only its owner may look at (plays, injected sessions): the question runs there,
 * in one go and without waiting, and makes a value of its own that travels back.
 */
#ifndef CORE_ASK_H
#define CORE_ASK_H

#include "core/loop.h"

struct ask;

/* `answer(context)` runs on `to`; `context` must live until then (pass what lives as long
 * as the program). Its result comes to `done` on `from`, exactly once, unless cancelled:
 * then `free_result` gets it. `done` owns the result. */
struct ask *ask_start(struct loop *from, struct loop *to, void *(*answer)(void *context),
	void *context, void (*free_result)(void *result),
	void (*done)(void *arg, void *result), void *arg);
/* Silence. On the loop that asked. */
void ask_cancel(struct ask *ask);

#endif
