#include "providers/deezer/deezer_login.h"

#include <pthread.h>

#include "core/clock.h"
#include "providers/deezer/deezer_metrics.h"

enum {
	LOGIN_MAGIC = 0x444c4f47,
	WAIT_MAGIC = 0x444c5754,
	LOGIN_MS = 15 * 1000, /* two or three calls, one of them perhaps twice */
};

struct deezer_logins {
	pthread_mutex_t mutex; /* guards the list, and of waits: login, next, posted */
	struct deezer_login *first;
};

/* Made and ended on the loop of its seat. */
struct deezer_login {
	unsigned magic;
	struct deezer_login *next;
	struct deezer_seat *seat;
	struct deezer_account *account;
	struct deezer_session_start *start;
	struct deezer_login_wait *waits; /* of any seat */
};

/* Waits for a login, or has its answer in the mail (posted). */
struct deezer_login_wait {
	unsigned magic;
	struct message message;
	struct deezer_seat *seat; /* NULL: cancelled */
	struct deezer_login *login;
	struct deezer_login_wait *next;
	struct timer deadline;
	bool posted;
	enum err err;
	struct deezer_session *session; /* a reference, or NULL */
	void (*done)(void *arg, enum err err, struct deezer_session *session);
	void *arg;
};

struct deezer_logins *
deezer_logins_new(void)
{
	struct deezer_logins *logins = xcalloc(1, sizeof *logins);

	pthread_mutex_init(&logins->mutex, NULL);
	return logins;
}

void
deezer_logins_free(struct deezer_logins *logins)
{
	if (logins == NULL)
		return;
	assert(logins->first == NULL);
	pthread_mutex_destroy(&logins->mutex);
	xfree(logins);
}

/* ---- who waits ---- */

static void
wait_free(void *arg)
{
	struct deezer_login_wait *wait = arg;

	wait->magic = 0;
	deezer_session_unref(wait->session);
	xfree(wait);
}

static void
on_mail(struct message *message)
{
	struct deezer_login_wait *wait =
		CONTAINER_OF(message, struct deezer_login_wait, message);

	if (wait->seat != NULL) {
		timer_stop(&wait->deadline);
		wait->done(wait->arg, wait->err, wait->session);
	}
	wait_free(wait);
}

/* Under the mutex, so that whoever waits, and with them their loop, cannot go meanwhile. */
static void
post_locked(struct deezer_login_wait *wait, enum err err, struct deezer_session *session)
{
	wait->login = NULL;
	wait->posted = true;
	wait->err = err;
	wait->session = session != NULL ? deezer_session_ref(session) : NULL;
	loop_post(wait->seat->source.loop, &wait->message, on_mail);
}

/* False when the answer is in the mail already. */
static bool
leave(struct deezer_login_wait *wait)
{
	struct deezer_logins *logins = wait->seat->deezer->logins;

	pthread_mutex_lock(&logins->mutex);
	bool waits = !wait->posted;
	if (waits) {
		struct deezer_login_wait **link = &wait->login->waits;
		while (*link != wait)
			link = &(*link)->next;
		*link = wait->next;
	}
	pthread_mutex_unlock(&logins->mutex);
	return waits;
}

static void
on_deadline(void *arg)
{
	struct deezer_login_wait *wait = CAST(arg, WAIT_MAGIC);

	if (!leave(wait))
		return;
	wait->done(wait->arg, ERR_TIMEOUT, NULL);
	loop_later(wait->seat->source.loop, wait_free, wait);
}

void
deezer_login_cancel(struct deezer_login_wait *wait)
{
	struct loop *loop = wait->seat->source.loop;

	timer_stop(&wait->deadline);
	if (leave(wait))
		loop_later(loop, wait_free, wait);
	else
		wait->seat = NULL;
}

/* ---- logins ---- */

static void
login_free(void *arg)
{
	struct deezer_login *login = arg;

	login->magic = 0;
	xfree(login);
}

