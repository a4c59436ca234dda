/* Qobuz API: which method answers a question of the catalogue, with which parameters, and
 * the addresses that come of it. Pure; any thread.
 */
#ifndef PROVIDERS_QOBUZ_QOBUZ_API_H
#define PROVIDERS_QOBUZ_QOBUZ_API_H

#include "providers/catalog_query.h"
#include "providers/qobuz/qobuz_sign.h"

/* Items of one answer. Qobuz gives 500, but reading so many at once (1 MB) would keep a
 * loop for 20 ms. */
enum { QOBUZ_MAX_PAGE = 200 };

enum { QOBUZ_VALUE = 24 };

/* A call: its method and parameters, encoded when it becomes an address. */
struct qobuz_question {
	const char *method; /* "track/search" */
	struct qobuz_parameter parameters[QOBUZ_MAX_PARAMETERS];
	size_t count;
	char values[QOBUZ_MAX_PARAMETERS][QOBUZ_VALUE]; /* what numbers are written in */
};

/* What asks for `limit` items of the answer from `offset` on; false when Qobuz has no
 * answer to that. Points into itself and into `query`: it is not to be moved, and lives as
 * long. */
MUST_CHECK bool qobuz_api_ask(struct qobuz_question *question,
	const struct catalog_query *query, int64_t offset, int64_t limit);
/* The same for a search, and for all kinds at once. */
void qobuz_api_search_all(struct qobuz_question *question,
	const struct catalog_query *query, int64_t offset, int64_t limit);
/* What its answer is about. */
enum media_kind qobuz_api_kind(const struct catalog_query *query);
/* How many items of it are wanted, all pages together. */
int64_t qobuz_api_most(const struct catalog_query *query);
/* Where the bytes of a song are, in Qobuz's number of a format (5, 6, 7, 27). Signed. */
void qobuz_api_file(
	struct qobuz_question *question, const struct external_id *song, int format);
/* Where the words of a song are. Signed. */
void qobuz_api_lyrics(struct qobuz_question *question, const struct external_id *song);

/* Adds the address; `base` is without a trailing slash or with one. `time` and `signature`
 * are NULL for what is not signed. */
void qobuz_api_url(struct text *url, const char *base,
	const struct qobuz_question *question, const char *time, const char *signature);

#endif
