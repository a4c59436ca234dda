/* Sidetrack: reads the command line and the settings, then runs the program (program/). */
#include <stdio.h>
#include <string.h>

#include "api/health_check.h"
#include "core/http_metrics.h"
#include "program/check.h"
#include "program/program.h"
#include "providers/artwork_metrics.h"
#include "providers/deezer/deezer_metrics.h"
#include "providers/lyrics_metrics.h"
#include "providers/qobuz/qobuz_metrics.h"
#include "providers/track_metrics.h"
#include "proxy/class_metrics.h"
#include "proxy/metrics.h"
#include "session/metrics.h"

static void
set_up_tables(struct program *program)
{
	program->tables[0] = (struct config_table){ settings_options, settings_option_count,
		&program->settings, "Sidetrack" };
	program->tables[1] = (struct config_table){ proxy_options, proxy_option_count,
		&program->proxy, "Front door" };
	program->tables[2] = (struct config_table){ providers_options,
		providers_option_count, &program->providers, "Providers" };
	program->tables[3] = (struct config_table){ session_options, session_option_count,
		&program->sessions, "Listeners" };
	program->tables[4] = (struct config_table){ tracker_options, tracker_option_count,
		&program->history_settings, "History" };
	program->metrics[0] = (struct metric_table){ class_metrics, class_metric_count };
	program->metrics[1] = (struct metric_table){ http_metrics, http_metric_count };
	program->metrics[2] = (struct metric_table){ proxy_metrics, proxy_metric_count };
	program->metrics[3] =
		(struct metric_table){ catalog_metrics, catalog_metric_count };
	program->metrics[4] =
		(struct metric_table){ tracker_metrics, tracker_metric_count };
	program->metrics[5] =
		(struct metric_table){ session_metrics, session_metric_count };
	program->metrics[6] =
		(struct metric_table){ artwork_metrics, artwork_metric_count };
	program->metrics[7] = (struct metric_table){ lyrics_metrics, lyrics_metric_count };
	program->metrics[8] = (struct metric_table){ deezer_metrics, deezer_metric_count };
	program->metrics[9] = (struct metric_table){ qobuz_metrics, qobuz_metric_count };
	program->metrics[10] = (struct metric_table){ track_metrics, track_metric_count };
}

struct printer {
	const char *flag;
	void (*print)(struct text *to, const struct config_table *tables, size_t count);
};

static const struct printer printers[] = {
	{ "--help", config_print_help },
	{ "--print-configuration", config_print_page },
	{ "--print-env", config_print_env },
};

/* Flags that print something and end the program; true when one was given. */
static bool
print_if_asked(struct program *program, const char *flag)
{
	struct text text;

	text_init(&text);
	for (size_t i = 0; i < COUNT_OF(printers); i++) {
		if (strcmp(flag, printers[i].flag) == 0)
			printers[i].print(&text, program->tables, PROGRAM_TABLES);
	}
	if (strcmp(flag, "--help") == 0)
		text_add(&text,
			"\nCommands, with the same settings\n"
			"  sidetrack check [--name value]...\n"
			"      Tries Jellyfin, the data folder, Redis, each provider "
			"with its accounts and\n"
			"      LRCLIB, says how each stands and what to do, and ends "
			"with status 1 when\n"
			"      there is a problem.\n"
			"  sidetrack --healthcheck\n"
			"      Asks the instance that runs whether it is alive; for "
			"containers.\n");
	if (strcmp(flag, "--print-metrics") == 0)
		metrics_print_page(&text, program->metrics, PROGRAM_METRIC_TABLES);
	if (strcmp(flag, "--version") == 0)
		text_add(&text, "sidetrack " PROGRAM_VERSION "\n");
	bool asked = text.size > 0;
	fputs(text_get(&text), stdout);
	text_fini(&text);
	return asked;
}

static bool
load_settings(struct program *program, char **arguments)
{
	extern char **environ;
	char why[PROGRAM_WHY_SIZE];

	if (!config_load(
		    program->tables, PROGRAM_TABLES, arguments, environ, why, sizeof why)) {
		fprintf(stderr, "sidetrack: %s\n", why);
		return false;
	}
	if (program->settings.jellyfin_url == NULL) {
		fprintf(stderr, "sidetrack: JELLYFIN_URL is required: the address of the "
				"Jellyfin server to stand in front of, like "
				"http://jellyfin:8096\n");
		return false;
	}
	if (!providers_settings_check(&program->providers, why, sizeof why)) {
		fprintf(stderr, "sidetrack: %s\n", why);
		return false;
	}
	program->arguments = arguments;
	/* Checked when it was read. */
	return base_url_parse(&program->jellyfin, program->settings.jellyfin_url, why,
		       sizeof why) &&
	       feed_setting_parse(
		       &program->feed_servers, program->sessions.servers, why, sizeof why);
}

int
main(int argument_count, char **arguments)
{
	static struct program program;
	int status;

	set_up_tables(&program);
	if (argument_count == 2 && print_if_asked(&program, arguments[1]))
		return 0;
	bool health_check =
		argument_count == 2 && strcmp(arguments[1], "--healthcheck") == 0;
	bool check = argument_count >= 2 && strcmp(arguments[1], "check") == 0;
	if (!load_settings(&program, health_check || check ? arguments + 2 : arguments + 1))
		return 2;
	if (health_check)
		status = health_check_run(program.settings.listen);
	else
		status = check ? check_run(&program) : program_run(&program);
	config_free(program.tables, PROGRAM_TABLES);
	return status;
}
