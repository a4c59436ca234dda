/* Artwork: the pictures of external things, from their providers' CDNs, kept a while.
 *
 * Kept in memory only, 32 MB and 24 h at most: a client keeps a picture for a year, so what
 * comes twice here is asked for by another client or the dashboard within minutes. That a
 * CDN has no such picture is kept for 5 minutes. One fetch of a picture is under way at a
 * time in the whole process, 128 of all. Only what is a picture by its content type passes:
 * no page of a captive portal, no SVG (it could carry scripts).
 *
 * Shared between workers behind locks of its own; a seat on every worker's loop.
 */
#ifndef PROVIDERS_ARTWORK_H
#define PROVIDERS_ARTWORK_H

#include <stdatomic.h>

#include "core/error.h"
#include "core/http_client.h"
#include "core/loop.h"
#include "providers/flights.h"

struct artwork;
struct artwork_seat;

/* Immutable, shared by reference count. */
struct picture {
	atomic_int references;
	char type[32];     /* "image/jpeg" */
	char modified[40]; /* Last-Modified: as the CDN says it, else when it came */
	size_t size;
	unsigned char data[];
};

struct picture *picture_ref(struct picture *picture);
/* Accepts NULL. */
void picture_unref(struct picture *picture);

struct artwork *artwork_new(void);
/* After every seat. Accepts NULL. */
void artwork_free(struct artwork *artwork);
/* `loop` and `client` are borrowed and outlive it. */
struct artwork_seat *artwork_seat_new(
	struct artwork *artwork, struct loop *loop, struct http_client *client);
/* On its loop. Its fetches end; whoever waits for them elsewhere gets ERR_BUSY. Accepts
 * NULL. */
void artwork_seat_free(struct artwork_seat *seat);

/* What is kept: ERR_NONE with a new reference, ERR_NOT_FOUND; false: ask. Any thread. */
MUST_CHECK bool artwork_peek(
	struct artwork *artwork, const char *url, enum err *err, struct picture **picture);
/* `done` fires once, in a later turn: ERR_NONE with a struct picture borrowed until it
 * returns; ERR_NOT_FOUND; ERR_PROTOCOL (no picture came), ERR_BUSY, ERR_TIMEOUT,
 * ERR_UNREACHABLE, ERR_TOO_LARGE (above 8 MB). flight_leave for silence. */
struct flight_wait *artwork_get(struct artwork_seat *seat, const char *url,
	void (*done)(void *arg, enum err err, void *picture), void *arg);
/* May somebody unknown make us ask a provider what the picture of an id is? Returns when
 * (clock_now_ms), a little later when many do, -1: not at all. A provider's rate window
 * must be left to those who are known. Any thread. */
int64_t artwork_book_stranger(struct artwork *artwork, int64_t now_ms);

/* For /sidetrack/api/providers. Any thread. */
struct artwork_figures {
	size_t pictures, bytes, under_way;
};
struct artwork_figures artwork_figures(struct artwork *artwork);

#endif
