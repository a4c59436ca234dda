/* Check: Jellyfin, the data folder, Redis, LRCLIB. */
#include "program/check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/http_client.h"
#include "core/json.h"
#include "core/log.h"
#include "core/redis.h"

#define USER_AGENT "Sidetrack/" PROGRAM_VERSION

enum {
	TURN_MS = 20,
	REDIS_MS = 3000,
	MAX_BODY = 4 << 20,
	LOW_DISK_MB = 512,
	LINE_SIZE = 1024
};

/* ---- what all checks share ---- */

void
check_tell(struct check *check, enum check_finding finding, const char *what,
	const char *format, ...)
{
	static const char *const words[] = { "ok", "off", "problem" };
	char line[LINE_SIZE];
	va_list arguments;

	check->problem = check->problem || finding == CHECK_PROBLEM;
	va_start(arguments, format);
	vsnprintf(line, sizeof line, format, arguments);
	va_end(arguments);
	/* Some of it was said by others: nothing that a terminal would obey. */
	for (char *c = line; *c != '\0'; c++) {
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
	}
	fprintf(stdout, "%-8s %-9s %s\n", words[finding], what, line);
	fflush(stdout);
}

bool
check_wait(const struct check *check, const bool *done, int64_t most_ms)
{
	int64_t end_ms = clock_now_ms() + most_ms;

	while (!*done && clock_now_ms() < end_ms)
		loop_turn(check->loop, TURN_MS);
	return *done;
}

static void
on_answer(void *arg, const struct http_answer *http)
{
	struct check_answer *answer = arg;

	answer->done = true;
	answer->err = http->err;
	answer->status = http->status;
	answer->reason = http->reason != NULL ? http->reason : "";
	text_add_bytes(&answer->body, http->body, http->body_size);
}

void
check_get(struct check *check, struct http_client *client, const char *url,
	const char *const *headers, struct check_answer *answer)
{
	const struct http_call_request request = {
		.url = url,
		.headers = headers,
		.timeout_ms = CHECK_MS / 2,
		.connect_timeout_ms = CHECK_MS / 2,
		.max_body = MAX_BODY,
	};
	int64_t began_ms = clock_now_ms();

	*answer =
		(struct check_answer){ .err = ERR_TIMEOUT, .reason = "no answer in time" };
	struct http_call *call = http_client_start(
		client != NULL ? client : check->client, &request, on_answer, answer);
	if (!check_wait(check, &answer->done, CHECK_MS))
		http_call_cancel(call);
	answer->took_ms = clock_now_ms() - began_ms;
}

/* ---- Jellyfin ---- */

static void
add_base(struct text *url, const struct base_url *server)
{
	text_addf(url, "%s://%s%s", server->tls ? "https" : "http", server->authority,
		server->base);
}

/* Asks what is for the holders of a key only. */
static void
ask_with_key(struct check *check, struct http_client *client, const struct base_url *server,
	const char *key, struct check_answer *answer)
{
	struct text url, header;

	text_init(&url);
	text_init(&header);
	add_base(&url, server);
	text_add(&url, "/System/Info");
	text_addf(&header, "Authorization: MediaBrowser Token=\"%s\"", key);
	const char *const headers[] = { text_get(&header), NULL };
	check_get(check, client, text_get(&url), headers, answer);
	explicit_bzero(header.data, header.size);
	text_fini(&header);
	text_fini(&url);
	text_fini(&answer->body);
}

static void
check_api_key(struct check *check, struct http_client *client)
{
	const char *key = check->program->sessions.jellyfin_api_key;
	struct check_answer answer;

	if (key == NULL) {
		check_tell(check, CHECK_OFF, "api key",
			"none: plays past Sidetrack are not seen. Make one in Jellyfin's "
			"dashboard and set SIDETRACK_JELLYFIN_API_KEY");
		return;
	}
	ask_with_key(check, client, &check->program->jellyfin, key, &answer);
	if (answer.status == 200)
		check_tell(check, CHECK_OK, "api key", "Jellyfin knows it");
	else if (answer.status == 401 || answer.status == 403)
		check_tell(check, CHECK_PROBLEM, "api key",
			"Jellyfin refuses SIDETRACK_JELLYFIN_API_KEY (%d): make a new one "
			"in its dashboard",
			answer.status);
	else
		check_tell(check, CHECK_PROBLEM, "api key",
			"Jellyfin cannot be asked about it (%d %s)", answer.status,
			answer.reason);
}