/* Out of the list, and everybody told. */
static void
land(struct deezer_login *login, enum err err, struct deezer_session *session)
{
	struct deezer_logins *logins = login->seat->deezer->logins;
	struct deezer_login **link = &logins->first;

	pthread_mutex_lock(&logins->mutex);
	while (*link != login)
		link = &(*link)->next;
	*link = login->next;
	while (login->waits != NULL) {
		struct deezer_login_wait *wait = login->waits;
		login->waits = wait->next;
		post_locked(wait, err, session);
	}
	pthread_mutex_unlock(&logins->mutex);
	loop_later(login->seat->source.loop, login_free, login);
}

static void
on_session(void *arg, enum err err, struct deezer_session *take_session, const char *why)
{
	struct deezer_login *login = CAST(arg, LOGIN_MAGIC);

	login->start = NULL;
	metric_add(
		err == ERR_NONE ? &deezer_metric_logins : &deezer_metric_logins_failed, 1);
	/* Before it has left the list, so that nobody begins another. */
	deezer_account_tell(login->account, err, take_session, why);
	land(login, err, take_session);
	deezer_session_unref(take_session);
}

static void
begin(struct deezer_login *login, bool ping)
{
	struct deezer_session *last = deezer_account_last(login->account);
	const char *sid = last != NULL && !ping ? deezer_session_sid(last) : NULL;

	login->start = deezer_session_start(login->seat, deezer_account_arl(login->account),
		sid, clock_now_ms() + LOGIN_MS, on_session, login);
	deezer_session_unref(last);
}

static struct deezer_login *
find_locked(struct deezer_logins *logins, const struct deezer_account *account)
{
	struct deezer_login *login = logins->first;

	while (login != NULL && login->account != account)
		login = login->next;
	return login;
}

static struct deezer_login *
add_locked(struct deezer_seat *seat, struct deezer_account *account)
{
	struct deezer_login *login = xcalloc(1, sizeof *login);

	login->magic = LOGIN_MAGIC;
	login->seat = seat;
	login->account = account;
	login->next = seat->deezer->logins->first;
	seat->deezer->logins->first = login;
	return login;
}

/* Gives the wait its answer or a login to wait for; returns a new login to begin. */
static struct deezer_login *
place(struct deezer_login_wait *wait, struct deezer_account *account,
	const struct deezer_session *stale)
{
	struct deezer_logins *logins = wait->seat->deezer->logins;
	struct deezer_login *login, *added = NULL;
	struct deezer_session *session = NULL;
	enum err err;

	pthread_mutex_lock(&logins->mutex);
	if (deezer_account_look(account, stale, &err, &session)) {
		post_locked(wait, err, session);
	} else {
		login = find_locked(logins, account);
		if (login == NULL)
			login = added = add_locked(wait->seat, account);
		wait->login = login;
		wait->next = login->waits;
		login->waits = wait;
	}
	pthread_mutex_unlock(&logins->mutex);
	deezer_session_unref(session);
	return added;
}

struct deezer_login_wait *
deezer_login_get(struct deezer_seat *seat, struct deezer_account *account,
	const struct deezer_session *stale, bool ping, int64_t end_ms,
	void (*done)(void *arg, enum err err, struct deezer_session *session), void *arg)
{
	struct deezer_login_wait *wait = xcalloc(1, sizeof *wait);
	int64_t left_ms = end_ms - clock_now_ms();

	wait->magic = WAIT_MAGIC;
	wait->seat = seat;
	wait->done = done;
	wait->arg = arg;
	timer_init(&wait->deadline, seat->source.loop, on_deadline, wait);
	timer_start(&wait->deadline, left_ms > 0 ? left_ms : 0);
	struct deezer_login *login = place(wait, account, stale);
	if (login != NULL)
		begin(login, ping);
	return wait;
}

void
deezer_login_end(struct deezer_seat *seat)
{
	struct deezer_logins *logins = seat->deezer->logins;
	struct deezer_login *login;

	do {
		pthread_mutex_lock(&logins->mutex);
		login = logins->first;
		while (login != NULL && login->seat != seat)
			login = login->next;
		pthread_mutex_unlock(&logins->mutex);
		if (login != NULL) {
			deezer_session_cancel(login->start);
			land(login, ERR_BUSY, NULL);
		}
	} while (login != NULL);
}
