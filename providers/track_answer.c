#include "providers/track_answer.h"

#include "core/text.h"
#include "providers/byte_range.h"

enum { HTTP_OK = 200 };

bool
track_answer_extent(struct track_extent *extent, const struct http_answer *answer)
{
	if (answer->status == HTTP_OK) {
		extent->total = answer->content_length;
		extent->first = 0;
		extent->last = extent->total - 1;
		return extent->total > 0;
	}
	return content_range_parse(http_answer_header(answer, "Content-Range"),
		       &extent->first, &extent->last, &extent->total) &&
	       extent->total > 0;
}

bool
track_answer_is_sound(const char *content_type)
{
	static const char *const good[] = { "audio/", "application/octet-stream",
		"binary/octet-stream" };

	if (content_type == NULL)
		return true;
	for (size_t i = 0; i < COUNT_OF(good); i++) {
		if (slice_starts_with_ci(slice_of(content_type), good[i]))
			return true;
	}
	return false;
}

bool
track_answer_is_refusal(int status)
{
	return status == 401 || status == 403 || status == 404 || status == 410;
}

enum err
track_answer_err(int status)
{
	if (status == 404 || status == 410)
		return ERR_NOT_FOUND;
	if (status == 401 || status == 403)
		return ERR_DENIED;
	if (status == 429 || status == 503)
		return ERR_BUSY;
	return status >= 500 ? ERR_UNREACHABLE : ERR_PROTOCOL;
}
