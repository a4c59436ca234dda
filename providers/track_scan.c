#include "providers/track_scan.h"

#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static int
compare(const void *a, const void *b)
{
	const struct track_found *left = a, *right = b;

	return (left->since_wall_ms > right->since_wall_ms) -
	       (left->since_wall_ms < right->since_wall_ms);
}

/* May it be used, as far as its name and its length tell? */
static bool
look_at(struct track_found *found, const char *name, const char *path)
{
	struct stat facts;

	if (!track_file_parse(&found->file, name) || stat(path, &facts) != 0 ||
		!S_ISREG(facts.st_mode) ||
		facts.st_size != track_file_size(found->file.total))
		return false;
	found->since_wall_ms =
		facts.st_mtim.tv_sec * INT64_C(1000) + facts.st_mtim.tv_nsec / 1000000;
	return true;
}

static bool
is_ours(const char *name)
{
	return strstr(name, ".track") != NULL;
}

bool
track_scan(struct track_found_list *list, const char *folder)
{
	DIR *open_folder = opendir(folder);
	struct text path = { 0 };
	size_t capacity = 0;
	struct dirent *file;

	*list = (struct track_found_list){ 0 };
	if (open_folder == NULL)
		return false;
	while ((file = readdir(open_folder)) != NULL) {
		text_clear(&path);
		text_addf(&path, "%s/%s", folder, file->d_name);
		if (list->count == capacity) {
			capacity = capacity * 2 + 64;
			list->of = xrealloc(list->of, capacity * sizeof *list->of);
		}
		if (look_at(&list->of[list->count], file->d_name, text_get(&path)))
			list->count++;
		else if (is_ours(file->d_name))
			unlink(text_get(&path));
	}
	closedir(open_folder);
	text_fini(&path);
	if (list->count > 0)
		qsort(list->of, list->count, sizeof *list->of, compare);
	return true;
}
