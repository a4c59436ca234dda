#include "session/trust_check.h"

#include <string.h>

#include "core/log.h"

#define TRUST_CHECK_MAGIC 0x74727573u
#define CHECK_PATH        "/web"
#define CHECK_HOST        "sidetrack-trust-check.invalid"

enum { ASK_TIMEOUT_MS = 10 * 1000, MAX_ANSWER = 64 * 1024, WHY_SIZE = 160 };

struct trust_check {
	unsigned magic;
	struct trust_check_options options;
	struct errand *errand; /* one question at a time */
	bool was_healthy;
	bool told;                  /* `finding` stands in the log */
	enum trust_finding finding; /* the last one */
	char local_address[256];    /* the last one that was told */
};

enum trust_finding
trust_check_judge(int status, const char *location)
{
	struct base_url url;
	char why[WHY_SIZE];

	if (status < 300 || status >= 400 || location == NULL ||
		!base_url_parse(&url, location, why, sizeof why))
		return TRUST_UNKNOWN;
	return text_equal_ci(url.host, CHECK_HOST) ? TRUST_BELIEVED : TRUST_IGNORED;
}

bool
trust_check_leads_past(
	const char *local_address, const struct base_url *jellyfin, uint16_t listen_port)
{
	struct base_url url;
	char why[WHY_SIZE];

	if (!base_url_parse(&url, local_address, why, sizeof why) ||
		url.port != jellyfin->port)
		return false;
	return text_equal_ci(url.host, jellyfin->host) || url.port != listen_port;
}

/* On the errands thread. */
static void *
parse_answer(void *arg, const struct http_answer *answer)
{
	enum trust_finding *finding = xcalloc(1, sizeof *finding);

	(void)arg;
	if (answer->err == ERR_NONE)
		*finding = trust_check_judge(
			answer->status, http_answer_header(answer, "Location"));
	return finding;
}

static void
tell_finding(enum trust_finding finding, int status)
{
	switch (finding) {
	case TRUST_IGNORED:
		log_warn("forwarded_for_ignored",
			LOG_TEXT("meaning", "Jellyfin takes every client for a local one"),
			LOG_TEXT("hint",
				"add this host's address to Known proxies in Jellyfin's "
				"networking settings and restart it"));
		return;
	case TRUST_BELIEVED:
		log_info("forwarded_for_believed");
		return;
	case TRUST_UNKNOWN:
		log_info("forwarded_for_not_checked", LOG_NUMBER("status", status),
			LOG_TEXT("hint",
				"Jellyfin's /web does not redirect; see that this host's "
				"address is among its Known proxies"));
		return;
	}
}

static void
on_answer(void *arg, struct errand_result *result)
{
	struct trust_check *check = CAST(arg, TRUST_CHECK_MAGIC);
	const enum trust_finding *finding = result->parsed;

	check->errand = NULL;
	/* No answer shows nothing, and there will be another start. */
	if (finding == NULL || result->err != ERR_NONE ||
		(check->told && check->finding == *finding))
		return;
	check->told = true;
	check->finding = *finding;
	tell_finding(*finding, result->status);
}

static void
ask(struct trust_check *check)
{
	static const char *const headers[] = { "X-Forwarded-For: 203.0.113.9",
		"X-Forwarded-Proto: https", "X-Forwarded-Host: " CHECK_HOST, NULL };
	const struct trust_check_options *options = &check->options;
	struct text url = { 0 };

	jellyfin_url(&url, options->jellyfin, CHECK_PATH);
	const struct errand_request request = { .method = "GET",
		.url = text_get(&url),
		.headers = headers,
		.timeout_ms = ASK_TIMEOUT_MS,
		.max_body = MAX_ANSWER,
		.parse = parse_answer,
		.free_parsed = xfree };
	check->errand = options->transport.start(
		options->transport.arg, options->loop, &request, on_answer, check);
	text_fini(&url);
}

static void
look_at_local_address(struct trust_check *check, const char *local_address)
{
	const struct trust_check_options *options = &check->options;

	if (options->replaces_local_address ||
		strcmp(check->local_address, local_address) == 0 ||
		!trust_check_leads_past(
			local_address, options->jellyfin, options->listen_port))
		return;
	copy_text(check->local_address, sizeof check->local_address, local_address);
	log_info("local_address_leads_past", LOG_TEXT("local_address", local_address),
		LOG_TEXT("hint",
			"Jellyfin tells clients this address, and some go there; "
			"set SIDETRACK_PUBLIC_URL to the address they should use"));
}

static void
on_changed(void *arg, const struct server_facts *facts)
{
	struct trust_check *check = CAST(arg, TRUST_CHECK_MAGIC);
	bool became_healthy = facts->healthy && !check->was_healthy;

	check->was_healthy = facts->healthy;
	if (facts->healthy)
		look_at_local_address(check, facts->local_address);
	if (became_healthy && check->errand == NULL)
		ask(check);
}

struct trust_check *
trust_check_start(const struct trust_check_options *options)
{
	struct trust_check *check = xcalloc(1, sizeof *check);
	struct server_facts facts;

	check->magic = TRUST_CHECK_MAGIC;
	check->options = *options;
	server_observe(options->server, (struct server_observer){ on_changed, check });
	/* What an earlier process has left is taken up first: the loop has turned since the
	 * server was asked. */
	server_read(options->server, &facts);
	on_changed(check, &facts);
	return check;
}

void
trust_check_set_replaces(struct trust_check *check, bool replaces_local_address)
{
	check->options.replaces_local_address = replaces_local_address;
}

void
trust_check_stop(struct trust_check *check)
{
	if (check == NULL)
		return;
	if (check->errand != NULL)
		check->options.transport.cancel(check->errand);
	check->magic = 0;
	xfree(check);
}
