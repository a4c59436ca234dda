/* Qobuz: the provider "qobuz" (providers/provider.h).
 *
 * Its catalogue wants an app id, and mostly somebody's token; songs want the app's secret
 * and the listener's account too. Qobuz may refuse songs to an app for good: then the
 * provider has metadata only, its status says why, and it tries again after hours. The
 * shared part owns the address, the rate window (60 calls per rolling minute, of which
 * searches may use 45), the breaker and the accounts; a seat asks with its loop's client.
 *
 *   qobuz_fetch   questions of the catalogue    qobuz_open    open and formats
 *   qobuz_search  several kinds of one search   qobuz_words   lyrics
 *   qobuz_call    one call of any of them
 */
#ifndef PROVIDERS_QOBUZ_QOBUZ_H
#define PROVIDERS_QOBUZ_QOBUZ_H

#include "providers/provider.h"
#include "providers/qobuz/qobuz_account.h"

struct qobuz_options {
	const char *url; /* "https://www.qobuz.com/api.json/0.2" */
	struct qobuz_credentials credentials;
};

/* Everything is copied. */
struct provider qobuz_new(const struct qobuz_options *options);

#endif
