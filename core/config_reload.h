/* Reload: the settings once more, for a program that runs. What may change at run time is
 * marked in the rows (`reloadable`); the rest keeps its value until a restart.
 *
 * The environment and the flags of a process stay what they were, so only the file
 * (SIDETRACK_CONFIG) and the files of secrets can say something new. Nothing changes before
 * config_reload_apply, and nothing at all when one value is wrong. The thread that owns the
 * settings; reads files, so not while anybody waits for it.
 */
#ifndef CORE_CONFIG_RELOAD_H
#define CORE_CONFIG_RELOAD_H

#include "core/config.h"

struct config_reload;

/* As config_load, beside the settings of `tables`, which are not touched. NULL with one
 * sentence when something is wrong. `tables` is borrowed. */
MUST_CHECK struct config_reload *config_reload_new(const struct config_table *tables,
	size_t count, char *const *arguments, char *const *environment, char *why,
	size_t why_size);
/* The names of the settings that differ, separated by commas; "" for none. `changed` can be
 * applied, `kept` need a restart. */
const char *config_reload_changed(const struct config_reload *reload);
const char *config_reload_kept(const struct config_reload *reload);
/* Puts the changed values into the settings of the tables; the old texts are freed. */
void config_reload_apply(struct config_reload *reload);
/* Accepts NULL. */
void config_reload_free(struct config_reload *reload);

#endif
