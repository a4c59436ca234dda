/* Route class: what kind of request a path is, for metrics and the access log: few enough
 * to be labels, coarse enough to last. Pure; any thread.
 *
 * Looks at the path as it was sent, letters in either case; an escaped one ("/It%65ms")
 * counts as `other`.
 */
#ifndef PROXY_ROUTE_CLASS_H
#define PROXY_ROUTE_CLASS_H

#include "core/text.h"

#define ROUTE_CLASSES(X)                                                                   \
	X(ITEM, "item")         /* one thing, and what a user does with it */              \
	X(LIST, "list")         /* many: libraries, searches, suggestions */               \
	X(IMAGE, "image")       /* pictures, trickplay tiles too */                        \
	X(AUDIO, "audio")       /* streams */                                              \
	X(VIDEO, "video")       /* streams, live television too */                         \
	X(HLS, "hls")           /* playlists and their segments */                         \
	X(SUBTITLE, "subtitle") /* lyrics, fonts and attachments too */                    \
	X(DOWNLOAD, "download") /* whole files, and the bit rate test */                   \
	X(REPORT, "report")     /* what somebody plays */                                  \
	X(SESSION, "session")   /* sessions, remote control, SyncPlay */                   \
	X(SOCKET, "socket")     /* WebSockets */                                           \
	X(USER, "user")         /* logins, users and their preferences */                  \
	X(SYSTEM, "system")     /* the server and its administration */                    \
	X(WEB, "web")           /* files of the web client */                              \
	X(OWN, "own")           /* our own paths */                                        \
	X(OTHER, "other")

enum route_class {
#define ROUTE_CLASS_VALUE(name, label) ROUTE_CLASS_##name,
	ROUTE_CLASSES(ROUTE_CLASS_VALUE)
#undef ROUTE_CLASS_VALUE
		ROUTE_CLASS_COUNT
};

enum route_class route_class_of(struct slice path);
/* "item" */
const char *route_class_name(enum route_class class);

#endif
