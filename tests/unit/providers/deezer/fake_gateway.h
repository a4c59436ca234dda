/* Fake gateway: Deezer's gateway and media service beside the fake catalogue, over real
 * HTTP on the loop of the test.
 *
 * Songs have FLAC (300 bytes), MP3 320 (200) and MP3 128 (100), and a preview. Ids with a
 * meaning: 404 is none; 500 has no rights and a fallback, 1500; 600 looks well and is
 * refused at the media service, its fallback, 1600, is not; 700 is refused and has none;
 * 800 has MP3 128 only; 850 has no file; -9 is an upload.
 */
#ifndef TESTS_UNIT_PROVIDERS_DEEZER_FAKE_GATEWAY_H
#define TESTS_UNIT_PROVIDERS_DEEZER_FAKE_GATEWAY_H

#include "core/json.h"
#include "tests/unit/providers/fake_deezer.h"

#define FAKE_ARL    "0123456789abcdef0123456789abcdef"
#define FAKE_SECRET "fedcba9876543210"

struct fake_gateway {
	struct fake fake;
	int pings, users, songs, lyrics, media; /* calls */
	int token;      /* of the present session; older ones are stale */
	int sid;        /* the same for what a ping gives */
	bool anonymous; /* the ARL is no good */
	bool has_320, has_flac;
	int64_t licence_ms;  /* from now, when it ends */
	int64_t token_ms;    /* the same for tokens of songs */
	const char *refused; /* a format that the licence does not cover */
	const char *missing; /* a format that the media service has not */
	/* What the next `wrong_times` calls of that method, or "get_url", are answered. */
	const char *wrong_method, *wrong_body;
	int wrong_status, wrong_times;
	char last_media[1000];
	char last_cookie[400];
	int files;          /* beginnings of files that were asked for */
	bool noise;         /* they are not what the secret makes music of */
	bool first_is_away; /* /a/ answers 503 */
	/* Answers nothing until gateway_release. */
	bool hold;
	struct evhttp_request *held;
};

static inline void
gateway_read_body(struct evhttp_request *request, char *to, size_t size)
{
	struct evbuffer *input = evhttp_request_get_input_buffer(request);
	ssize_t got = evbuffer_copyout(input, to, size - 1);

	to[got > 0 ? got : 0] = '\0';
}

static inline void
gateway_user(struct fake_gateway *gateway, struct evhttp_request *request)
{
	char body[600];

	gateway->users++;
	gateway->token++;
	snprintf(body, sizeof body,
		"{\"error\":[],\"results\":{\"USER\":{\"USER_ID\":%d,\"OPTIONS\":{"
		"\"license_token\":\"L%d\",\"web_hq\":%s,\"web_lossless\":%s,"
		"\"expiration_timestamp\":%lld}},\"checkForm\":\"C%d\"}}",
		gateway->anonymous ? 0 : 7, gateway->token,
		gateway->has_320 ? "true" : "false", gateway->has_flac ? "true" : "false",
		(long long)(clock_wall_ms() + gateway->licence_ms) / 1000, gateway->token);
	fake_reply(request, 200, body);
}

static inline void
gateway_file(
	struct text *to, const struct fake_gateway *gateway, int id, const char *rights)
{
	bool low = id == 800, none = id == 850 || id < 0;

	text_addf(to,
		"\"SNG_ID\":\"%d\",\"TRACK_TOKEN\":\"T%d\",\"TRACK_TOKEN_EXPIRE\":%lld,"
		"\"DURATION\":\"200\",\"FILESIZE_FLAC\":\"%d\",\"FILESIZE_MP3_320\":\"%d\","
		"\"FILESIZE_MP3_128\":\"%d\",\"FILESIZE_MP3_MISC\":\"%d\",\"RIGHTS\":%s",
		id, id, (long long)(clock_wall_ms() + gateway->token_ms) / 1000,
		low || none ? 0 : 300, low || none ? 0 : 200, none ? 0 : 100,
		id < 0 ? 50 : 0, rights);
}

static inline void
gateway_song(struct fake_gateway *gateway, struct evhttp_request *request)
{
	char body[200];
	struct text text;
	int id = 0;

	gateway->songs++;
	gateway_read_body(request, body, sizeof body);
	assert_int_equal(sscanf(body, "{\"sng_ids\":[\"%d\"]}", &id), 1);
	if (id == 404) {
		fake_reply(request, 200, "{\"error\":{\"DATA_ERROR\":\"No data\"}}");
		return;
	}
	text_init(&text);
	text_add(&text, "{\"error\":[],\"results\":{\"data\":[{");
	gateway_file(&text, gateway, id, id == 500 ? "[]" : "{\"STREAM\":true}");
	if (id == 500 || id == 600) {
		text_add(&text, ",\"FALLBACK\":{");
		gateway_file(&text, gateway, 1000 + id, "{\"STREAM\":true}");
		text_add_char(&text, '}');
	}
	text_add(&text, "}]}}");
	fake_reply(request, 200, text.data);
	text_fini(&text);
}

