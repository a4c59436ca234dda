/* Deezer: the provider "deezer" (providers/provider.h).
 *
 * Its public catalogue and half-minute previews need no account. Full tracks come through
 * the account of the listener or of the household, which the administrator sets. The shared
 * part owns the addresses, the rate windows (40 calls per rolling 5 s each, of which
 * searches may use 30), the breaker and the accounts; a seat asks with its loop's HTTP
 * client.
 *
 *   deezer_fetch   questions of the catalogue
 *   deezer_track   open and formats: deezer_full, else deezer_preview
 *   deezer_full    get_url of the media service, with what deezer_ask is told
 *   deezer_ask     a question to the gateway; its session by deezer_login, deezer_session
 *   deezer_call    one call; deezer_gw says what it means
 *   deezer_stripe  the cipher of what comes; deezer_probe tries its secret
 *   deezer_words   lyrics
 */
#ifndef PROVIDERS_DEEZER_DEEZER_H
#define PROVIDERS_DEEZER_DEEZER_H

#include "providers/deezer/deezer_account.h"
#include "providers/provider.h"

struct deezer_options {
	const char *url;         /* "https://api.deezer.com"; copied */
	const char *gateway_url; /* copied; without accounts they may be NULL */
	const char *media_url;
	struct deezer_accounts_options accounts;
};

struct provider deezer_new(const struct deezer_options *options);

#endif
