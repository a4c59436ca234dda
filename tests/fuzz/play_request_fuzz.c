/* Queries of strangers on every route to a song's bytes: what may come is among what is
 * offered. */
#include "providers/play_request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 2)
		return 0;
	track_quality_set offered = data[0] & (TRACK_ALL_FULL | TRACK_BIT(TRACK_PREVIEW));
	struct arena *arena = arena_new();
	struct slice text = { (const char *)data + 2, size - 2 };
	struct query query = query_parse(arena, text);
	struct play_request request = {
		.route = (enum play_route)(data[1] & 3),
		.song = "657874011100000000000000002fd844",
		.extension = (data[1] & 4) != 0 ? arena_slice_dup(arena, text) : NULL,
		.query = &query,
	};
	struct play_choice choice = play_request_choose(&request, arena, offered);

	if ((choice.qualities & ~offered) != 0 ||
		(choice.way == PLAY_NOT) != (choice.qualities == 0))
		__builtin_trap();
	if (request.route == PLAY_ROUTE_FILE && choice.qualities != offered)
		__builtin_trap();
	arena_free(arena);
	return 0;
}