/* Those that are only watched. */
static void
check_servers(struct check *check, struct http_client *client)
{
	const struct feed_named_list *servers = &check->program->feed_servers;

	for (size_t i = 0; i < servers->count; i++) {
		const struct feed_named *server = &servers->servers[i];
		struct check_answer answer;
		ask_with_key(check, client, &server->base, server->api_key, &answer);
		if (answer.status == 200)
			check_tell(check, CHECK_OK, "server",
				"%s knows its key, in %lld ms", server->name,
				(long long)answer.took_ms);
		else if (answer.err != ERR_NONE)
			check_tell(check, CHECK_PROBLEM, "server",
				"%s does not answer at %s (%s): see SIDETRACK_SERVERS",
				server->name, server->base.authority, answer.reason);
		else
			check_tell(check, CHECK_PROBLEM, "server",
				"%s answers %d: is its apiKey in SIDETRACK_SERVERS right?",
				server->name, answer.status);
	}
}

/* What public information says; false when it is no Jellyfin's. */
static bool
tell_jellyfin(struct check *check, const struct check_answer *answer)
{
	const struct base_url *jellyfin = &check->program->jellyfin;
	json_t *info = json_parse_new(text_get(&answer->body), answer->body.size);
	const char *version = json_text(info, "Version");
	bool good = answer->status == 200 && version != NULL;

	if (good)
		check_tell(check, CHECK_OK, "jellyfin",
			"%s is \"%s\", version %s, in %lld ms", jellyfin->authority,
			json_text_or(info, "ServerName", ""), version,
			(long long)answer->took_ms);
	else if (answer->err != ERR_NONE)
		check_tell(check, CHECK_PROBLEM, "jellyfin",
			"%s does not answer (%s): is it running, and is JELLYFIN_URL "
			"right?",
			jellyfin->authority, answer->reason);
	else
		check_tell(check, CHECK_PROBLEM, "jellyfin",
			"%s answers %d and is no Jellyfin: does JELLYFIN_URL lack a base "
			"path, or lead to a proxy?",
			jellyfin->authority, answer->status);
	json_decref(info);
	return good;
}

static void
check_jellyfin(struct check *check)
{
	const struct program *program = check->program;
	const struct base_url *jellyfin = &program->jellyfin;
	const struct http_client_options options = {
		.user_agent = USER_AGENT,
		.ca_file = program->settings.ca_file,
		.unverified = !program->settings.upstream_tls_verify,
	};
	struct http_client *client = http_client_new(check->loop, &options);
	struct check_answer answer;
	struct text url;

	text_init(&url);
	add_base(&url, jellyfin);
	text_add(&url, "/System/Info/Public");
	check_get(check, client, text_get(&url), NULL, &answer);
	if (tell_jellyfin(check, &answer))
		check_api_key(check, client);
	check_servers(check, client);
	text_fini(&answer.body);
	text_fini(&url);
	http_client_free(client);
}

/* ---- the data folder ---- */

static bool
can_write(const char *folder)
{
	char path[4096];

	snprintf(path, sizeof path, "%s/.check-XXXXXX", folder);
	int fd = mkostemp(path, O_CLOEXEC);
	if (fd < 0)
		return false;
	bool good = write(fd, "x", 1) == 1;
	int failure = errno;
	close(fd);
	unlink(path);
	errno = failure;
	return good;
}

static void
check_data(struct check *check)
{
	const char *folder = check->program->settings.data;
	struct statvfs disk;
	struct stat about;

	if (stat(folder, &about) != 0 && errno == ENOENT) {
		check_tell(check, CHECK_OK, "data",
			"%s is not there yet and will be made at the first start", folder);
		return;
	}
	if (!can_write(folder)) {
		check_tell(check, CHECK_PROBLEM, "data",
			"%s cannot be written to (%s): give it to the user that runs "
			"Sidetrack, or set SIDETRACK_DATA",
			folder, strerror(errno));
		return;
	}
	long long free_mb = statvfs(folder, &disk) == 0
				    ? (long long)(disk.f_bavail * disk.f_frsize >> 20)
				    : 0;
	if (free_mb < LOW_DISK_MB)
		check_tell(check, CHECK_PROBLEM, "data",
			"%s has %lld MB left: make room, the database and the track cache "
			"live there",
			folder, free_mb);
	else
		check_tell(check, CHECK_OK, "data",
			"%s can be written to, %lld MB are free", folder, free_mb);
}

