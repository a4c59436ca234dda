#include "core/resolve.h"

#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/clock.h"
#include "core/log.h"

enum {
	MAX_ADDRESSES = 8,
	EVERY_MS = 30 * 1000,
	AGAIN_MS = 1000,
	TEST_CLOCK_POLL_MS = 20, /* how soon it is noticed that a test moved the clock */
};

struct addresses {
	struct sockaddr_storage list[MAX_ADDRESSES];
	size_t count;
};

struct resolve {
	pthread_mutex_t mutex; /* guards all below */
	pthread_cond_t wake;
	int references; /* the owner's and the thread's */
	bool stopping;
	bool doubted;
	char *host;   /* never changed */
	char port[8]; /* never changed */
	struct addresses known;
	size_t preferred; /* below known.count, or 0 */
	atomic_uint changes;
};

static void
release(struct resolve *resolve)
{
	pthread_mutex_lock(&resolve->mutex);
	bool last = --resolve->references == 0;
	pthread_mutex_unlock(&resolve->mutex);
	if (!last)
		return;
	pthread_cond_destroy(&resolve->wake);
	pthread_mutex_destroy(&resolve->mutex);
	xfree(resolve->host);
	xfree(resolve);
}

static bool
is_same(const struct sockaddr_storage *one, const struct sockaddr_storage *other)
{
	return memcmp(one, other, resolve_address_size(one)) == 0;
}

/* Its place in the list, or `count`. */
static size_t
find(const struct addresses *addresses, const struct sockaddr_storage *address)
{
	size_t i = 0;

	while (i < addresses->count && !is_same(&addresses->list[i], address))
		i++;
	return i;
}

static bool
has_all(const struct addresses *addresses, const struct addresses *others)
{
	size_t i = 0;

	while (i < others->count && find(addresses, &others->list[i]) < addresses->count)
		i++;
	return i == others->count;
}

static void
learn(struct resolve *resolve, const struct addresses *found)
{
	pthread_mutex_lock(&resolve->mutex);
	struct addresses *known = &resolve->known;
	bool changed = !has_all(known, found) || !has_all(found, known);
	size_t preferred = 0;
	if (known->count > 0)
		preferred = find(found, &known->list[resolve->preferred]);
	resolve->preferred = preferred < found->count ? preferred : 0;
	bool moved = changed && known->count > 0;
	*known = *found;
	if (changed)
		atomic_fetch_add(&resolve->changes, 1);
	pthread_mutex_unlock(&resolve->mutex);
	if (moved)
		log_info("host_moved", LOG_TEXT("host", resolve->host),
			LOG_NUMBER("addresses", (int64_t)found->count));
}

static int
look_up(struct resolve *resolve, int flags)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = flags };
	struct addresses addresses = { 0 };
	struct addrinfo *found;
	int status = getaddrinfo(resolve->host, resolve->port, &hints, &found);

	if (status != 0)
		return status;
	for (struct addrinfo *entry = found;
		entry != NULL && addresses.count < MAX_ADDRESSES; entry = entry->ai_next)
		memcpy(&addresses.list[addresses.count++], entry->ai_addr,
			entry->ai_addrlen);
	freeaddrinfo(found);
	learn(resolve, &addresses);
	return 0;
}

/* Sleeps under the mutex, until woken or that time. */
static void
sleep_until(struct resolve *resolve, int64_t until_ms)
{
	int64_t left_ms = until_ms - clock_now_ms();
	struct timespec end;

	if (clock_is_test() && left_ms > TEST_CLOCK_POLL_MS)
		left_ms = TEST_CLOCK_POLL_MS;
	clock_gettime(CLOCK_MONOTONIC, &end);
	int64_t end_ns = end.tv_nsec + left_ms * 1000000;
	end.tv_sec += (time_t)(end_ns / 1000000000);
	end.tv_nsec = (long)(end_ns % 1000000000);
	(void)pthread_cond_timedwait(&resolve->wake, &resolve->mutex, &end);
}

