/* Reload: the settings that may change while the program runs. */
#include <string.h>

#include "core/config_reload.h"
#include "core/log.h"
#include "program/program.h"

/* From the settings as they are now, what everybody goes by. What the workers have is still
 * looked at until they have the new. */
void
program_renew_live(struct program *program)
{
	char *token = program->settings.metrics_token;

	program->replaced = program->live;
	program->live = front_settings_new(&program->proxy, &program->sessions);
	program->replaced_token =
		atomic_exchange(&program->metrics_token, xstrdup_or_null(token));
	log_set_level((enum log_level)program->settings.log_level);
	if (program->proxy.proxy_protocol && program->live->trusted.count == 0)
		log_warn("proxy_protocol_from_nobody",
			LOG_TEXT("why", "SIDETRACK_PROXY_PROTOCOL=on is for the proxies in "
					"SIDETRACK_TRUSTED_PROXIES, and there are none"));
}

static void
free_token(char *token)
{
	if (token != NULL)
		explicit_bzero(token, strlen(token));
	xfree(token);
}

static void
free_replaced(struct program *program)
{
	front_settings_free(program->replaced);
	program->replaced = NULL;
	free_token(program->replaced_token);
	program->replaced_token = NULL;
}

void
program_free_live(struct program *program)
{
	free_replaced(program);
	front_settings_free(program->live);
	program->live = NULL;
	free_token(atomic_exchange(&program->metrics_token, NULL));
}

static void reload(struct program *program);

static void
on_applied(void *arg)
{
	struct program *program = arg;

	free_replaced(program);
	program->reloading = false;
	if (program->reload_again && program->stop_by_ms == 0)
		reload(program);
}

/* The settings once more; what is wrong with them changes nothing. */
static void
reload(struct program *program)
{
	extern char **environ;
	char why[PROGRAM_WHY_SIZE];

	program->reload_again = program->reloading;
	if (program->reloading)
		return;
	struct config_reload *fresh = config_reload_new(program->tables, PROGRAM_TABLES,
		program->arguments, environ, why, sizeof why);
	if (fresh == NULL) {
		log_error("settings_not_reloaded", LOG_TEXT("why", why));
		return;
	}
	if (config_reload_kept(fresh)[0] != '\0')
		log_warn("settings_need_restart",
			LOG_TEXT("settings", config_reload_kept(fresh)));
	log_info("settings_reloaded", LOG_TEXT("changed", config_reload_changed(fresh)));
	if (config_reload_changed(fresh)[0] != '\0') {
		program->reloading = true;
		config_reload_apply(fresh);
		program_renew_live(program);
		token_cache_translate_legacy(
			program->front.tokens, program->live->translates_legacy);
		trust_check_set_replaces(
			program->trust_check, program->proxy.public_url != NULL);
		workers_apply(program->workers, program->live, program->control, on_applied,
			program);
	}
	config_reload_free(fresh);
}

void
program_on_reload_signal(evutil_socket_t signal_number, short what, void *arg)
{
	struct program *program = arg;

	(void)signal_number;
	(void)what;
	/* Whoever is being stopped changes no more. */
	if (program->stop_by_ms == 0)
		reload(program);
}
