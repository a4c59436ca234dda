#include "core/http_answer.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/json.h"

struct phrase {
	int status;
	const char *text;
};

/* RFC 9110 §15 and the few others Jellyfin and we send. In order. */
static const struct phrase phrases[] = {
	{ 101, "Switching Protocols" },
	{ 200, "OK" },
	{ 201, "Created" },
	{ 202, "Accepted" },
	{ 204, "No Content" },
	{ 206, "Partial Content" },
	{ 301, "Moved Permanently" },
	{ 302, "Found" },
	{ 303, "See Other" },
	{ 304, "Not Modified" },
	{ 307, "Temporary Redirect" },
	{ 308, "Permanent Redirect" },
	{ 400, "Bad Request" },
	{ 401, "Unauthorized" },
	{ 403, "Forbidden" },
	{ 404, "Not Found" },
	{ 405, "Method Not Allowed" },
	{ 406, "Not Acceptable" },
	{ 408, "Request Timeout" },
	{ 409, "Conflict" },
	{ 410, "Gone" },
	{ 411, "Length Required" },
	{ 412, "Precondition Failed" },
	{ 413, "Content Too Large" },
	{ 414, "URI Too Long" },
	{ 415, "Unsupported Media Type" },
	{ 416, "Range Not Satisfiable" },
	{ 417, "Expectation Failed" },
	{ 422, "Unprocessable Content" },
	{ 423, "Locked" },
	{ 426, "Upgrade Required" },
	{ 429, "Too Many Requests" },
	{ 431, "Request Header Fields Too Large" },
	{ 500, "Internal Server Error" },
	{ 501, "Not Implemented" },
	{ 502, "Bad Gateway" },
	{ 503, "Service Unavailable" },
	{ 504, "Gateway Timeout" },
	{ 505, "HTTP Version Not Supported" },
	{ 507, "Insufficient Storage" },
};

/* "" for an unknown status. */
static const char *
status_phrase(int status)
{
	for (size_t i = 0; i < COUNT_OF(phrases); i++) {
		if (phrases[i].status == status)
			return phrases[i].text;
	}
	return "";
}

bool
http_status_has_body(int status)
{
	return status >= 200 && status != 204 && status != 304;
}

void
http_format_date(char *to, int64_t wall_ms)
{
	static const char days[7][4] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
	static const char months[12][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul",
		"Aug", "Sep", "Oct", "Nov", "Dec" };
	time_t seconds = (time_t)(wall_ms / 1000);
	struct tm parts;

	gmtime_r(&seconds, &parts);
	snprintf(to, HTTP_DATE_SIZE, "%s, %02u %s %04u %02u:%02u:%02u GMT",
		days[parts.tm_wday], (unsigned)parts.tm_mday % 100, months[parts.tm_mon],
		(unsigned)(parts.tm_year + 1900) % 10000, (unsigned)parts.tm_hour % 100,
		(unsigned)parts.tm_min % 100, (unsigned)parts.tm_sec % 100);
}

/* Written from the answer's own fields, whatever the caller lists. */
static bool
is_ours(const char *name)
{
	return text_equal_ci(name, "Content-Length") ||
	       text_equal_ci(name, "Transfer-Encoding") ||
	       text_equal_ci(name, "Connection");
}

static bool
is_safe(const struct http_header *header)
{
	return header->name[0] != '\0' && strpbrk(header->name, "\r\n: ") == NULL &&
	       strpbrk(header->value, "\r\n") == NULL;
}

void
http_add_line(struct text *to, const char *name, const char *value)
{
	size_t name_size = strlen(name);
	size_t value_size = strlen(value);
	size_t size = name_size + value_size + 4;
	char *at = text_reserve(to, size);

	memcpy(at, name, name_size);
	memcpy(at + name_size, ": ", 2);
	memcpy(at + name_size + 2, value, value_size);
	memcpy(at + name_size + 2 + value_size, "\r\n", 3);
	to->size += size;
}

static void
add_number(struct text *to, uint64_t number)
{
	char digits[20];
	size_t at = sizeof digits;

	do {
		digits[--at] = (char)('0' + number % 10);
		number /= 10;
	} while (number > 0);
	text_add_bytes(to, digits + at, sizeof digits - at);
}

void
http_add_exchange(struct text *to, uint64_t exchange)
{
	text_add(to, "X-Sidetrack-Exchange: ");
	add_number(to, exchange);
	text_add_bytes(to, "\r\n", 2);
}

size_t
http_answer_head(struct text *to, const struct http_own_answer *answer)
{
	size_t refused = 0;

	text_add_bytes(to, "HTTP/1.1 ", 9);
	add_number(to, (uint64_t)answer->status);
	text_add_char(to, ' ');
	text_add(to, status_phrase(answer->status));
	text_add_bytes(to, "\r\n", 2);
	if (answer->date != NULL)
		http_add_line(to, "Date", answer->date);
	for (size_t i = 0; i < answer->header_count; i++) {
		const struct http_header *header = &answer->headers[i];
		if (is_ours(header->name))
			continue;
		if (is_safe(header))
			http_add_line(to, header->name, header->value);
		else
			refused++;
	}
	if (answer->framing == HTTP_FRAMING_LENGTH) {
		text_add_bytes(to, "Content-Length: ", 16);
		add_number(to, (uint64_t)answer->content_length);
		text_add_bytes(to, "\r\n", 2);
	} else if (answer->framing == HTTP_FRAMING_CHUNKED) {
		http_add_line(to, "Transfer-Encoding", "chunked");
	}
	if (answer->exchange != 0)
		http_add_exchange(to, answer->exchange);
	if (answer->close)
		http_add_line(to, "Connection", "close");
	else if (answer->keep_alive)
		http_add_line(to, "Connection", "keep-alive");
	text_add_bytes(to, "\r\n", 2);
	return refused;
}

char *
http_error_json(const char *code, const char *message, size_t *size)
{
	json_t *error = json_object();
	json_t *answer = json_object();

	json_put_text(error, "code", code);
	json_put_text(error, "message", message);
	json_put_new(answer, "error", error);
	char *text = json_dump_new(answer, size);
	json_decref(answer);
	return text;
}
