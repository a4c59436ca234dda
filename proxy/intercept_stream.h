/* Streams of external songs: HEAD and GET with ranges, honest about what they are. */
#ifndef PROXY_INTERCEPT_STREAM_H
#define PROXY_INTERCEPT_STREAM_H

#include "proxy/router.h"

/* /Audio/{id}/universal, stream, stream.{ext}; /Videos/{id}/stream; /Items/{id}/File */
bool intercept_stream(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match);
/* /Items/{id}/Download: needs EnableContentDownloading. */
bool intercept_download(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match);

#endif
