#include "core/log.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/log_limit.h"

enum {
	QUEUE_BYTES = 1 << 20,
	HURRY_BYTES = QUEUE_BYTES / 4,
	GATHER_MS = 10,
	WAKES_MAX = 8, /* of the writer in GATHER_MS */
};

static const char *const level_names[] = { "error", "warn", "info", "debug" };

static _Atomic int current_level = LOG_LEVEL_INFO;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t wake = PTHREAD_COND_INITIALIZER;
static pthread_t writer;
static struct text queue;      /* under mutex, at most QUEUE_BYTES */
static uint64_t dropped;       /* lines, under mutex */
static struct log_limit limit; /* under mutex */
static bool running;           /* under mutex */
static bool stopping;          /* under mutex */
static int hurry_fd = -1;      /* wakes the writer while it gathers; made by log_start */

bool
log_enabled(enum log_level level)
{
	return (int)level <= atomic_load_explicit(&current_level, memory_order_relaxed);
}

void
log_set_level(enum log_level level)
{
	atomic_store(&current_level, (int)level);
}

static bool
is_plain(struct slice text)
{
	for (size_t i = 0; i < text.size; i++) {
		unsigned char c = (unsigned char)text.data[i];
		if (c <= ' ' || c >= 127 || c == '"' || c == '\\' || c == '=')
			return false;
	}
	return text.size > 0;
}

static bool
needs_escape(unsigned char c)
{
	return c == '"' || c == '\\' || c < ' ' || c == 127;
}

static void
add_quoted(struct text *line, struct slice text)
{
	size_t done = 0;

	text_add_char(line, '"');
	for (size_t i = 0; i <= text.size; i++) {
		if (i < text.size && !needs_escape((unsigned char)text.data[i]))
			continue;
		text_add_bytes(line, text.data + done, i - done);
		done = i + 1;
		if (i == text.size)
			break;
		unsigned char c = (unsigned char)text.data[i];
		if (c == '"' || c == '\\')
			text_addf(line, "\\%c", c);
		else
			text_addf(line, "\\x%02x", c);
	}
	text_add_char(line, '"');
}

/* Without printf: the access log writes a handful per exchange. */
static void
add_number(struct text *line, int64_t number)
{
	uint64_t left = number < 0 ? -(uint64_t)number : (uint64_t)number;
	char digits[20];
	size_t at = sizeof digits;

	do {
		digits[--at] = (char)('0' + left % 10);
		left /= 10;
	} while (left > 0);
	if (number < 0)
		text_add_char(line, '-');
	text_add_bytes(line, digits + at, sizeof digits - at);
}

static void
add_ms(struct text *line, int64_t us)
{
	int64_t part = us < 0 ? -(us % 1000) : us % 1000;

	if (us < 0 && us > -1000)
		text_add_char(line, '-');
	add_number(line, us / 1000);
	text_add_char(line, '.');
	text_add_char(line, (char)('0' + part / 100));
	text_add_char(line, (char)('0' + part / 10 % 10));
	text_add_char(line, (char)('0' + part % 10));
}

static void
add_field(struct text *line, const struct log_field *field)
{
	text_add_char(line, ' ');
	text_add(line, field->key);
	text_add_char(line, '=');
	if (field->kind == LOG_FIELD_NUMBER)
		add_number(line, field->number);
	else if (field->kind == LOG_FIELD_MS)
		add_ms(line, field->number);
	else if (field->kind == LOG_FIELD_SECRET)
		text_add(line, field->text.size > 0 ? "set" : "unset");
	else if (is_plain(field->text))
		text_add_slice(line, field->text);
	else
		add_quoted(line, field->text);
}

void
log_format(struct text *line, int64_t wall_ms, enum log_level level, const char *event,
	const struct log_field *fields)
{
	char iso[CLOCK_ISO_SIZE];

	clock_format_iso(iso, wall_ms);
	text_add(line, "ts=");
	text_add(line, iso);
	text_add(line, " level=");
	text_add(line, level_names[level]);
	text_add(line, " event=");
	text_add(line, event);
	for (const struct log_field *field = fields; field->kind != LOG_FIELD_END; field++)
		add_field(line, field);
}

static void
write_all(const char *data, size_t size)
{
	while (size > 0) {
		ssize_t written = write(STDERR_FILENO, data, size);
		if (written <= 0)
			return;
		data += written;
		size -= (size_t)written;
	}
}

/* The writer shall gather no longer. */
static void
hurry(void)
{
	const uint64_t one = 1;

	if (write(hurry_fd, &one, sizeof one) < 0)
		return; /* it has been told already */
}

