#include "tracker/identity.h"

#include <string.h>

enum { MIN_BARE_TOKEN = 16 };

/* What Jellyfin's WebUtility.UrlDecode does to a value, cut to `size`: %XX and '+' are
 * decoded, a broken escape stays. Zero bytes cannot be held by our strings and stay
 * escaped. */
static void
decode_into(char *to, size_t size, struct slice value)
{
	char decoded[1024];
	size_t used = 0;

	for (size_t i = 0; i < value.size && used + 1 < sizeof decoded; i++) {
		char c = value.data[i];
		unsigned char byte;
		if (c == '%' && i + 2 < value.size &&
			hex_decode(&byte, 1, (struct slice){ value.data + i + 1, 2 }) &&
			byte != '\0') {
			decoded[used++] = (char)byte;
			i += 2;
		} else {
			decoded[used++] = c == '+' ? ' ' : c;
		}
	}
	decoded[used] = '\0';
	copy_text(to, size, decoded);
}

static struct slice
trim_quotes(struct slice value)
{
	while (value.size > 0 && value.data[0] == '"') {
		value.data++;
		value.size--;
	}
	while (value.size > 0 && value.data[value.size - 1] == '"')
		value.size--;
	return value;
}

/* One key="value". Keys are compared with regard to case, as Jellyfin does. */
static void
set_field(struct identity *identity, struct slice key, struct slice value)
{
	const struct {
		const char *name;
		char *field;
		size_t size;
	} fields[] = {
		{ "Token", identity->token, sizeof identity->token },
		{ "Client", identity->client, sizeof identity->client },
		{ "Device", identity->device, sizeof identity->device },
		{ "DeviceId", identity->device_id, sizeof identity->device_id },
		{ "Version", identity->version, sizeof identity->version },
	};

	for (size_t i = 0; i < COUNT_OF(fields); i++) {
		if (slice_equal_text(key, fields[i].name))
			decode_into(fields[i].field, fields[i].size,
				trim_quotes(slice_trim(value)));
	}
}

static struct slice
slice_between(struct slice text, size_t start, size_t end)
{
	return (struct slice){ text.data + start, end - start };
}

/* The same walk as AuthorizationContext.GetParts: a quote toggles, commas and equal signs
 * count outside quotes only, the last of two equal keys wins. */
static void
parse_fields(struct identity *identity, struct slice text)
{
	struct slice key = { 0 };
	bool quoted = false;
	size_t start = 0;

	for (size_t i = 0; i < text.size; i++) {
		char c = text.data[i];
		if (c == '"') {
			quoted = !quoted;
		} else if (c == ',' && !quoted) {
			set_field(identity, key, slice_between(text, start, i));
			key = (struct slice){ 0 };
			start = i + 1;
		} else if (c == '=' && !quoted) {
			key = slice_trim(slice_between(text, start, i));
			start = i + 1;
		}
	}
	set_field(identity, key, slice_between(text, start, text.size));
}

/* Cuts "MediaBrowser " or "Emby " off the front; IDENTITY_NONE when it is neither. */
static enum identity_form
cut_scheme(struct slice *value)
{
	const char *blank = value->size > 0 ? memchr(value->data, ' ', value->size) : NULL;
	enum identity_form form = IDENTITY_NONE;

	if (blank == NULL)
		return IDENTITY_NONE;
	struct slice scheme = { value->data, (size_t)(blank - value->data) };
	if (slice_equal_text_ci(scheme, "MediaBrowser"))
		form = IDENTITY_MEDIABROWSER;
	else if (slice_equal_text_ci(scheme, "Emby"))
		form = IDENTITY_LEGACY;
	if (form != IDENTITY_NONE) {
		value->data += scheme.size + 1;
		value->size -= scheme.size + 1;
	}
	return form;
}

void
identity_parse_header(struct identity *identity, struct slice value, bool *scheme_ok)
{
	enum identity_form form = cut_scheme(&value);

	*scheme_ok = form != IDENTITY_NONE;
	if (!*scheme_ok)
		return;
	parse_fields(identity, value);
	if (identity->token[0] != '\0')
		identity->form = form;
}

static const char *
find_header(const struct http_request *request, const char *name)
{
	for (size_t i = 0; i < request->header_count; i++) {
		if (text_equal_ci(request->headers[i].name, name))
			return request->headers[i].value;
	}
	return NULL;
}

static void
take_token(struct identity *identity, const char *token, enum identity_form form)
{
	if (identity->token[0] != '\0' || token == NULL || token[0] == '\0')
		return;
	copy_text(identity->token, sizeof identity->token, token);
	identity->form = form;
}

/* Jellify sends `Authorization: <token>` to streams. A scheme word alone is no token. */
static bool
is_bare_token(struct slice value)
{
	if (value.size < MIN_BARE_TOKEN)
		return false;
	for (size_t i = 0; i < value.size; i++) {
		char c = value.data[i];
		bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
			     (c >= 'A' && c <= 'Z') || c == '-' || c == '_' || c == '.';
		if (!plain)
			return false;
	}
	return true;
}

