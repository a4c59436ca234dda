/* Settings: tables of rows that each folder exports, and the one walker that reads them.
 *
 * A row is the master copy of an option: from it come the environment variable, the flag
 * (--listen for SIDETRACK_LISTEN), `NAME_FILE` for secrets, `--help` and
 * docs/configuration.md. Precedence: defaults < file (SIDETRACK_CONFIG) < environment <
 * flags. An empty value counts as not given. A secret's value is never a flag (anybody may
 * read command lines): there is --name-file. Main thread, at start, and when the settings
 * are read again.
 */
#ifndef CORE_CONFIG_H
#define CORE_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/mem.h"
#include "core/text.h"

enum config_type {
	CONFIG_TEXT,   /* char * in the settings struct, NULL when unset */
	CONFIG_NUMBER, /* int64_t, min..max */
	CONFIG_SWITCH, /* bool: on/off, true/false, yes/no, 1/0 */
	CONFIG_CHOICE, /* int64_t: the place of the word in `choices` */
};

struct config_option {
	const char *name; /* "SIDETRACK_LISTEN" */
	enum config_type type;
	size_t offset;       /* of the field in the folder's settings struct */
	const char *initial; /* the default as text, NULL = unset */
	int64_t min, max;    /* CONFIG_NUMBER */
	const char *choices; /* CONFIG_CHOICE: "relay|translate"; `initial` is set too */
	const char *unit;    /* "ms", "bytes", … or NULL */
	bool secret;         /* never printed; NAME_FILE is accepted too */
	bool hidden;         /* for tests; not in --help or the page */
	bool reloadable;     /* may change at run time: core/config_reload.h */
	/* Optional: refuses a value with a sentence that continues "NAME …" and does not
	 * repeat what is secret in it. */
	bool (*check)(const char *value, char *why, size_t why_size);
	const char *text; /* a sentence or two for people */
};

/* A folder's rows and the struct they fill. Rows in alphabetical order, for the page. */
struct config_table {
	const struct config_option *options;
	size_t count;
	void *settings;
	const char *title; /* the heading of its rows; the one before when NULL */
};

/* The row of the one setting that the walker itself reads: SIDETRACK_CONFIG. */
extern const struct config_option config_file_option;

enum { CONFIG_FLAG_SIZE = 80 };
/* "--listen" for SIDETRACK_LISTEN, "--jellyfin-url" for JELLYFIN_URL; `to` holds
 * CONFIG_FLAG_SIZE bytes. */
void config_flag(char *to, const struct config_option *option);

/* Fills every settings struct. `arguments` are argv[1…]; `environment` is environ.
 * On failure writes one sentence naming the setting and returns false; then every text is
 * NULL. Texts are owned by the settings until config_free. Unknown flags, unknown
 * SIDETRACK_* variables and unknown keys of the file are failures, and the sentence names
 * the nearest known one. --help, --version and the like are the caller's: they are unknown
 * here. */
MUST_CHECK bool config_load(const struct config_table *tables, size_t count,
	char *const *arguments, char *const *environment, char *why, size_t why_size);
void config_free(const struct config_table *tables, size_t count);

/* --help */
void config_print_help(struct text *to, const struct config_table *tables, size_t count);
/* docs/configuration.md */
void config_print_page(struct text *to, const struct config_table *tables, size_t count);
/* docker/example.env */
void config_print_env(struct text *to, const struct config_table *tables, size_t count);

#endif
