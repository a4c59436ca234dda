/* Check: `sidetrack check`, which tries everything that the settings name, live: Jellyfin,
 * the data folder, Redis, each provider with its accounts, LRCLIB. One line for each: how
 * it stands and what to do. No secret is printed. A process of its own, beside a running
 * one or instead of it; nothing is changed and nothing kept.
 */
#ifndef PROGRAM_CHECK_H
#define PROGRAM_CHECK_H

#include <stdarg.h>

#include "program/program.h"

enum check_finding { CHECK_OK, CHECK_OFF, CHECK_PROBLEM };

struct check {
	const struct program *program;
	struct loop *loop;
	struct http_client *client;
	bool problem; /* there was one */
};

enum { CHECK_MS = 10 * 1000 }; /* the most that one thing may take */

/* The settings have been loaded. The status to exit with: 0 when there is no problem. */
int check_run(const struct program *program);

/* ---- for the files of a check ---- */

/* Prints a line about `what`. */
void check_tell(struct check *check, enum check_finding finding, const char *what,
	const char *format, ...) __attribute__((format(printf, 4, 5)));
/* Turns the loop until `*done`; false when that took longer. */
MUST_CHECK bool check_wait(const struct check *check, const bool *done, int64_t most_ms);

struct check_answer {
	bool done;
	enum err err;
	int status;
	struct text body; /* the caller's to fini */
	const char *reason;
	int64_t took_ms;
};
/* Asks and waits. `headers`: "Name: value", NULL-terminated; NULL: none. `client` NULL: the
 * one for everybody. */
void check_get(struct check *check, struct http_client *client, const char *url,
	const char *const *headers, struct check_answer *answer);

/* check_providers.c: every provider that the settings name, and its accounts. */
void check_providers(struct check *check);

#endif
