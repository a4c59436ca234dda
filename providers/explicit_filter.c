#include "providers/explicit_filter.h"

bool
explicit_filter_keeps(enum explicit_filter filter, const struct media *media)
{
	if (media->kind != MEDIA_SONG && media->kind != MEDIA_ALBUM)
		return true;
	switch (filter) {
	case EXPLICIT_CLEAN:
		return !media->explicit_content;
	case EXPLICIT_UNEDITED:
		return !media->edited;
	case EXPLICIT_ALL:
		break;
	}
	return true;
}

void
explicit_filter_apply(enum explicit_filter filter, struct media_list *list)
{
	size_t before = list->count;

	for (size_t i = list->count; i-- > 0;) {
		if (!explicit_filter_keeps(filter, &list->items[i]))
			media_list_drop(list, i);
	}
	list->total -= (int64_t)(before - list->count);
}
