#include "providers/track_head.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "providers/byte_range.h"

struct track_head
track_head_of(const struct external_id *id, const struct track_format *format,
	const struct track_range *range, const char *if_range)
{
	struct track_head head = { .format = *format,
		.content_type = track_quality_type(format->quality) };
	struct byte_range wanted = { true, 0, -1 };

	snprintf(head.etag, sizeof head.etag, "\"%s-%s-%s-%" PRId64 "\"",
		provider_name(id->provider), id->key, track_quality_name(format->quality),
		format->size);
	bool counts = if_range[0] == '\0' || strcmp(if_range, head.etag) == 0;
	if (counts)
		wanted = (struct byte_range){ true, range->first, range->last };
	head.satisfiable = byte_range_fit(&wanted, format->size, &head.first, &head.last) !=
			   BYTE_RANGE_UNSATISFIABLE;
	head.is_part = range->asked && counts;
	return head;
}
