/* DeviceProfiles of strangers: what is chosen is among what is offered, and something is
 * chosen exactly when there is a way. */
#include "providers/play_profile.h"

#include "core/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 2)
		return 0;
	track_quality_set offered = data[0] & (TRACK_ALL_FULL | TRACK_BIT(TRACK_PREVIEW));
	json_t *device = json_parse_new(data + 2, size - 2);
	struct play_wish wish = {
		.device = device,
		.max_bitrate = (data[1] & 7) * 100000,
		.max_channels = data[1] >> 3 & 3,
		.no_direct_play = (data[1] & 32) != 0,
		.no_transcoding = (data[1] & 64) != 0,
	};
	struct play_choice choice = play_profile_choose(&wish, offered, NULL);

	if ((choice.qualities & ~offered) != 0 ||
		(choice.way == PLAY_NOT) != (choice.qualities == 0))
		__builtin_trap();
	if (choice.way != PLAY_DIRECT && (choice.qualities & ~PLAY_MP3_FORMS) != 0)
		__builtin_trap();
	json_decref(device);
	return 0;
}
