#include "core/error.h"

#include "core/mem.h"

static const char *const names[ERR_COUNT] = {
	[ERR_NONE] = "none",
	[ERR_INVALID] = "invalid",
	[ERR_NOT_FOUND] = "not_found",
	[ERR_DENIED] = "denied",
	[ERR_UNREACHABLE] = "unreachable",
	[ERR_TIMEOUT] = "timeout",
	[ERR_BUSY] = "busy",
	[ERR_PROTOCOL] = "protocol",
	[ERR_TOO_LARGE] = "too_large",
	[ERR_IO] = "io",
};

const char *
err_name(enum err err)
{
	assert(err < ERR_COUNT);
	return names[err];
}
