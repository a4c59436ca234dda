/* libcurl's multi interface on a loop: its sockets as events, its timer as ours.
 *
 * Belongs to the loop's thread. libcurl forbids adding and removing handles from within its
 * own callbacks: who uses curl_loop_multi for that does it from loop_later.
 */
#ifndef CORE_CURL_LOOP_H
#define CORE_CURL_LOOP_H

#include <curl/curl.h>
#include <stdbool.h>

struct curl_loop;
struct loop;

/* `on_done` tells that a transfer is over; outside of libcurl, the handle still attached.
 * It must not free the curl_loop. At most `connections` are open at once, the transfers
 * beyond wait for their turn. */
struct curl_loop *curl_loop_new(struct loop *loop, long connections,
	void (*on_done)(void *arg, CURL *easy, CURLcode code), void *arg);
/* Every handle has been removed. Accepts NULL. */
void curl_loop_free(struct curl_loop *curl);
CURLM *curl_loop_multi(struct curl_loop *curl);
/* Whether a callback of libcurl may be on the call stack. */
bool curl_loop_is_inside(const struct curl_loop *curl);
/* Gives what was held back to the write callback at once; its failure is returned and the
 * transfer does not go on by itself. Not from within a callback of libcurl. */
CURLcode curl_loop_unpause(struct curl_loop *curl, CURL *easy);

#endif
