/* The body of a playback report as any client may send it. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "tracker/report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
resolve(void *arg, const char *text, char id[33], bool *external)
{
	(void)arg;
	*external = true;
	return play_item_id_normal(id, text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct report_ids ids = { resolve, NULL };
	struct play_report report;

	if (!report_parse(&report, REPORT_PROGRESS, data, size, &ids))
		return 0;
	assert(strlen(report.item.id) == 0 || strlen(report.item.id) == 32);
	assert(report.position_ms >= -1);
	assert(report.volume >= -1 && report.volume <= 100);
	play_report_fini(&report);
	return 0;
}
