/* Qobuz parts: what the provider "qobuz" consists of; for the files of this folder.
 *
 * The shared part is any thread's, behind the locks of what it holds; a seat belongs to its
 * loop.
 */
#ifndef PROVIDERS_QOBUZ_QOBUZ_PARTS_H
#define PROVIDERS_QOBUZ_QOBUZ_PARTS_H

#include "providers/breaker.h"
#include "providers/qobuz/qobuz_account.h"
#include "providers/rate_window.h"

struct qobuz_files;
struct qobuz_search;

/* The shared part. */
struct qobuz {
	char *url;
	struct rate_window *window;
	struct breaker breaker;
	struct qobuz_accounts *accounts;
	struct qobuz_files *files;
};

struct qobuz_seat {
	struct qobuz *qobuz;
	struct loop *loop;
	struct http_client *client;
	struct qobuz_search *searches; /* under way */
};

#endif