static inline void
gateway_media(struct fake_gateway *gateway, struct evhttp_request *request)
{
	static const char *const formats[] = { "FLAC", "MP3_320", "MP3_128", "MP3_MISC" };
	const char *body = gateway->last_media, *url = gateway->fake.url;
	char answer[500];

	gateway->media++;
	if (strstr(body, "\"T600\"") != NULL || strstr(body, "\"T700\"") != NULL) {
		fake_reply(request, 200, "{\"data\":[{\"errors\":[{\"code\":2002}]}]}");
		return;
	}
	for (size_t i = 0; i < COUNT_OF(formats); i++) {
		const char *format = formats[i];
		if (strstr(body, format) == NULL)
			continue;
		snprintf(answer, sizeof answer,
			"{\"data\":[{\"media\":[{\"format\":\"%s\",\"exp\":%lld,\"cipher\":"
			"{\"type\":\"BF_CBC_STRIPE\"},\"sources\":[{\"url\":\"%s/a/%s\"},"
			"{\"url\":\"%s/b/%s\"}]}]}]}",
			format, (long long)clock_wall_ms() / 1000 + 72000, url, format, url,
			format);
		if (gateway->refused != NULL && strcmp(gateway->refused, format) == 0)
			fake_reply(request, 200, "{\"errors\":[{\"code\":1002}]}");
		else if (gateway->missing != NULL && strcmp(gateway->missing, format) == 0)
			fake_reply(request, 200, "{\"data\":[{\"media\":[]}]}");
		else
			fake_reply(request, 200, answer);
		return;
	}
	fake_reply(request, 400, "");
}

/* What the gateway says of the session that the call comes with; NULL: it is well. */
static inline const char *
gateway_complaint(struct fake_gateway *gateway, const char *target)
{
	char sid[40], token[40];

	snprintf(sid, sizeof sid, "sid=fr%d", gateway->sid);
	snprintf(token, sizeof token, "&api_token=C%d", gateway->token);
	if (strstr(gateway->last_cookie, sid) == NULL)
		return "{\"error\":{\"NEED_USER_AUTH_REQUIRED\":\"x\"},\"results\":{}}";
	if (strstr(target, token) == NULL)
		return "{\"error\":{\"VALID_TOKEN_REQUIRED\":\"x\"},\"results\":{}}";
	return NULL;
}

static inline bool
gateway_asked(struct fake_gateway *gateway, struct evhttp_request *request,
	const char *target, const char *method)
{
	char body[200];

	if (strstr(target, method) == NULL)
		return false;
	if (gateway->wrong_times > 0 && strcmp(gateway->wrong_method, method) == 0) {
		gateway->wrong_times--;
		fake_reply(request, gateway->wrong_status, gateway->wrong_body);
		return false;
	}
	if (strstr(method, "song.") != NULL && gateway_complaint(gateway, target) != NULL) {
		snprintf(body, sizeof body, "%s", gateway_complaint(gateway, target));
		fake_reply(request, 200, body);
		return false;
	}
	return true;
}

static inline void
gateway_call(
	struct fake_gateway *gateway, struct evhttp_request *request, const char *target)
{
	char body[100];

	if (gateway_asked(gateway, request, target, "deezer.ping")) {
		gateway->pings++;
		gateway->sid++;
		snprintf(body, sizeof body,
			"{\"error\":[],\"results\":{\"SESSION\":\"fr%d\"}}", gateway->sid);
		fake_reply(request, 200, body);
	} else if (gateway_asked(gateway, request, target, "deezer.getUserData")) {
		gateway_user(gateway, request);
	} else if (gateway_asked(gateway, request, target, "song.getListData")) {
		gateway_song(gateway, request);
	} else if (gateway_asked(gateway, request, target, "song.getLyrics")) {
		gateway->lyrics++;
		fake_reply(request, 200,
			"{\"error\":[],\"results\":{\"LYRICS_TEXT\":\"one\\ntwo\"}}");
	}
}

/* Songs here are shorter than a block, and so not ciphered. */
static inline void
gateway_file_bytes(
	struct fake_gateway *gateway, struct evhttp_request *request, const char *target)
{
	gateway->files++;
	if (gateway->first_is_away && target[1] == 'a')
		fake_reply(request, 503, "");
	else
		fake_reply(request, 206,
			gateway->noise ? "noise noise noise noise"
				       : "fLaC and what follows it");
}

static inline bool
gateway_answer(struct fake *fake, struct evhttp_request *request, const char *target)
{
	struct fake_gateway *gateway = fake->other_arg;
	const char *cookie =
		evhttp_find_header(evhttp_request_get_input_headers(request), "Cookie");
	bool is_media = strcmp(target, "/v1/get_url") == 0;

	if (strncmp(target, "/a/", 3) == 0 || strncmp(target, "/b/", 3) == 0) {
		gateway_file_bytes(gateway, request, target);
		return true;
	}
	if (!is_media && strstr(target, "gw-light.php") == NULL)
		return false;
	if (is_media)
		gateway_read_body(request, gateway->last_media, sizeof gateway->last_media);
	else
		snprintf(gateway->last_cookie, sizeof gateway->last_cookie, "%s",
			cookie != NULL ? cookie : "");
	if (gateway->hold) {
		gateway->hold = false;
		gateway->held = request;
	} else if (!is_media) {
		gateway_call(gateway, request, target);
	} else if (gateway_asked(gateway, request, target, "get_url")) {
		gateway_media(gateway, request);
	}
	return true;
}

static inline void
gateway_release(struct fake_gateway *gateway)
{
	struct evhttp_request *request = gateway->held;

	gateway->held = NULL;
	gateway_answer(&gateway->fake, request, evhttp_request_get_uri(request));
}

static inline void
gateway_open(struct fake_gateway *gateway, struct loop *loop)
{
	*gateway = (struct fake_gateway){ .has_320 = true,
		.has_flac = true,
		.licence_ms = 14ll * 24 * 3600 * 1000,
		.token_ms = 24ll * 3600 * 1000,
		.wrong_status = 200 };
	fake_open(&gateway->fake, loop);
	evhttp_set_allowed_methods(
		gateway->fake.http, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD | EVHTTP_REQ_POST);
	gateway->fake.other = gateway_answer;
	gateway->fake.other_arg = gateway;
}

#endif
