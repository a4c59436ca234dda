#include "session/metrics.h"

#include "core/mem.h"

struct metric session_metric_calls[4];
struct metric session_metric_sessions;
struct metric session_metric_sockets;
struct metric session_metric_socket_losses;
struct metric session_metric_undeliverable;
struct metric session_metric_failing;
struct metric session_metric_refused;
struct metric session_metric_token_asked;
struct metric session_metric_token_hits;
struct metric session_metric_healthy;
struct metric session_metric_feed_servers;
struct metric session_metric_feed_servers_up;
struct metric session_metric_feed_down;
struct metric session_metric_feed_polls[3];
struct metric session_metric_feed_poll;
struct metric session_metric_feed_pushes;
struct metric session_metric_feed_sockets;
struct metric session_metric_feed_plays;
struct metric session_metric_restored;
struct metric session_metric_not_saved;
struct metric session_metric_redis;
struct metric session_metric_leases;
struct metric session_metric_leases_lost;
struct metric session_metric_reports_given;
struct metric session_metric_reports_taken;
struct metric session_metric_reports_lost;

static const char calls_text[] =
	"Calls to Jellyfin in a listener's name (reports, capabilities), by outcome.";

static const char polls_text[] = "Questions for a watched server's sessions, by outcome.";

const struct metric_row session_metrics[] = {
	{ "sidetrack_commands_undeliverable_total", METRIC_COUNTER, NULL,
		"Remote commands for a listener whose client has no socket.",
		&session_metric_undeliverable },
	{ "sidetrack_feed_plays", METRIC_GAUGE, NULL,
		"Sessions that play on watched servers, as these show them.",
		&session_metric_feed_plays },
	{ "sidetrack_feed_poll_seconds", METRIC_HISTOGRAM, NULL,
		"How long a watched server takes to list its sessions.",
		&session_metric_feed_poll },
	{ "sidetrack_feed_polls_total", METRIC_COUNTER, "outcome=\"ok\"", polls_text,
		&session_metric_feed_polls[0] },
	{ "sidetrack_feed_polls_total", METRIC_COUNTER, "outcome=\"failed\"", polls_text,
		&session_metric_feed_polls[1] },
	{ "sidetrack_feed_polls_total", METRIC_COUNTER, "outcome=\"refused\"", polls_text,
		&session_metric_feed_polls[2] },
	{ "sidetrack_feed_pushes_total", METRIC_COUNTER, NULL,
		"Lists of sessions that watched servers pushed.",
		&session_metric_feed_pushes },
	{ "sidetrack_feed_servers", METRIC_GAUGE, NULL,
		"Jellyfin servers that are watched.", &session_metric_feed_servers },
	{ "sidetrack_feed_servers_down_total", METRIC_COUNTER, NULL,
		"Times a watched server went down: three polls in a row failed.",
		&session_metric_feed_down },
	{ "sidetrack_feed_servers_up", METRIC_GAUGE, NULL,
		"Watched servers that answer and take our key.",
		&session_metric_feed_servers_up },
	{ "sidetrack_feed_sockets", METRIC_GAUGE, NULL,
		"WebSockets on which watched servers push.", &session_metric_feed_sockets },
	{ "sidetrack_injected_sessions", METRIC_GAUGE, NULL,
		"Jellyfin sessions that we keep alive.", &session_metric_sessions },
	{ "sidetrack_injected_socket_losses_total", METRIC_COUNTER, NULL,
		"Times one of our own sockets was lost or did not open.",
		&session_metric_socket_losses },
	{ "sidetrack_injected_sockets", METRIC_GAUGE, NULL,
		"Our own WebSockets to Jellyfin.", &session_metric_sockets },
	{ "sidetrack_jellyfin_calls_total", METRIC_COUNTER, "outcome=\"ok\"", calls_text,
		&session_metric_calls[0] },
	{ "sidetrack_jellyfin_calls_total", METRIC_COUNTER, "outcome=\"refused\"",
		calls_text, &session_metric_calls[1] },
	{ "sidetrack_jellyfin_calls_total", METRIC_COUNTER, "outcome=\"wrong\"", calls_text,
		&session_metric_calls[2] },
	{ "sidetrack_jellyfin_calls_total", METRIC_COUNTER, "outcome=\"down\"", calls_text,
		&session_metric_calls[3] },
	{ "sidetrack_jellyfin_healthy", METRIC_GAUGE, NULL,
		"1 when Jellyfin's /health says Healthy.", &session_metric_healthy },
	{ "sidetrack_sessions_refused_total", METRIC_COUNTER, NULL,
		"Sessions that were not shown, because their user has as many as one may "
		"have.",
		&session_metric_refused },
	{ "sidetrack_sessions_failing", METRIC_GAUGE, NULL,
		"Sessions whose reports or sockets have failed for half a minute.",
		&session_metric_failing },
	{ "sidetrack_leases", METRIC_GAUGE, NULL,
		"Devices whose sessions this instance holds, of those that share Redis.",
		&session_metric_leases },
	{ "sidetrack_leases_lost_total", METRIC_COUNTER, NULL,
		"Leases let go because they could not be renewed, or another instance had "
		"them.",
		&session_metric_leases_lost },
	{ "sidetrack_plays_restored_total", METRIC_COUNTER, NULL,
		"Plays that an earlier process or another instance began and that go on "
		"here.",
		&session_metric_restored },
	{ "sidetrack_records_not_saved_total", METRIC_COUNTER, NULL,
		"Records of sessions that could not be written: a restart would lose what "
		"changed.",
		&session_metric_not_saved },
	{ "sidetrack_redis_up", METRIC_GAUGE, NULL,
		"1 when Redis is there and every instance seals with the same key.",
		&session_metric_redis },
	{ "sidetrack_reports_given_total", METRIC_COUNTER, NULL,
		"Reports given to the instance that holds their session.",
		&session_metric_reports_given },
	{ "sidetrack_reports_lost_total", METRIC_COUNTER, NULL,
		"Reports that no instance has heard: too many waited.",
		&session_metric_reports_lost },
	{ "sidetrack_reports_taken_total", METRIC_COUNTER, NULL,
		"Reports that other instances have given to this one.",
		&session_metric_reports_taken },
	{ "sidetrack_token_checks_total", METRIC_COUNTER, "from=\"jellyfin\"",
		"Tokens confirmed or refused, by who knew.", &session_metric_token_asked },
	{ "sidetrack_token_checks_total", METRIC_COUNTER, "from=\"cache\"",
		"Tokens confirmed or refused, by who knew.", &session_metric_token_hits },
};
const size_t session_metric_count = COUNT_OF(session_metrics);
