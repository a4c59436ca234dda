#include "providers/track_piece.h"

#include "core/loop.h"

enum { PIECE_MAGIC = 0x54525049 };

struct track_piece {
	unsigned magic;
	struct loop *loop;
	struct track_stream *stream;
	struct timer deadline;
	struct text bytes;
	size_t most;
	int64_t total;
	enum track_quality quality;
	enum err err; /* of what was seen so far */
	void (*done)(void *arg, enum err err, const struct track_piece_bytes *bytes);
	void *arg;
};

static void
piece_free(void *arg)
{
	struct track_piece *piece = arg;

	text_fini(&piece->bytes);
	piece->magic = 0;
	xfree(piece);
}

static void
finish(struct track_piece *piece, enum err err)
{
	const struct track_piece_bytes bytes = {
		.data = (const unsigned char *)text_get(&piece->bytes),
		.size = piece->bytes.size,
		.total = piece->total,
		.quality = piece->quality,
	};

	timer_stop(&piece->deadline);
	loop_later(piece->loop, piece_free, piece);
	piece->done(piece->arg, err, err == ERR_NONE ? &bytes : NULL);
}

static void
on_ready(void *arg, const struct track_head *head)
{
	struct track_piece *piece = CAST(arg, PIECE_MAGIC);

	piece->total = head->format.size;
	piece->quality = head->format.quality;
	if (!head->satisfiable)
		piece->err = ERR_NOT_FOUND;
}

static void
on_data(void *arg, const void *data, size_t size)
{
	struct track_piece *piece = CAST(arg, PIECE_MAGIC);

	if (piece->bytes.size + size > piece->most) {
		track_stream_cancel(piece->stream);
		finish(piece, ERR_PROTOCOL);
		return;
	}
	text_add_bytes(&piece->bytes, data, size);
}

static void
on_done(void *arg, const struct track_end *end)
{
	struct track_piece *piece = CAST(arg, PIECE_MAGIC);

	finish(piece, end->err != ERR_NONE ? end->err : piece->err);
}

static void
on_deadline(void *arg)
{
	struct track_piece *piece = CAST(arg, PIECE_MAGIC);

	track_stream_cancel(piece->stream);
	finish(piece, ERR_TIMEOUT);
}

struct track_piece *
track_piece_get(struct track_streams *streams, const struct track_piece_wish *wish,
	int64_t deadline_ms,
	void (*done)(void *arg, enum err err, const struct track_piece_bytes *bytes),
	void *arg)
{
	static const struct track_callbacks callbacks = { on_ready, on_data, on_done };
	const struct track_request request = { .id = wish->id,
		.listener = wish->listener,
		.qualities = wish->qualities,
		.range = { .first = wish->first, .last = wish->last, .asked = true } };
	struct track_piece *piece = xcalloc(1, sizeof *piece);

	piece->magic = PIECE_MAGIC;
	piece->loop = track_streams_loop(streams);
	piece->most = wish->most;
	piece->done = done;
	piece->arg = arg;
	timer_init(&piece->deadline, piece->loop, on_deadline, piece);
	timer_start(&piece->deadline, deadline_ms);
	piece->stream = track_stream_open(streams, &request, &callbacks, piece);
	return piece;
}

void
track_piece_cancel(struct track_piece *piece)
{
	timer_stop(&piece->deadline);
	track_stream_cancel(piece->stream);
	loop_later(piece->loop, piece_free, piece);
}
