#include "session/item_names.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void
an_item_is_read_as_far_as_it_says(void **state)
{
	static const struct {
		const char *body;
		bool good;
		const char *name, *type, *album, *artist;
		int64_t runtime_ms;
	} rows[] = {
		{ "{\"Name\":\"Noon\",\"Type\":\"Audio\",\"Album\":\"First Light\","
		  "\"Artists\":[\"Alpha Band\",\"Guest\"],\"RunTimeTicks\":600000000}",
			true, "Noon", "Audio", "First Light", "Alpha Band", 60000 },
		{ "{\"Name\":\"Pilot\",\"Type\":\"Episode\",\"SeriesName\":\"A Series\"}",
			true, "Pilot", "Episode", "A Series", "", 0 },
		{ "{\"Name\":\"X\",\"Artists\":[],\"AlbumArtist\":\"Y\"}", true, "X", "",
			"", "Y", 0 },
		{ "{\"Name\":\"\"}", false, "", "", "", "", 0 },
		{ "{\"Name\":7}", false, "", "", "", "", 0 },
		{ "[]", false, "", "", "", "", 0 },
		{ "", false, "", "", "", "", 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct play_item item;
		assert_int_equal(
			item_names_parse(&item, rows[i].body, strlen(rows[i].body)),
			rows[i].good);
		if (!rows[i].good)
			continue;
		assert_string_equal(item.name, rows[i].name);
		assert_string_equal(item.type, rows[i].type);
		assert_string_equal(item.album, rows[i].album);
		assert_string_equal(item.artist, rows[i].artist);
		assert_int_equal(item.runtime_ms, rows[i].runtime_ms);
	}
}

/* The transport: remembers the question, answers when the test says. */
struct fake {
	int asked;
	int cancelled;
	char url[256];
	char authorization[512];
	void (*done)(void *arg, struct errand_result *result);
	void *done_arg;
};

static struct fake *cancelled_fake;

static struct errand *
fake_start(void *arg, struct loop *from, const struct errand_request *request,
	void (*done)(void *arg, struct errand_result *result), void *done_arg)
{
	struct fake *fake = arg;

	(void)from;
	fake->asked++;
	fake->done = done;
	fake->done_arg = done_arg;
	copy_text(fake->url, sizeof fake->url, request->url);
	copy_text(fake->authorization, sizeof fake->authorization, request->headers[0]);
	return (struct errand *)(void *)fake;
}

static void
fake_cancel(struct errand *errand)
{
	cancelled_fake = (struct fake *)(void *)errand;
	cancelled_fake->cancelled++;
}

static void
report(struct tracker *tracker, bool external)
{
	struct play_report start = { .kind = REPORT_START,
		.source = external ? REPORT_EXTERNAL : REPORT_NATIVE,
		.received_ms = 1000,
		.position_ms = 0,
		.volume = -1 };

	play_session_key_set(&start.key, "Finamp", external ? "d2" : "d1",
		"465b8b78160547caa08382ac0958d34a");
	copy_text(start.token, sizeof start.token, "client-token");
	copy_text(start.item.id, sizeof start.item.id, "832e25879a396454558606107194281a");
	start.item.external = external;
	tracker_report(tracker, &start);
}

static void
a_native_play_gets_its_name_asked_with_the_clients_own_token(void **state)
{
	struct fake fake = { 0 };
	struct loop *loop = loop_new("test");
	struct tracker *tracker = tracker_new(loop);
	struct base_url base = { .authority = "jf:8096", .base = "/jf" };
	struct item_names *names = item_names_new(loop, &base,
		(struct jellyfin_transport){ fake_start, fake_cancel, &fake }, tracker);
	struct play_item named = { .name = "Noon", .runtime_ms = 60000 };

	(void)state;
	report(tracker, true);
	assert_int_equal(fake.asked, 0);
	report(tracker, false);
	assert_int_equal(fake.asked, 1);
	assert_string_equal(fake.url,
		"http://jf:8096/jf/Items/832e25879a396454558606107194281a"
		"?userId=465b8b78160547caa08382ac0958d34a");
	assert_non_null(strstr(fake.authorization, "Token=\"client-token\""));
	struct errand_result result = { .status = 200, .parsed = &named };
	fake.done(fake.done_arg, &result);
	const struct play *play = tracker_find(tracker, 2);
	assert_non_null(play);
	assert_string_equal(play->last.item.name, "Noon");
	assert_int_equal(play->last.item.runtime_ms, 60000);
	assert_int_equal(fake.cancelled, 0);
	item_names_free(names);
	tracker_free(tracker);
	loop_free(loop);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_item_is_read_as_far_as_it_says),
		cmocka_unit_test(
			a_native_play_gets_its_name_asked_with_the_clients_own_token),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
