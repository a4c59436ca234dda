/* MP3 files of strangers: what is found lies within them, and pieces that are cut next to
 * each other do not overlap. */
#include "providers/mp3_frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_pieces(const struct mp3_layout *layout, const unsigned char *data, size_t size)
{
	int64_t last = layout->first;

	for (int64_t n = 0; n <= 8; n++) {
		int64_t number = layout->frames * n / 8;
		int64_t place = mp3_layout_place(layout, number);
		if (place < last || place > layout->end)
			__builtin_trap();
		last = place;
	}
	for (size_t begin = 0; begin < size; begin += size / 3 + 1) {
		size_t from, to, wanted = size / 3 + 1;
		if (!mp3_frames_cut(&from, &to, data + begin, size - begin, wanted, true))
			continue;
		if (from >= to || from >= wanted || to > size - begin)
			__builtin_trap();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 2)
		return 0;
	struct mp3_layout layout;
	int64_t offset = data[0], next = -1;
	int64_t total = offset + (int64_t)size - 2 + data[1] * 1000;

	data += 2;
	size -= 2;
	switch (mp3_layout_read(&layout, &next, data, size, offset, total)) {
	case MP3_LOOK_FOUND:
		if (layout.first < offset || layout.first >= total || layout.frames <= 0)
			__builtin_trap();
		check_pieces(&layout, data, size);
		break;
	case MP3_LOOK_ELSEWHERE:
		if (next <= offset || next >= total)
			__builtin_trap();
		break;
	case MP3_LOOK_NONE:
		break;
	}
	return 0;
}
