/* Deezer call: one call to the gateway or the media service: a place in their rate window,
 * the call, its answer as JSON.
 *
 * "Quota limit exceeded" of the gateway is tried once more after 1 to 1.5 s. Belongs to the
 * seat's loop.
 */
#ifndef PROVIDERS_DEEZER_DEEZER_CALL_H
#define PROVIDERS_DEEZER_DEEZER_CALL_H

#include "providers/deezer/deezer_gw.h"
#include "providers/deezer/deezer_parts.h"

struct deezer_call;

struct deezer_call_request {
	const char *url;
	const char *cookie; /* "Cookie: …"; NULL: the media service's, which wants none */
	const char *body;   /* JSON to POST; NULL: GET */
	int64_t end_ms;     /* clock_now_ms: over by then */
	bool can_wait;      /* nobody waits to hear it: the last places are for others */
};

/* Borrowed by `done` until it returns. */
struct deezer_call_answer {
	enum err err; /* ERR_NONE: there is an answer, whatever it says; ERR_BUSY: no place
			 in the rate window; ERR_TIMEOUT, ERR_UNREACHABLE, … */
	int status;
	const json_t *root;         /* NULL: no JSON */
	enum deezer_gw_fault fault; /* of the gateway's */
	const char *why;            /* when err is set or the gateway is not well */
};

/* What is given is copied, and wiped at the end. `done` as for all operations: once, and
 * never before this has returned. */
struct deezer_call *deezer_call_start(struct deezer_seat *seat,
	const struct deezer_call_request *request,
	void (*done)(void *arg, const struct deezer_call_answer *answer), void *arg);
/* Silence. */
void deezer_call_cancel(struct deezer_call *call);
/* Overwrites the text and frees it. */
void deezer_wipe_text(struct text *text);
/* What an operation ends with when the gateway says so. */
enum err deezer_err_of_fault(enum deezer_gw_fault fault);

#endif
