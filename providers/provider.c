#include "providers/provider.h"

const struct provider *
provider_find(const struct provider_list *list, enum provider_id id)
{
	for (size_t i = 0; i < list->count; i++) {
		if (list->of[i].ops->id == id)
			return &list->of[i];
	}
	return NULL;
}