/* Until it is time to look again; false when it is time to end. */
static bool
wait_for_next(struct resolve *resolve)
{
	int64_t began_ms = clock_now_ms();

	pthread_mutex_lock(&resolve->mutex);
	while (!resolve->stopping) {
		bool soon = resolve->doubted || resolve->known.count == 0;
		int64_t until_ms = began_ms + (soon ? AGAIN_MS : EVERY_MS);
		if (until_ms <= clock_now_ms())
			break;
		sleep_until(resolve, until_ms);
	}
	resolve->doubted = false;
	bool go_on = !resolve->stopping;
	pthread_mutex_unlock(&resolve->mutex);
	return go_on;
}

static void *
run(void *arg)
{
	struct resolve *resolve = arg;
	int last_status = 0;

	do {
		int status = look_up(resolve, 0);
		if (status != 0 && status != last_status)
			log_warn_limited("host_not_found", LOG_TEXT("host", resolve->host),
				LOG_TEXT("why", gai_strerror(status)));
		last_status = status;
	} while (wait_for_next(resolve));
	release(resolve);
	return NULL;
}

struct resolve *
resolve_start(const char *host, uint16_t port)
{
	struct resolve *resolve = xcalloc(1, sizeof *resolve);
	pthread_condattr_t monotonic;
	pthread_t thread;

	pthread_mutex_init(&resolve->mutex, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&resolve->wake, &monotonic);
	pthread_condattr_destroy(&monotonic);
	resolve->references = 1;
	resolve->host = xstrdup(host);
	snprintf(resolve->port, sizeof resolve->port, "%u", (unsigned)port);
	if (look_up(resolve, AI_NUMERICHOST) == 0)
		return resolve;
	resolve->references++;
	if (pthread_create(&thread, NULL, run, resolve) == 0)
		pthread_detach(thread); /* a hanging look-up must not hang the stop */
	else
		resolve->references--;
	return resolve;
}

void
resolve_stop(struct resolve *resolve)
{
	if (resolve == NULL)
		return;
	pthread_mutex_lock(&resolve->mutex);
	resolve->stopping = true;
	pthread_cond_signal(&resolve->wake);
	pthread_mutex_unlock(&resolve->mutex);
	release(resolve);
}

bool
resolve_address(struct resolve *resolve, struct sockaddr_storage *address)
{
	pthread_mutex_lock(&resolve->mutex);
	bool known = resolve->known.count > 0;
	if (known)
		*address = resolve->known.list[resolve->preferred];
	pthread_mutex_unlock(&resolve->mutex);
	return known;
}

unsigned
resolve_changes(const struct resolve *resolve)
{
	return atomic_load(&resolve->changes);
}

bool
resolve_knows(struct resolve *resolve, const struct sockaddr_storage *address)
{
	pthread_mutex_lock(&resolve->mutex);
	bool known = find(&resolve->known, address) < resolve->known.count;
	pthread_mutex_unlock(&resolve->mutex);
	return known;
}

bool
resolve_text(struct resolve *resolve, char *text, size_t size)
{
	struct sockaddr_storage address;

	return resolve_address(resolve, &address) &&
	       getnameinfo((struct sockaddr *)&address, resolve_address_size(&address),
		       text, (socklen_t)size, NULL, 0, NI_NUMERICHOST) == 0;
}

bool
resolve_doubt(struct resolve *resolve, const struct sockaddr_storage *failed)
{
	pthread_mutex_lock(&resolve->mutex);
	const struct addresses *known = &resolve->known;
	bool others = known->count > 1;
	if (others && is_same(&known->list[resolve->preferred], failed))
		resolve->preferred = (resolve->preferred + 1) % known->count;
	resolve->doubted = true;
	pthread_cond_signal(&resolve->wake);
	pthread_mutex_unlock(&resolve->mutex);
	return others;
}

socklen_t
resolve_address_size(const struct sockaddr_storage *address)
{
	return address->ss_family == AF_INET6 ? sizeof(struct sockaddr_in6)
					      : sizeof(struct sockaddr_in);
}
