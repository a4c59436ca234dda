#include "providers/track_file.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/mem.h"

/* Of the footer's numbers, eight bytes each, least significant first. */
enum {
	AT_MAGIC,
	AT_TOTAL,
	AT_KIND, /* quality, depth, channels: a byte each */
	AT_RATE,
	AT_BITRATE,
	AT_DURATION,
	AT_ZERO,
	AT_SUM, /* of everything before it, the sums of the blocks included */
};

#define MAGIC      UINT64_C(0x314b434152545453) /* "STTRACK1" */
#define MOST_BYTES (INT64_C(1) << 40)

bool
track_key_equal(const struct track_key *a, const struct track_key *b)
{
	return a->provider == b->provider && a->account == b->account &&
	       strcmp(a->song, b->song) == 0;
}

/* ---- names ---- */

void
track_file_name(char name[TRACK_FILE_NAME], const struct track_file *file, bool part)
{
	snprintf(name, TRACK_FILE_NAME,
		"%s.%s.%s.%02x.%016" PRIx64 ".%" PRId64 ".%016" PRIx64 ".track%s",
		provider_name(file->key.provider), file->key.song,
		track_quality_name(file->quality), (unsigned)file->wished,
		file->key.account, file->total, file->serial, part ? ".part" : "");
}

static bool
read_hex64(struct slice text, uint64_t *number)
{
	unsigned char bytes[8];

	if (!hex_decode(bytes, sizeof bytes, text))
		return false;
	*number = 0;
	for (size_t i = 0; i < sizeof bytes; i++)
		*number = *number << 8 | bytes[i];
	return true;
}

static bool
read_provider(struct slice text, enum provider_id *provider)
{
	static const enum provider_id all[] = { PROVIDER_DEEZER, PROVIDER_QOBUZ };

	for (size_t i = 0; i < COUNT_OF(all); i++) {
		*provider = all[i];
		if (slice_equal_text(text, provider_name(all[i])))
			return true;
	}
	return false;
}

static bool
read_quality(struct slice text, enum track_quality *quality)
{
	for (int i = 0; i < TRACK_QUALITIES; i++) {
		*quality = (enum track_quality)i;
		if (slice_equal_text(text, track_quality_name(*quality)))
			return true;
	}
	return false;
}

bool
track_file_parse(struct track_file *file, const char *name)
{
	struct slice rest = slice_of(name), part[8];
	char again[TRACK_FILE_NAME];
	uint64_t total;

	memset(file, 0, sizeof *file);
	for (size_t i = 0; i < COUNT_OF(part); i++) {
		if (!slice_next(&rest, '.', &part[i]))
			return false;
	}
	if (!read_provider(part[0], &file->key.provider) || part[1].size == 0 ||
		part[1].size >= sizeof file->key.song ||
		!read_quality(part[2], &file->quality) ||
		!hex_decode(&file->wished, 1, part[3]) ||
		!read_hex64(part[4], &file->key.account) ||
		!slice_to_u64(part[5], &total) || total == 0 || total > MOST_BYTES ||
		!read_hex64(part[6], &file->serial))
		return false;
	memcpy(file->key.song, part[1].data, part[1].size);
	file->total = (int64_t)total;
	track_file_name(again, file, false);
	return strcmp(again, name) == 0;
}

/* ---- sums ---- */

size_t
track_file_blocks(int64_t total)
{
	return (size_t)((total + TRACK_BLOCK - 1) / TRACK_BLOCK);
}

int64_t
track_file_size(int64_t total)
{
	return total + (int64_t)(track_file_blocks(total) * sizeof(uint64_t)) +
	       TRACK_FOOTER;
}

static uint64_t
mix(uint64_t sum, uint64_t word)
{
	sum = (sum ^ word) * UINT64_C(0x9e3779b97f4a7c15);
	return sum ^ sum >> 29;
}

static uint64_t
word_at(const unsigned char *bytes)
{
	uint64_t word;

	memcpy(&word, bytes, sizeof word);
	return word;
}

/* Eight sums in registers keep the multiplier busy: an array of them is four times slower.
 */
