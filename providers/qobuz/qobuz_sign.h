/* Qobuz sign: the signature of the calls that Qobuz wants signed (getFileUrl, lyricsUrl).
 *
 * MD5 of the method without its slash, each parameter's name and value in the order of the
 * names, the time, and the app's secret (vectors: data/vectors/qobuz_sig.json). Pure; any
 * thread.
 */
#ifndef PROVIDERS_QOBUZ_QOBUZ_SIGN_H
#define PROVIDERS_QOBUZ_QOBUZ_SIGN_H

#include <stddef.h>

struct qobuz_parameter {
	const char *name;
	const char *value;
};

enum { QOBUZ_SIGNATURE = 33, QOBUZ_MAX_PARAMETERS = 8 };

/* `method` is "track/getFileUrl"; at most QOBUZ_MAX_PARAMETERS. `time` is sent as the very
 * text that is signed. Who is asking (app_id, user_auth_token) and what signs (request_ts,
 * request_sig) is left out when it is among the parameters. Leaves nothing of the secret
 * behind. */
void qobuz_sign(char signature[QOBUZ_SIGNATURE], const char *method,
	const struct qobuz_parameter *parameters, size_t count, const char *time,
	const char *secret);

#endif
