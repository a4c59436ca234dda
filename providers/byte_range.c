#include "providers/byte_range.h"

#include "core/text.h"

static void
skip_blanks(const char **at)
{
	while (**at == ' ' || **at == '\t')
		(*at)++;
}

/* A run of digits; what is too large for an int64_t is larger than any file. */
static bool
take_number(const char **at, int64_t *number)
{
	const char *start = *at;

	*number = 0;
	for (; **at >= '0' && **at <= '9'; (*at)++) {
		int digit = **at - '0';
		if (*number > (INT64_MAX - digit) / 10)
			*number = INT64_MAX;
		else
			*number = *number * 10 + digit;
	}
	return *at > start;
}

static bool
take_unit(const char **at, char separator)
{
	if (!slice_starts_with_ci(slice_of(*at), "bytes") || (*at)[5] != separator)
		return false;
	*at += 6;
	skip_blanks(at);
	return true;
}

static bool
parse(struct byte_range *range, const char *at)
{
	skip_blanks(&at);
	if (!take_unit(&at, '='))
		return false;
	bool has_first = take_number(&at, &range->first);
	if (*at++ != '-')
		return false;
	bool has_last = take_number(&at, &range->last);
	skip_blanks(&at);
	if (*at != '\0' || (!has_first && !has_last) ||
		(has_first && has_last && range->last < range->first))
		return false;
	if (!has_first)
		range->first = -1;
	if (!has_last)
		range->last = -1;
	return true;
}

struct byte_range
byte_range_parse(const char *header)
{
	struct byte_range range = { true, 0, -1 };

	if (header == NULL || !parse(&range, header))
		return (struct byte_range){ false, 0, -1 };
	return range;
}

enum byte_range_fit
byte_range_fit(const struct byte_range *range, int64_t total, int64_t *first, int64_t *last)
{
	*first = 0;
	*last = total - 1;
	if (!range->asked)
		return BYTE_RANGE_WHOLE;
	if (range->first < 0 && range->last < total)
		*first = total - range->last;
	else if (range->first >= 0)
		*first = range->first;
	if (range->first >= 0 && range->last >= 0 && range->last < total)
		*last = range->last;
	/* A suffix of nothing asks for nothing, which cannot be satisfied. */
	return *first >= total ? BYTE_RANGE_UNSATISFIABLE : BYTE_RANGE_PART;
}

bool
content_range_parse(const char *header, int64_t *first, int64_t *last, int64_t *total)
{
	const char *at = header;

	*first = *last = *total = -1;
	if (at == NULL || !take_unit(&at, ' '))
		return false;
	if (*at == '*')
		at++;
	else if (!take_number(&at, first) || *at++ != '-' || !take_number(&at, last))
		return false;
	if (*at++ != '/')
		return false;
	if (*at == '*' && at[1] == '\0')
		return *first >= 0 && *first <= *last;
	if (!take_number(&at, total) || *at != '\0')
		return false;
	return *first <= *last && *last < *total;
}
