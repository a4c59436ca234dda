#include "core/proxy_protocol.h"

#include <string.h>

enum {
	SIGNATURE_BYTES = 12,
	HEAD_BYTES = 16, /* version 2: signature, command, family, length */
	VERSION_2 = 2,
	COMMAND_LOCAL = 0,
	COMMAND_PROXY = 1,
	TCP_OVER_V4 = 0x11,
	TCP_OVER_V6 = 0x21,
	V4_BYTES = 12, /* two addresses, two ports */
	V6_BYTES = 36,
};

static const char signature[SIGNATURE_BYTES] = "\r\n\r\n\0\r\nQUIT\n";

/* ---- version 1 ---- */

static bool
is_port(struct slice text)
{
	uint64_t port;

	return slice_to_u64(text, &port) && port <= UINT16_MAX &&
	       (text.size == 1 || text.data[0] != '0');
}

static bool
is_address(int family, struct slice text, void *to)
{
	char copy[INET6_ADDRSTRLEN];

	if (text.size >= sizeof copy)
		return false;
	memcpy(copy, text.data, text.size);
	copy[text.size] = '\0';
	return strlen(copy) == text.size && inet_pton(family, copy, to) == 1;
}

static void
set_client(struct proxy_protocol *header, int family, const void *address)
{
	const struct in6_addr *v6 = address;

	header->has_client = true;
	if (family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(v6)) {
		family = AF_INET;
		address = &v6->s6_addr[12];
	}
	header->socket.any.sa_family = (sa_family_t)family;
	if (family == AF_INET)
		memcpy(&header->socket.v4.sin_addr, address, sizeof(struct in_addr));
	else
		memcpy(&header->socket.v6.sin6_addr, address, sizeof(struct in6_addr));
	inet_ntop(family, address, header->address, sizeof header->address);
}

/* "TCP4 192.0.2.1 192.0.2.2 5 80", what stands behind "PROXY ". */
static bool
read_words(struct proxy_protocol *header, struct slice line)
{
	struct slice words[5];
	struct slice rest = line;
	size_t count = 0;
	struct in6_addr source, destination;

	while (count < COUNT_OF(words) && slice_next(&rest, ' ', &words[count]))
		count++;
	if (count > 0 && slice_equal_text(words[0], "UNKNOWN"))
		return true;
	int family = AF_UNSPEC;
	if (count == COUNT_OF(words) && slice_equal_text(words[0], "TCP4"))
		family = AF_INET;
	else if (count == COUNT_OF(words) && slice_equal_text(words[0], "TCP6"))
		family = AF_INET6;
	if (family == AF_UNSPEC || rest.size > 0 || line.data[line.size - 1] == ' ' ||
		!is_address(family, words[1], &source) ||
		!is_address(family, words[2], &destination) || !is_port(words[3]) ||
		!is_port(words[4]))
		return false;
	set_client(header, family, &source);
	return true;
}

static enum http_scan
read_line(struct proxy_protocol *header, const char *data, size_t size)
{
	static const char word[] = "PROXY ";
	size_t known = size < sizeof word - 1 ? size : sizeof word - 1;

	if (memcmp(data, word, known) != 0)
		return HTTP_SCAN_BAD;
	if (size > PROXY_PROTOCOL_LINE_BYTES)
		size = PROXY_PROTOCOL_LINE_BYTES;
	const char *end = memchr(data, '\n', size);
	if (end == NULL)
		return size < PROXY_PROTOCOL_LINE_BYTES ? HTTP_SCAN_MORE : HTTP_SCAN_BAD;
	header->size = (size_t)(end - data) + 1;
	if (header->size < sizeof word + 1 || end[-1] != '\r')
		return HTTP_SCAN_BAD;
	struct slice rest = { data + sizeof word - 1, header->size - sizeof word - 1 };
	return read_words(header, rest) ? HTTP_SCAN_DONE : HTTP_SCAN_BAD;
}

/* ---- version 2 ---- */

static enum http_scan
read_binary(struct proxy_protocol *header, const char *data, size_t size)
{
	const unsigned char *bytes = (const unsigned char *)data;

	if (size > SIGNATURE_BYTES &&
		(bytes[12] >> 4 != VERSION_2 || (bytes[12] & 15) > COMMAND_PROXY))
		return HTTP_SCAN_BAD;
	if (size < HEAD_BYTES)
		return HTTP_SCAN_MORE;
	size_t rest = (size_t)bytes[14] << 8 | bytes[15];
	bool local = (bytes[12] & 15) == COMMAND_LOCAL;
	bool v4 = !local && bytes[13] == TCP_OVER_V4;
	bool v6 = !local && bytes[13] == TCP_OVER_V6;
	header->size = HEAD_BYTES + rest;
	if (header->size > PROXY_PROTOCOL_BYTES || (v4 && rest < V4_BYTES) ||
		(v6 && rest < V6_BYTES))
		return HTTP_SCAN_BAD;
	if (size < header->size)
		return HTTP_SCAN_MORE;
	if (v4 || v6)
		set_client(header, v4 ? AF_INET : AF_INET6, data + HEAD_BYTES);
	return HTTP_SCAN_DONE;
}

enum http_scan
proxy_protocol_read(struct proxy_protocol *header, const char *data, size_t size)
{
	size_t known = size < SIGNATURE_BYTES ? size : SIGNATURE_BYTES;

	*header = (struct proxy_protocol){ 0 };
	if (size == 0)
		return HTTP_SCAN_MORE;
	if (memcmp(data, signature, known) != 0)
		return read_line(header, data, size);
	return known < SIGNATURE_BYTES ? HTTP_SCAN_MORE : read_binary(header, data, size);
}
