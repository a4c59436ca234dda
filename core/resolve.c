#include "core/resolve.h"

#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/log.h"

enum { MAX_ADDRESSES = 8, EVERY_S = 30, AGAIN_S = 1 };

struct resolve {
	pthread_mutex_t mutex; /* guards all below */
	pthread_cond_t wake;
	int references; /* the owner's and the thread's */
	bool stopping;
	bool doubted;
	char *host;   /* never changed */
	char port[8]; /* never changed */
	struct sockaddr_storage addresses[MAX_ADDRESSES];
	size_t count;
	size_t preferred; /* modulo count */
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

static int
look_up(struct resolve *resolve, int flags)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = flags };
	struct addrinfo *found;
	int status = getaddrinfo(resolve->host, resolve->port, &hints, &found);

	if (status != 0)
		return status;
	pthread_mutex_lock(&resolve->mutex);
	resolve->count = 0;
	for (struct addrinfo *entry = found;
		entry != NULL && resolve->count < MAX_ADDRESSES; entry = entry->ai_next) {
		struct sockaddr_storage *address = &resolve->addresses[resolve->count++];
		*address = (struct sockaddr_storage){ 0 };
		memcpy(address, entry->ai_addr, entry->ai_addrlen);
	}
	pthread_mutex_unlock(&resolve->mutex);
	freeaddrinfo(found);
	return 0;
}

/* Until it is time to look again; false when it is time to end. */
static bool
wait_for_next(struct resolve *resolve)
{
	struct timespec soonest, latest;

	clock_gettime(CLOCK_MONOTONIC, &soonest);
	latest = soonest;
	soonest.tv_sec += AGAIN_S;
	latest.tv_sec += EVERY_S;
	pthread_mutex_lock(&resolve->mutex);
	while (!resolve->stopping && !resolve->doubted && resolve->count > 0 &&
		pthread_cond_timedwait(&resolve->wake, &resolve->mutex, &latest) == 0)
		continue;
	while (!resolve->stopping &&
		pthread_cond_timedwait(&resolve->wake, &resolve->mutex, &soonest) == 0)
		continue;
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
			log_warn("host_not_found", LOG_TEXT("host", resolve->host),
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
	bool known = resolve->count > 0;
	if (known)
		*address = resolve->addresses[resolve->preferred % resolve->count];
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
	bool others = resolve->count > 1;
	if (others && memcmp(&resolve->addresses[resolve->preferred % resolve->count],
			      failed, resolve_address_size(failed)) == 0)
		resolve->preferred = (resolve->preferred + 1) % resolve->count;
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
