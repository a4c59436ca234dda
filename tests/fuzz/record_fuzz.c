/* The JSON of a session's record ("s…"), of a report ("r…") and of capabilities ("c…"). It
 * was sealed by one of us, but perhaps by another version. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "session/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct record_time now = { 10000000, 1700000000000 };

static void
check_report(const struct play_report *report)
{
	assert(strlen(report->item.id) == 0 || strlen(report->item.id) == 32);
	assert(report->received_ms <= now.now_ms);
	assert(report->position_ms >= -1 && report->volume >= -1 && report->volume <= 100);
}

/* What was read once reads the same again. */
static void
check_session(struct slice json)
{
	struct record record, again;
	struct text written = { 0 };

	if (!record_read(&record, json, now))
		return;
	check_report(&record.play.last);
	assert(record.play.state != PLAY_STOPPED && record.play.position_ms >= 0);
	(void)record_goes_on(&record, now.now_ms);
	record_write(&written, &record.play, record.capabilities, now);
	if (!record_read(&again, (struct slice){ written.data, written.size }, now))
		assert(!"a record of our own");
	assert(again.play.updated_ms == record.play.updated_ms);
	assert(strcmp(again.play.last.item.id, record.play.last.item.id) == 0);
	record_fini(&again);
	record_fini(&record);
	text_fini(&written);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct play_report report;
	struct play_session_key key;
	char *capabilities;

	if (size == 0)
		return 0;
	struct slice json = { (const char *)data + 1, size - 1 };
	if (data[0] == 'r' && record_read_report(&report, json, now)) {
		check_report(&report);
		play_report_fini(&report);
	} else if (data[0] == 'c' && record_read_capabilities(&key, &capabilities, json)) {
		xfree(capabilities);
	} else if (data[0] == 's') {
		check_session(json);
	}
	return 0;
}
