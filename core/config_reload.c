#include "core/config_reload.h"

#include <string.h>

#include "core/config_value.h"

struct config_reload {
	const struct config_table *tables; /* of the program */
	struct config_table *fresh;        /* the same rows, settings of our own */
	size_t count;
	struct text changed, kept;
};

/* What the fields of a table's rows need; settings may have more, which nobody fills. */
static size_t
settings_size(const struct config_table *table)
{
	size_t size = 0;

	for (size_t i = 0; i < table->count; i++) {
		size_t end = table->options[i].offset + CONFIG_FIELD_MAX;
		if (end > size)
			size = end;
	}
	return size;
}

static void *
field_of(const struct config_table *table, size_t row)
{
	return (char *)table->settings + table->options[row].offset;
}

static void
add_name(struct text *to, const char *name)
{
	if (to->size > 0)
		text_add_char(to, ',');
	text_add(to, name);
}

static void
compare(struct config_reload *reload, size_t table, size_t row)
{
	const struct config_option *option = &reload->tables[table].options[row];
	const void *now = field_of(&reload->tables[table], row);
	const void *next = field_of(&reload->fresh[table], row);

	if (!config_value_equal(option, now, next))
		add_name(option->reloadable ? &reload->changed : &reload->kept,
			option->name);
}

struct config_reload *
config_reload_new(const struct config_table *tables, size_t count, char *const *arguments,
	char *const *environment, char *why, size_t why_size)
{
	struct config_reload *reload = xcalloc(1, sizeof *reload);

	reload->tables = tables;
	reload->count = count;
	reload->fresh = xcalloc(count, sizeof *reload->fresh);
	for (size_t i = 0; i < count; i++) {
		reload->fresh[i] = tables[i];
		reload->fresh[i].settings = xcalloc(1, settings_size(&tables[i]));
	}
	if (!config_load(reload->fresh, count, arguments, environment, why, why_size)) {
		config_reload_free(reload);
		return NULL;
	}
	for (size_t i = 0; i < count; i++) {
		for (size_t j = 0; j < tables[i].count; j++)
			compare(reload, i, j);
	}
	return reload;
}

const char *
config_reload_changed(const struct config_reload *reload)
{
	return text_get(&reload->changed);
}

const char *
config_reload_kept(const struct config_reload *reload)
{
	return text_get(&reload->kept);
}

void
config_reload_apply(struct config_reload *reload)
{
	for (size_t i = 0; i < reload->count; i++) {
		for (size_t j = 0; j < reload->tables[i].count; j++) {
			const struct config_option *option = &reload->tables[i].options[j];
			if (option->reloadable)
				config_value_swap(option, field_of(&reload->tables[i], j),
					field_of(&reload->fresh[i], j));
		}
	}
}

void
config_reload_free(struct config_reload *reload)
{
	if (reload == NULL)
		return;
	config_free(reload->fresh, reload->count);
	for (size_t i = 0; i < reload->count; i++)
		xfree(reload->fresh[i].settings);
	xfree(reload->fresh);
	text_fini(&reload->changed);
	text_fini(&reload->kept);
	xfree(reload);
}