static void
take_bare_token(struct identity *identity, struct slice value)
{
	if (identity->token[0] != '\0' || !is_bare_token(value))
		return;
	decode_into(identity->token, sizeof identity->token, value);
	identity->form = IDENTITY_BARE;
}

/* Fields that `identity` lacks, from a second header. */
static void
fill_missing(struct identity *identity, const struct identity *more)
{
	fill_text(identity->client, sizeof identity->client, more->client);
	fill_text(identity->device, sizeof identity->device, more->device);
	fill_text(identity->device_id, sizeof identity->device_id, more->device_id);
	fill_text(identity->version, sizeof identity->version, more->version);
	take_token(identity, more->token, IDENTITY_LEGACY);
}

void
identity_read(struct identity *identity, const struct http_request *request,
	const struct query *query)
{
	const char *authorization = find_header(request, "Authorization");
	const char *emby_authorization = find_header(request, "X-Emby-Authorization");
	bool scheme_ok = false;

	*identity = (struct identity){ 0 };
	copy_text(identity->address, sizeof identity->address, request->client_address);
	if (authorization != NULL)
		identity_parse_header(identity, slice_of(authorization), &scheme_ok);
	if (emby_authorization != NULL) {
		struct identity more = { 0 };
		bool more_ok;
		identity_parse_header(&more, slice_of(emby_authorization), &more_ok);
		fill_missing(identity, &more);
	}
	take_token(identity, find_header(request, "X-Emby-Token"), IDENTITY_LEGACY);
	take_token(identity, find_header(request, "X-MediaBrowser-Token"), IDENTITY_LEGACY);
	if (query != NULL) {
		take_token(identity, query_get(query, "ApiKey"), IDENTITY_QUERY);
		take_token(identity, query_get(query, "api_key"), IDENTITY_LEGACY);
	}
	if (authorization != NULL && !scheme_ok)
		take_bare_token(identity, slice_trim(slice_of(authorization)));
}

static void
write_field(struct text *to, const char *name, const char *value)
{
	if (value[0] == '\0')
		return;
	if (to->data[to->size - 1] != ' ')
		text_add(to, ", ");
	text_addf(to, "%s=\"", name);
	url_encode(to, slice_of(value));
	text_add_char(to, '"');
}

void
identity_write_header(struct text *to, const struct identity *identity)
{
	text_add(to, "MediaBrowser ");
	write_field(to, "Client", identity->client);
	write_field(to, "Device", identity->device);
	write_field(to, "DeviceId", identity->device_id);
	write_field(to, "Version", identity->version);
	write_field(to, "Token", identity->token);
}

/* ---- packed: the texts one behind the other, each terminated ---- */

enum { PACKED_FIELDS = 6 };

struct packed_field {
	char *text;
	size_t size;
};

static void
list_fields(struct packed_field fields[PACKED_FIELDS], struct identity *identity)
{
	fields[0] = (struct packed_field){ identity->token, sizeof identity->token };
	fields[1] = (struct packed_field){ identity->client, sizeof identity->client };
	fields[2] = (struct packed_field){ identity->device, sizeof identity->device };
	fields[3] =
		(struct packed_field){ identity->device_id, sizeof identity->device_id };
	fields[4] = (struct packed_field){ identity->version, sizeof identity->version };
	fields[5] = (struct packed_field){ identity->address, sizeof identity->address };
}

char *
identity_pack_new(const struct identity *identity)
{
	struct packed_field fields[PACKED_FIELDS];
	struct identity copy = *identity;
	size_t size = 0;

	list_fields(fields, &copy);
	for (size_t i = 0; i < PACKED_FIELDS; i++)
		size += strlen(fields[i].text) + 1;
	char *pack = xcalloc(1, size);
	char *at = pack;
	for (size_t i = 0; i < PACKED_FIELDS; i++) {
		size_t length = strlen(fields[i].text) + 1;
		memcpy(at, fields[i].text, length);
		at += length;
	}
	explicit_bzero(&copy, sizeof copy);
	return pack;
}

void
identity_unpack(struct identity *identity, const char *pack)
{
	struct packed_field fields[PACKED_FIELDS];

	*identity = (struct identity){ .form = IDENTITY_MEDIABROWSER };
	list_fields(fields, identity);
	for (size_t i = 0; i < PACKED_FIELDS; i++) {
		copy_text(fields[i].text, fields[i].size, pack);
		pack += strlen(pack) + 1;
	}
}

bool
identity_is_packed_as(const struct identity *identity, const char *pack)
{
	struct packed_field fields[PACKED_FIELDS];
	struct identity copy = *identity;
	bool same = true;

	list_fields(fields, &copy);
	for (size_t i = 0; i < PACKED_FIELDS && same; i++) {
		same = strcmp(fields[i].text, pack) == 0;
		pack += strlen(pack) + 1;
	}
	explicit_bzero(&copy, sizeof copy);
	return same;
}

void
identity_pack_free(char *take_pack)
{
	struct identity identity;

	if (take_pack == NULL)
		return;
	identity_unpack(&identity, take_pack);
	explicit_bzero(take_pack, strlen(identity.token));
	explicit_bzero(&identity, sizeof identity);
	xfree(take_pack);
}