/* ---- Redis ---- */

struct redis_look {
	bool up, told;
	char version[32];
};

static void
on_redis_changed(void *arg, bool up)
{
	((struct redis_look *)arg)->up = up;
}

static void
on_redis_info(void *arg, void *context, enum err err, const struct redis_reply *reply)
{
	struct redis_look *look = arg;
	struct slice rest = { 0 }, line;

	(void)context;
	look->told = true;
	if (err == ERR_NONE)
		rest = redis_reply_text(reply);
	while (slice_next(&rest, '\n', &line)) {
		struct slice name;
		if (slice_starts_with_ci(line, "redis_version:") &&
			slice_next(&line, ':', &name))
			snprintf(look->version, sizeof look->version, "%.*s",
				line.size < 20 ? (int)strcspn(line.data, "\r\n") : 20,
				line.data);
	}
}

static void
check_redis(struct check *check)
{
	static const char *const channels[] = { "sidetrack:check" };
	static const struct slice info[] = { { "INFO", 4 }, { "server", 6 } };
	const char *setting = check->program->sessions.redis_url;
	struct redis_look look = { 0 };
	struct redis_url url;
	char why[PROGRAM_WHY_SIZE];

	if (setting == NULL) {
		check_tell(check, CHECK_OFF, "redis", "not used: this instance is alone");
		return;
	}
	/* It was checked when it was read. */
	if (!redis_url_parse(&url, setting, why, sizeof why))
		return;
	struct redis *redis = redis_start(check->loop, &url, channels, COUNT_OF(channels),
		(struct redis_observer){ .changed = on_redis_changed, .arg = &look });
	if (check_wait(check, &look.up, REDIS_MS)) {
		redis_command(redis, info, COUNT_OF(info), on_redis_info, &look, NULL);
		if (!check_wait(check, &look.told, REDIS_MS))
			look.version[0] = '\0';
		check_tell(check, CHECK_OK, "redis", "%s:%u answers%s%s", url.host,
			(unsigned)url.port, look.version[0] != '\0' ? ", version " : "",
			look.version);
	} else {
		check_tell(check, CHECK_PROBLEM, "redis",
			"%s:%u does not answer or refuses us: is it running, and are user "
			"and password of SIDETRACK_REDIS_URL right?",
			url.host, (unsigned)url.port);
	}
	redis_stop(redis);
	explicit_bzero(&url, sizeof url);
}

/* ---- LRCLIB ---- */

static void
check_lrclib(struct check *check)
{
	const struct providers_settings *settings = &check->program->providers;
	struct check_answer answer;
	struct text url;

	if (!settings->lrclib) {
		check_tell(check, CHECK_OFF, "lrclib", "SIDETRACK_LRCLIB=off: not asked");
		return;
	}
	text_init(&url);
	text_add(&url, settings->lrclib_url);
	while (url.size > 0 && url.data[url.size - 1] == '/')
		url.data[--url.size] = '\0';
	text_add(&url, "/api/search?track_name=light&artist_name=light");
	check_get(check, NULL, text_get(&url), NULL, &answer);
	json_t *list = json_parse_new(text_get(&answer.body), answer.body.size);
	if (answer.status == 200 && json_is_array(list))
		check_tell(check, CHECK_OK, "lrclib", "answers in %lld ms",
			(long long)answer.took_ms);
	else
		check_tell(check, CHECK_PROBLEM, "lrclib",
			"cannot be asked (%d %s): songs have their provider's words only. "
			"SIDETRACK_LRCLIB=off if that is wanted",
			answer.status, answer.reason);
	json_decref(list);
	text_fini(&answer.body);
	text_fini(&url);
}

/* ---- all of them ---- */

int
check_run(const struct program *program)
{
	const struct http_client_options options = {
		.user_agent = USER_AGENT,
		.ca_file = program->settings.ca_file,
	};
	struct check check = { .program = program };

	/* What goes wrong is told in plain words. */
	log_set_level(LOG_LEVEL_ERROR);
	check.loop = loop_new("check");
	loop_adopt(check.loop);
	check.client = http_client_new(check.loop, &options);
	check_jellyfin(&check);
	check_data(&check);
	check_redis(&check);
	check_providers(&check);
	check_lrclib(&check);
	http_client_free(check.client);
	loop_free(check.loop);
	return check.problem ? 1 : 0;
}
