/* Health check: `sidetrack --healthcheck`, for containers that have no other client.
 * Blocking; its own short-lived process.
 */
#ifndef API_HEALTH_CHECK_H
#define API_HEALTH_CHECK_H

/* Asks the instance that listens where SIDETRACK_LISTEN says for /sidetrack/health/live.
 * Returns the exit status: 0 when it answered 200 within 3 s. */
int health_check_run(const char *listen);

#endif
