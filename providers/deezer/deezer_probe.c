#include "providers/deezer/deezer_probe.h"

#include <string.h>

#include "core/clock.h"
#include "providers/deezer/deezer_stripe.h"

enum {
	PROBE_MAGIC = 0x44505242,
	CALL_MS = 5 * 1000, /* of one address */
	CONNECT_MS = 3 * 1000,
	LEAST = 16, /* bytes that a check takes */
};

struct deezer_probe {
	unsigned magic;
	struct deezer_seat *seat;
	const struct track_source *source;
	size_t next; /* address */
	int64_t end_ms;
	unsigned char block[DEEZER_STRIPE_BLOCK];
	size_t size; /* of it, so far */
	struct http_call *call;
	void (*done)(void *arg, enum err err);
	void *arg;
};

static void
probe_free(void *arg)
{
	struct deezer_probe *probe = arg;

	probe->magic = 0;
	xfree(probe);
}

static void
finish(struct deezer_probe *probe, enum err err)
{
	probe->done(probe->arg, err);
	loop_later(probe->seat->source.loop, probe_free, probe);
}

static bool
on_head(void *arg, const struct http_answer *answer)
{
	(void)arg;
	return answer->status == 200 || answer->status == 206;
}

static bool
on_data(void *arg, const void *data, size_t size)
{
	struct deezer_probe *probe = CAST(arg, PROBE_MAGIC);
	size_t room = sizeof probe->block - probe->size;
	size_t taken = size < room ? size : room;

	memcpy(probe->block + probe->size, data, taken);
	probe->size += taken;
	return probe->size < sizeof probe->block;
}

static void try_next(struct deezer_probe *probe);

static void
on_done(void *arg, const struct http_answer *answer)
{
	struct deezer_probe *probe = CAST(arg, PROBE_MAGIC);
	const struct track_filter *filter = probe->source->filter;
	/* A track that is shorter than a block is not ciphered. */
	bool whole = probe->size == sizeof probe->block ||
		     (answer->err == ERR_NONE && probe->size >= LEAST);

	probe->call = NULL;
	if (whole) {
		filter->apply(filter, 0, probe->block, probe->size);
		finish(probe, filter->check(filter, probe->block, probe->size));
	} else if (probe->next < probe->source->url_count &&
		   clock_now_ms() < probe->end_ms) {
		try_next(probe);
	} else {
		finish(probe, answer->err == ERR_TIMEOUT ? ERR_TIMEOUT : ERR_UNREACHABLE);
	}
}

static void
try_next(struct deezer_probe *probe)
{
	static const char *const headers[] = { "Range: bytes=0-2047", NULL };
	int64_t left_ms = probe->end_ms - clock_now_ms();
	const struct http_call_request request = {
		.url = probe->source->urls[probe->next++],
		.headers = headers,
		.timeout_ms = left_ms < 1         ? 1
			      : left_ms < CALL_MS ? left_ms
						  : CALL_MS,
		.connect_timeout_ms = CONNECT_MS,
		.on_head = on_head,
		.on_data = on_data
	};

	probe->size = 0;
	probe->call =
		http_client_start(probe->seat->source.client, &request, on_done, probe);
}

struct deezer_probe *
deezer_probe_start(struct deezer_seat *seat, const struct track_source *source,
	int64_t end_ms, void (*done)(void *arg, enum err err), void *arg)
{
	struct deezer_probe *probe = xcalloc(1, sizeof *probe);

	probe->magic = PROBE_MAGIC;
	probe->seat = seat;
	probe->source = source;
	probe->end_ms = end_ms;
	probe->done = done;
	probe->arg = arg;
	try_next(probe);
	return probe;
}

void
deezer_probe_cancel(struct deezer_probe *probe)
{
	http_call_cancel(probe->call);
	loop_later(probe->seat->source.loop, probe_free, probe);
}
