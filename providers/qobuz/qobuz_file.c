#include "providers/qobuz/qobuz_file.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/json.h"
#include "core/text.h"
#include "providers/foreign.h"

enum {
	MARGIN_MS = 60 * 1000,
	LIFETIME_MS = 5 * 60 * 1000, /* of an address that does not say */
	MAX_SECONDS = 24 * 3600,
	CD_DEPTH = 16,
	CD_RATE = 48000,
	HIGH_RATE = 96000,
};

/* ---- what came ---- */

/* {"restrictions": [{"code": "FormatRestrictedByFormatAvailability"}, …]} */
static bool
is_restricted(const json_t *root, const char *code)
{
	const json_t *one;
	size_t i;

	json_array_foreach (json_member(root, "restrictions"), i, one) {
		if (strcmp(json_text_or(one, "code", ""), code) == 0)
			return true;
	}
	return false;
}

static bool
is_about_format_only(const json_t *root)
{
	const json_t *one;
	size_t i;

	json_array_foreach (json_member(root, "restrictions"), i, one) {
		if (strcmp(json_text_or(one, "code", ""),
			    "FormatRestrictedByFormatAvailability") != 0)
			return false;
	}
	return true;
}

static void
read_reason(struct qobuz_file *file, const json_t *root)
{
	const json_t *first = json_array_get(json_member(root, "restrictions"), 0);
	const char *code = json_text_or(first, "code", "");

	/* A word, not a text: it is shown. */
	for (const char *c = code; *c != '\0'; c++) {
		char low = ascii_lower(*c);
		if (low < 'a' || low > 'z')
			return;
	}
	copy_text(file->reason, sizeof file->reason, code);
}

/* "…&etsp=1893456000&…": seconds since 1970. */
static int64_t
expiry_of(const char *url, int64_t now_wall_ms)
{
	const char *at = strchr(url, '?');
	uint64_t seconds;

	while (at != NULL) {
		at++;
		if (strncmp(at, "etsp=", 5) == 0) {
			struct slice digits = { at + 5, strspn(at + 5, "0123456789") };
			if (slice_to_u64(digits, &seconds) && seconds < 100000000000)
				return (int64_t)seconds * 1000 - MARGIN_MS;
			break;
		}
		at = strchr(at, '&');
	}
	return now_wall_ms + LIFETIME_MS;
}

/* Older answers have kHz, newer ones Hz. */
static int64_t
rate_of(const json_t *root)
{
	double rate = json_double(root, "sampling_rate", 0);

	if (!(rate > 0 && rate < 1000000))
		return 0;
	return (int64_t)lround(rate < 1000 ? rate * 1000 : rate);
}

static bool
read_quality(enum track_quality *quality, const json_t *root, int64_t rate, int64_t depth)
{
	struct slice type = slice_of(json_text(root, "mime_type"));
	int64_t id = json_int(root, "format_id", 0);
	bool mp3 = type.size > 0 ? slice_starts_with_ci(type, "audio/mpeg") : id == 5;
	bool flac = slice_starts_with_ci(type, "audio/flac") ||
		    slice_starts_with_ci(type, "audio/x-flac") ||
		    (type.size == 0 && (id == 6 || id == 7 || id == 27));

	if (mp3)
		*quality = TRACK_MP3_320;
	else if (depth > 0 ? depth <= CD_DEPTH && rate <= CD_RATE : id == 6)
		*quality = TRACK_FLAC;
	else if (rate > 0 ? rate <= HIGH_RATE : id == 7)
		*quality = TRACK_FLAC_96;
	else
		*quality = TRACK_FLAC_192;
	return mp3 || flac;
}

static bool
read_format(struct qobuz_file *file, const json_t *root)
{
	int64_t rate = rate_of(root);
	int64_t depth = foreign_number(root, "bit_depth", 32);
	enum track_quality quality;

	if (depth == 0)
		depth = foreign_number(root, "bits_depth", 32);
	if (!read_quality(&quality, root, rate, depth))
		return false;
	file->format = track_format_of(file->is_sample ? TRACK_PREVIEW : quality);
	file->format.duration_ms = foreign_number(root, "duration", MAX_SECONDS) * 1000;
	if (rate > 0)
		file->format.sample_rate = rate;
	if (file->is_sample)
		file->format.bitrate = track_format_of(quality).bitrate;
	else if (quality >= TRACK_FLAC && depth > 0)
		file->format.bit_depth = (int)depth;
	/* A preview is an MP3 to those who play it. */
	file->try_lower = file->is_sample && quality != TRACK_MP3_320;
	return true;
}

/* Whatever gives cause to think so: half a minute must never pass for a song. */
static bool
says_sample(const json_t *root)
{
	return json_bool(root, "sample", false) || rate_of(root) == 0 ||
	       is_restricted(root, "UserUncredentialed") ||
	       is_restricted(root, "UserUnauthenticated");
}

enum err
qobuz_file_read(struct qobuz_file *file, const json_t *root, int64_t now_wall_ms, char *why,
	size_t why_size)
{
	const char *url = json_text_or(root, "url", "");

	*file = (struct qobuz_file){ .url = NULL };
	read_reason(file, root);
	file->unpaid = is_restricted(root, "UserUncredentialed");
	file->nobody = is_restricted(root, "UserUnauthenticated");
	if (url[0] == '\0') {
		file->try_lower = is_about_format_only(root);
		return ERR_NONE;
	}
	file->is_sample = says_sample(root);
	if (!foreign_is_url(url) || !read_format(file, root)) {
		snprintf(why, why_size, "the answer has no sound that we know");
		return ERR_PROTOCOL;
	}
	if (!file->try_lower)
		file->url = xstrdup(url);
	file->expires_wall_ms = expiry_of(url, now_wall_ms);
	return ERR_NONE;
}

void
qobuz_file_fini(struct qobuz_file *file)
{
	if (file->url != NULL)
		explicit_bzero(file->url, strlen(file->url));
	xfree(file->url);
	file->url = NULL;
}

struct qobuz_file
qobuz_file_copy(const struct qobuz_file *file)
{
	struct qobuz_file copy = *file;

	copy.url = xstrdup_or_null(file->url);
	return copy;
}

/* ---- what to ask for ---- */

size_t
qobuz_file_formats(int formats[QOBUZ_FORMATS], track_quality_set wished)
{
	static const struct {
		int id;
		track_quality_set brings;
	} known[QOBUZ_FORMATS] = {
		{ 27, TRACK_BIT(TRACK_FLAC_192) },
		{ 7, TRACK_BIT(TRACK_FLAC_96) },
		{ 6, TRACK_BIT(TRACK_FLAC) },
		{ 5, TRACK_BIT(TRACK_MP3_320) | TRACK_BIT(TRACK_PREVIEW) },
	};
	size_t count = 0;

	for (size_t i = 0; i < QOBUZ_FORMATS; i++) {
		if ((wished & known[i].brings) != 0)
			formats[count++] = known[i].id;
	}
	return count;
}
