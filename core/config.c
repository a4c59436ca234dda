#include "core/config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/config_file.h"
#include "core/config_value.h"
#include "core/secret.h"

enum { MAX_FILE_BYTES = 1024 * 1024, MAX_NAME = 64 };

const struct config_option config_file_option = {
	.name = "SIDETRACK_CONFIG",
	.type = CONFIG_TEXT,
	.text = "A file with further settings, one NAME=value per line; the environment "
		"and "
		"flags win over it.",
};

enum source { FROM_DEFAULT, FROM_FILE, FROM_ENVIRONMENT, FROM_FLAG };

/* A row and the best value seen for it so far. */
struct candidate {
	const struct config_option *option;
	void *field; /* NULL for SIDETRACK_CONFIG */
	char *value; /* owned; NULL when nobody gave one */
	enum source source;
	bool is_path; /* the value names a file that holds the secret */
};

struct walk {
	struct candidate *candidates; /* the first is SIDETRACK_CONFIG */
	size_t count;
	char *why;
	size_t why_size;
};

static bool fail(struct walk *walk, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static bool
fail(struct walk *walk, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(walk->why, walk->why_size, format, args);
	va_end(args);
	return false;
}

/* ---- names ---- */

void
config_flag(char *to, const struct config_option *option)
{
	static const char prefix[] = "SIDETRACK_";
	const char *name = option->name;

	if (strncmp(name, prefix, sizeof prefix - 1) == 0)
		name += sizeof prefix - 1;
	assert(strlen(name) + 3 + strlen("-file") <= CONFIG_FLAG_SIZE);
	snprintf(to, CONFIG_FLAG_SIZE, "--%s", name);
	for (; *to != '\0'; to++) {
		if (*to >= 'A' && *to <= 'Z')
			*to = (char)(*to + ('a' - 'A'));
		else if (*to == '_')
			*to = '-';
	}
}

/* The name under which a candidate is given, `as_flag` or as a variable, itself or
 * `as_path`. */
static void
spell(char *to, const struct candidate *candidate, bool as_flag, bool as_path)
{
	if (as_flag)
		config_flag(to, candidate->option);
	else
		copy_text(to, CONFIG_FLAG_SIZE, candidate->option->name);
	size_t used = strlen(to);
	if (as_path)
		copy_text(to + used, CONFIG_FLAG_SIZE - used, as_flag ? "-file" : "_FILE");
}

static struct candidate *
find(struct walk *walk, struct slice name, bool as_flag, bool *is_path)
{
	char spelled[CONFIG_FLAG_SIZE];

	for (size_t i = 0; i < walk->count; i++) {
		struct candidate *candidate = &walk->candidates[i];
		for (int path = 0; path <= candidate->option->secret; path++) {
			spell(spelled, candidate, as_flag, path);
			if (slice_equal_text(name, spelled)) {
				*is_path = path;
				return candidate;
			}
		}
	}
	return NULL;
}

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* How many letters must be added, dropped or changed to make one of the other. */
static size_t
edit_distance(struct slice a, struct slice b)
{
	size_t row[CONFIG_FLAG_SIZE + 1];

	assert(b.size <= CONFIG_FLAG_SIZE);
	for (size_t j = 0; j <= b.size; j++)
		row[j] = j;
	for (size_t i = 1; i <= a.size; i++) {
		size_t diagonal = row[0];
		row[0] = i;
		for (size_t j = 1; j <= b.size; j++) {
			size_t changed = diagonal + (a.data[i - 1] != b.data[j - 1]);
			diagonal = row[j];
			row[j] = least(changed, least(row[j], row[j - 1]) + 1);
		}
	}
	return row[b.size];
}

/* Fails with "WHERE NAME is unknown", and the nearest known name when one is near. */
static bool
fail_unknown(struct walk *walk, const char *where, struct slice name, bool as_flag)
{
	char spelled[CONFIG_FLAG_SIZE], nearest[CONFIG_FLAG_SIZE] = "";
	size_t best = 4;

	if (name.size > MAX_NAME)
		name.size = MAX_NAME;
	for (size_t i = 0; i < walk->count; i++) {
		const struct candidate *candidate = &walk->candidates[i];
		for (int path = 0; path <= candidate->option->secret; path++) {
			if (candidate->option->hidden)
				continue;
			spell(spelled, candidate, as_flag, path);
			size_t distance = edit_distance(name, slice_of(spelled));
			if (distance < best) {
				best = distance;
				copy_text(nearest, sizeof nearest, spelled);
			}
		}
	}
	if (nearest[0] == '\0')
		return fail(walk, "%s%.*s is unknown", where, (int)name.size, name.data);
	return fail(walk, "%s%.*s is unknown; did you mean %s?", where, (int)name.size,
		name.data, nearest);
}

/* ---- gathering ---- */

static bool
offer(struct walk *walk, struct candidate *candidate, struct slice value,
	enum source source, bool is_path)
{
	const char *name = candidate->option->name;

	if (value.size == 0 || (candidate->value != NULL && candidate->source > source))
		return true;
	if (candidate->value != NULL && candidate->source == source &&
		candidate->is_path != is_path)
		return fail(walk, "%s and %s_FILE are both set; one is enough", name, name);
	if (candidate->value != NULL)
		explicit_bzero(candidate->value, strlen(candidate->value));
	xfree(candidate->value);
	candidate->value = slice_dup(value);
	candidate->source = source;
	candidate->is_path = is_path;
	return true;
}

static bool
gather_environment(struct walk *walk, char *const *environment)
{
	for (size_t i = 0; environment[i] != NULL; i++) {
		const char *equals = strchr(environment[i], '=');
		if (equals == NULL)
			continue;
		struct slice name = { environment[i], (size_t)(equals - environment[i]) };
		bool is_path;
		struct candidate *candidate = find(walk, name, false, &is_path);
		if (candidate == NULL && slice_starts_with_ci(name, "SIDETRACK_"))
			return fail_unknown(walk, "the variable ", name, false);
		if (candidate != NULL && !offer(walk, candidate, slice_of(equals + 1),
						 FROM_ENVIRONMENT, is_path))
			return false;
	}
	return true;
}

/* Reads the flag at `*argument` and moves on to the last word that belongs to it. */
static bool
gather_flag(struct walk *walk, char *const **argument)
{
	const char *word = **argument;
	const char *equals = strchr(word, '=');
	struct slice name = equals != NULL ? (struct slice){ word, (size_t)(equals - word) }
					   : slice_of(word);
	const char *value = equals != NULL ? equals + 1 : (*argument)[1];
	bool is_path;

	if (!slice_starts_with_ci(name, "--"))
		return fail(walk, "an argument stands where a flag is expected; settings "
				  "are given as --name value");
	struct candidate *candidate = find(walk, name, true, &is_path);
	if (candidate == NULL)
		return fail_unknown(walk, "the flag ", name, true);
	if (candidate->option->secret && !is_path)
		return fail(walk,
			"the flag %.*s would show a secret to everybody on this machine; "
			"use %s or %.*s-file",
			(int)name.size, name.data, candidate->option->name, (int)name.size,
			name.data);
	if (value == NULL)
		return fail(walk, "the flag %s lacks its value", word);
	if (equals == NULL)
		(*argument)++;
	return offer(walk, candidate, slice_of(value), FROM_FLAG, is_path);
}

static bool
gather_flags(struct walk *walk, char *const *arguments)
{
	for (; *arguments != NULL; arguments++) {
		if (!gather_flag(walk, &arguments))
			return false;
	}
	return true;
}

static bool
read_file(struct walk *walk, const char *path, struct text *to)
{
	bool good = false;
	ssize_t got = -1;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	while (fd >= 0 && to->size <= MAX_FILE_BYTES) {
		got = read(fd, text_reserve(to, 4096), 4096);
		if (got <= 0)
			break;
		to->size += (size_t)got;
	}
	if (fd < 0 || got < 0)
		fail(walk, "the settings file %s cannot be read: %s", path,
			strerror(errno));
	else if (to->size > MAX_FILE_BYTES)
		fail(walk, "the settings file %s is larger than 1 MB", path);
	else
		good = true;
	if (fd >= 0)
		close(fd);
	return good;
}

static bool
gather_lines(struct walk *walk, const char *path, struct slice content)
{
	struct config_file file = { .rest = content };
	enum config_file_step step;
	char wrong[96], where[320];

	for (;;) {
		step = config_file_next(&file, wrong, sizeof wrong);
		if (step != CONFIG_FILE_SETTING)
			break;
		bool is_path;
		struct candidate *candidate = find(walk, file.name, false, &is_path);
		snprintf(where, sizeof where, "line %zu of %.256s: ", file.line, path);
		if (candidate == NULL)
			return fail_unknown(walk, where, file.name, false);
		if (candidate->option == &config_file_option)
			return fail(walk, "%sSIDETRACK_CONFIG cannot be set in the file",
				where);
		if (!offer(walk, candidate, file.value, FROM_FILE, is_path))
			return false;
	}
	if (step == CONFIG_FILE_BROKEN)
		return fail(walk, "line %zu of %s is wrong: %s", file.line, path, wrong);
	return true;
}

static bool
gather_file(struct walk *walk)
{
	const char *path = walk->candidates[0].value;
	struct text content;

	if (path == NULL)
		return true;
	text_init(&content);
	bool good = read_file(walk, path, &content) &&
		    gather_lines(walk, path, (struct slice){ content.data, content.size });
	if (content.data != NULL)
		explicit_bzero(content.data, content.size);
	text_fini(&content);
	return good;
}

/* ---- values into fields ---- */

static const char *
source_text(enum source source)
{
	static const char *const texts[] = {
		[FROM_DEFAULT] = "the default",
		[FROM_FILE] = "the settings file",
		[FROM_ENVIRONMENT] = "the environment",
		[FROM_FLAG] = "a flag",
	};
	return texts[source];
}

/* "NAME (from the environment) must be …". */
static bool
fail_value(struct walk *walk, const struct candidate *candidate, const char *wish)
{
	return fail(walk, "%s (from %s) %s", candidate->option->name,
		source_text(candidate->source), wish);
}

static bool
set_field(struct walk *walk, const struct candidate *candidate, const char *value)
{
	char wish[300];

	return config_value_set(
		       candidate->option, candidate->field, value, wish, sizeof wish) ||
	       fail_value(walk, candidate, wish);
}

static bool
settle(struct walk *walk, const struct candidate *candidate)
{
	char wrong[256], wish[300];

	if (candidate->field == NULL)
		return true;
	if (candidate->value == NULL)
		return candidate->option->initial == NULL ||
		       set_field(walk, candidate, candidate->option->initial);
	if (!candidate->is_path)
		return set_field(walk, candidate, candidate->value);
	char *secret = secret_read_file(candidate->value, wrong, sizeof wrong);
	if (secret == NULL) {
		snprintf(wish, sizeof wish, "cannot be had: %s", wrong);
		return fail_value(walk, candidate, wish);
	}
	bool good = set_field(walk, candidate, secret);
	explicit_bzero(secret, strlen(secret));
	xfree(secret);
	return good;
}

/* ---- the walk ---- */

static void
walk_init(struct walk *walk, const struct config_table *tables, size_t count)
{
	size_t rows = 1;

	for (size_t i = 0; i < count; i++)
		rows += tables[i].count;
	walk->candidates = xcalloc(rows, sizeof *walk->candidates);
	walk->candidates[walk->count++].option = &config_file_option;
	for (size_t i = 0; i < count; i++) {
		for (size_t j = 0; j < tables[i].count; j++) {
			const struct config_option *option = &tables[i].options[j];
			void *field = (char *)tables[i].settings + option->offset;
			config_value_clear(option, field);
			walk->candidates[walk->count++] =
				(struct candidate){ .option = option, .field = field };
		}
	}
}

static void
walk_fini(struct walk *walk)
{
	for (size_t i = 0; i < walk->count; i++) {
		char *value = walk->candidates[i].value;
		if (value != NULL)
			explicit_bzero(value, strlen(value));
		xfree(value);
	}
	xfree(walk->candidates);
}

bool
config_load(const struct config_table *tables, size_t count, char *const *arguments,
	char *const *environment, char *why, size_t why_size)
{
	struct walk walk = { .why = why, .why_size = why_size };

	walk_init(&walk, tables, count);
	/* The file is read last, since its path is a setting; offer() knows who wins. */
	bool good = gather_environment(&walk, environment) &&
		    gather_flags(&walk, arguments) && gather_file(&walk);
	for (size_t i = 0; good && i < walk.count; i++)
		good = settle(&walk, &walk.candidates[i]);
	walk_fini(&walk);
	if (!good)
		config_free(tables, count);
	return good;
}

void
config_free(const struct config_table *tables, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		for (size_t j = 0; j < tables[i].count; j++) {
			const struct config_option *option = &tables[i].options[j];
			char **field =
				(void *)((char *)tables[i].settings + option->offset);
			if (option->type != CONFIG_TEXT || *field == NULL)
				continue;
			explicit_bzero(*field, strlen(*field));
			xfree(*field);
			*field = NULL;
		}
	}
}
