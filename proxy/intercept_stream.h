/* Streams of external songs: HEAD and GET with ranges, honest about what they are. */
#ifndef PROXY_INTERCEPT_STREAM_H
#define PROXY_INTERCEPT_STREAM_H

#include "proxy/router.h"

/* /Audio/{id}/stream, /Videos/{id}/stream */
bool intercept_stream(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match);
/* The same with an extension: stream.{ext} */
bool intercept_stream_as(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match);
/* /Audio/{id}/universal */
bool intercept_universal(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match);
/* /Items/{id}/File */
bool intercept_file(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match);
/* /Items/{id}/Download: needs EnableContentDownloading. */
bool intercept_download(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match);

#endif