uint64_t
track_file_sum(const void *data, size_t size)
{
	enum { STEP = 8 * sizeof(uint64_t) };
	const unsigned char *bytes = data;
	uint64_t a = 1, b = 2, c = 3, d = 4, e = 5, f = 6, g = 7, h = 8, sum = size;
	unsigned char last[STEP] = { 0 };
	size_t whole = size - size % STEP;

	for (size_t at = 0; at < whole; at += STEP) {
		a = mix(a, word_at(bytes + at));
		b = mix(b, word_at(bytes + at + 8));
		c = mix(c, word_at(bytes + at + 16));
		d = mix(d, word_at(bytes + at + 24));
		e = mix(e, word_at(bytes + at + 32));
		f = mix(f, word_at(bytes + at + 40));
		g = mix(g, word_at(bytes + at + 48));
		h = mix(h, word_at(bytes + at + 56));
	}
	const uint64_t lanes[] = { a, b, c, d, e, f, g, h };
	if (size > whole)
		memcpy(last, bytes + whole, size - whole);
	for (size_t i = 0; i < COUNT_OF(lanes); i++)
		sum = mix(mix(sum, lanes[i]), word_at(last + 8 * i));
	return sum;
}

/* ---- the trailer ---- */

static void
put_number(unsigned char *at, uint64_t number)
{
	for (int i = 0; i < 8; i++)
		at[i] = (unsigned char)(number >> 8 * i);
}

static uint64_t
get_number(const unsigned char *at)
{
	uint64_t number = 0;

	for (int i = 7; i >= 0; i--)
		number = number << 8 | at[i];
	return number;
}

unsigned char *
track_file_trailer_new(
	const struct track_format *format, const uint64_t *sums, size_t *size)
{
	size_t count = track_file_blocks(format->size);
	uint64_t kind = (uint64_t)format->quality | (uint64_t)format->bit_depth << 8 |
			(uint64_t)format->channels << 16;
	const uint64_t numbers[AT_SUM] = {
		[AT_MAGIC] = MAGIC,
		[AT_TOTAL] = (uint64_t)format->size,
		[AT_KIND] = kind,
		[AT_RATE] = (uint64_t)format->sample_rate,
		[AT_BITRATE] = (uint64_t)format->bitrate,
		[AT_DURATION] = (uint64_t)format->duration_ms,
	};

	*size = count * sizeof(uint64_t) + TRACK_FOOTER;
	unsigned char *trailer = xmalloc(*size);
	unsigned char *footer = trailer + count * sizeof(uint64_t);
	for (size_t i = 0; i < count; i++)
		put_number(trailer + i * sizeof(uint64_t), sums[i]);
	for (size_t i = 0; i < AT_SUM; i++)
		put_number(footer + i * sizeof(uint64_t), numbers[i]);
	put_number(footer + AT_SUM * sizeof(uint64_t),
		track_file_sum(trailer, *size - sizeof(uint64_t)));
	return trailer;
}

bool
track_file_read_trailer(const unsigned char *trailer, size_t size, int64_t total,
	struct track_format *format, uint64_t *sums)
{
	size_t count = track_file_blocks(total);
	const unsigned char *footer = trailer + count * sizeof(uint64_t);
	uint64_t numbers[AT_SUM + 1];

	if (size != count * sizeof(uint64_t) + TRACK_FOOTER)
		return false;
	for (size_t i = 0; i <= AT_SUM; i++)
		numbers[i] = get_number(footer + i * sizeof(uint64_t));
	if (numbers[AT_MAGIC] != MAGIC || numbers[AT_TOTAL] != (uint64_t)total ||
		(numbers[AT_KIND] & 0xff) >= TRACK_QUALITIES ||
		numbers[AT_SUM] != track_file_sum(trailer, size - sizeof(uint64_t)))
		return false;
	*format = (struct track_format){
		.quality = (enum track_quality)(numbers[AT_KIND] & 0xff),
		.size = total,
		.duration_ms = (int64_t)numbers[AT_DURATION],
		.bitrate = (int64_t)numbers[AT_BITRATE],
		.sample_rate = (int64_t)numbers[AT_RATE],
		.bit_depth = (int)(numbers[AT_KIND] >> 8 & 0xff),
		.channels = (int)(numbers[AT_KIND] >> 16 & 0xff),
	};
	for (size_t i = 0; i < count; i++)
		sums[i] = get_number(trailer + i * sizeof(uint64_t));
	return true;
}
