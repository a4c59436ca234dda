/* The reasons an operation can fail, for callers that act on the reason. Any thread. */
#ifndef CORE_ERROR_H
#define CORE_ERROR_H

enum err {
	ERR_NONE = 0,
	ERR_INVALID,     /* what we were given makes no sense */
	ERR_NOT_FOUND,   /* asked and answered: there is no such thing */
	ERR_DENIED,      /* asked and answered: not for this caller */
	ERR_UNREACHABLE, /* the other side could not be connected or broke off */
	ERR_TIMEOUT,     /* it did not answer in time */
	ERR_BUSY,        /* a limit is reached: try again later */
	ERR_PROTOCOL,    /* it answered what we cannot make sense of */
	ERR_TOO_LARGE,   /* more bytes than we accept */
	ERR_IO,          /* disk or database */
	ERR_COUNT
};

/* "none", "not_found", … for logs and the JSON errors of our own paths. */
const char *err_name(enum err err);

#endif
