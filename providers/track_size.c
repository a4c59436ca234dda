#include "providers/track_size.h"

#include "core/loop.h"

enum { SIZE_MAGIC = 0x54525349 };

struct track_size {
	unsigned magic;
	struct loop *loop;
	struct track_stream *stream;
	struct timer deadline;
	int64_t bytes; /* 0 until known */
	void (*done)(void *arg, enum err err, int64_t bytes);
	void *arg;
};

static void
size_free(void *arg)
{
	struct track_size *size = arg;

	size->magic = 0;
	xfree(size);
}

static void
finish(struct track_size *size, enum err err)
{
	timer_stop(&size->deadline);
	loop_later(size->loop, size_free, size);
	size->done(size->arg, err, err == ERR_NONE ? size->bytes : 0);
}

static void
on_ready(void *arg, const struct track_head *head)
{
	struct track_size *size = CAST(arg, SIZE_MAGIC);

	size->bytes = head->format.size;
}

static void
on_data(void *arg, const void *data, size_t size)
{
	(void)arg;
	(void)data;
	(void)size;
}

static void
on_done(void *arg, const struct track_end *end)
{
	finish(CAST(arg, SIZE_MAGIC), end->err);
}

static void
on_deadline(void *arg)
{
	struct track_size *size = CAST(arg, SIZE_MAGIC);

	track_stream_cancel(size->stream);
	finish(size, ERR_TIMEOUT);
}

struct track_size *
track_size_get(struct track_streams *streams, const struct external_id *id,
	const struct track_listener *listener, int64_t deadline_ms,
	void (*done)(void *arg, enum err err, int64_t bytes), void *arg)
{
	static const struct track_callbacks callbacks = { on_ready, on_data, on_done };
	const struct track_request request = { .id = *id,
		.listener = *listener,
		.qualities = TRACK_ALL_FULL | TRACK_BIT(TRACK_PREVIEW),
		.range = { .last = -1, .head_only = true } };
	struct track_size *size = xcalloc(1, sizeof *size);

	size->magic = SIZE_MAGIC;
	size->loop = track_streams_loop(streams);
	size->done = done;
	size->arg = arg;
	timer_init(&size->deadline, size->loop, on_deadline, size);
	timer_start(&size->deadline, deadline_ms);
	size->stream = track_stream_open(streams, &request, &callbacks, size);
	return size;
}

void
track_size_cancel(struct track_size *size)
{
	timer_stop(&size->deadline);
	track_stream_cancel(size->stream);
	loop_later(size->loop, size_free, size);
}