/* With the mutex held. */
static void
enqueue(const struct text *line)
{
	bool first = queue.size == 0;

	if (queue.size + line->size > QUEUE_BYTES) {
		dropped++;
		return;
	}
	text_add_bytes(&queue, line->data, line->size);
	if (first)
		pthread_cond_signal(&wake);
	else if (queue.size > HURRY_BYTES && queue.size - line->size <= HURRY_BYTES)
		hurry();
}

/* With the mutex held: is this one of many? `line` begins with its time, which is not kept.
 */
static bool
is_held(const char *event, const struct text *line)
{
	const char *rest = strchr(line->data, ' ');
	size_t size = line->size - (size_t)(rest - line->data);

	/* Without the newline. */
	return log_limit_hold(
		&limit, event, clock_now_ms(), (struct slice){ rest, size - 1 });
}

/* With the mutex held. */
static void
write_repeated(bool all)
{
	char iso[CLOCK_ISO_SIZE];
	struct text line;
	uint64_t count;

	clock_format_iso(iso, clock_wall_ms());
	text_init(&line);
	text_addf(&line, "ts=%s", iso);
	size_t prefix = line.size;
	while (log_limit_take(&limit, clock_now_ms(), all, &line, &count)) {
		text_addf(&line, " repeated=%llu\n", (unsigned long long)count);
		enqueue(&line);
		line.size = prefix;
	}
	text_fini(&line);
}

static void
write_event(enum log_level level, const char *event, const struct log_field *fields,
	bool limited)
{
	struct text line;

	text_init(&line);
	log_format(&line, clock_wall_ms(), level, event, fields);
	text_add_char(&line, '\n');
	pthread_mutex_lock(&mutex);
	bool queued = running;
	if (queued && !(limited && is_held(event, &line)))
		enqueue(&line);
	if (queued && level == LOG_LEVEL_ERROR)
		hurry();
	pthread_mutex_unlock(&mutex);
	if (!queued)
		write_all(line.data, line.size);
	text_fini(&line);
}

void
log_event(enum log_level level, const char *event, const struct log_field *fields)
{
	write_event(level, event, fields, false);
}

void
log_event_limited(const char *event, const struct log_field *fields)
{
	write_event(LOG_LEVEL_WARN, event, fields, true);
}

void
log_write_repeated(void)
{
	pthread_mutex_lock(&mutex);
	write_repeated(false);
	pthread_mutex_unlock(&mutex);
}

/* How often the writer has woken up lately. */
struct pace {
	int64_t since_us;
	int wakes;
};

/* Waking up for each line costs more than the line: after a few wakes in a moment it waits
 * for the rest of what comes, unless somebody is in a hurry. */
static void
gather(struct pace *pace)
{
	struct pollfd event = { .fd = hurry_fd, .events = POLLIN };
	int64_t now_us = clock_now_us();
	uint64_t times;

	if (now_us - pace->since_us >= GATHER_MS * 1000)
		*pace = (struct pace){ .since_us = now_us };
	if (++pace->wakes <= WAKES_MAX)
		return;
	if (poll(&event, 1, GATHER_MS) > 0 && read(hurry_fd, &times, sizeof times) < 0)
		return;
}

static void *
run_writer(void *arg)
{
	struct pace pace = { 0 };

	(void)arg;
	pthread_mutex_lock(&mutex);
	while (!stopping || queue.size > 0) {
		if (queue.size == 0) {
			pthread_cond_wait(&wake, &mutex);
			continue;
		}
		pthread_mutex_unlock(&mutex);
		gather(&pace);
		pthread_mutex_lock(&mutex);
		struct text lines = queue;
		uint64_t lost = dropped;
		text_init(&queue);
		dropped = 0;
		pthread_mutex_unlock(&mutex);
		if (lost > 0) {
			log_format(&lines, clock_wall_ms(), LOG_LEVEL_WARN,
				"log_lines_dropped",
				(const struct log_field[]){
					LOG_NUMBER("count", lost), { 0 } });
			text_add_char(&lines, '\n');
		}
		write_all(lines.data, lines.size);
		text_fini(&lines);
		pthread_mutex_lock(&mutex);
	}
	pthread_mutex_unlock(&mutex);
	return NULL;
}

void
log_start(void)
{
	pthread_mutex_lock(&mutex);
	if (hurry_fd < 0)
		hurry_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	running = pthread_create(&writer, NULL, run_writer, NULL) == 0;
	stopping = false;
	pthread_mutex_unlock(&mutex);
}

void
log_stop(void)
{
	pthread_mutex_lock(&mutex);
	bool was_running = running;
	write_repeated(true);
	stopping = true;
	running = false;
	pthread_cond_signal(&wake);
	if (was_running)
		hurry();
	pthread_mutex_unlock(&mutex);
	if (was_running)
		pthread_join(writer, NULL);
}
