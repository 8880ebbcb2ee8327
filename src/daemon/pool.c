#include "daemon/pool.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct member {
	struct pool *pool;
	pthread_t thread;
	pthread_cond_t wake;
	bool idle;           /* it is on the stack */
	struct member *next; /* below it on the stack */
};

struct pool {
	struct pool_plan plan;
	pthread_mutex_t mutex; /* guards all below */
	struct pool_task *first, **last;
	size_t waiting;
	struct member *idle; /* a stack: who worked last works first, having all that he needs at hand */
	bool ending;
	size_t started;
	struct member members[];
};

static void
idle_remove(struct pool *pool, struct member *member)
{
	struct member **at = &pool->idle;

	while (*at != member)
		at = &(*at)->next;
	*at = member->next;
	member->idle = false;
}

/* Sleep, with the mutex held, until there may be something to do; false when `until` (NULL: never) has come. */
static bool
doze(struct pool *pool, struct member *member, const struct timespec *until)
{
	int code = 0;

	member->idle = true;
	member->next = pool->idle;
	pool->idle = member;
	while (member->idle && !pool->ending && code != ETIMEDOUT)
		code = until != NULL ? pthread_cond_timedwait(&member->wake, &pool->mutex, until)
				     : pthread_cond_wait(&member->wake, &pool->mutex);
	if (member->idle)
		idle_remove(pool, member);
	return code != ETIMEDOUT;
}

static struct pool_task *
take(struct pool *pool)
{
	struct pool_task *task = pool->first;

	if (task == NULL)
		return NULL;
	pool->first = task->next;
	if (pool->first == NULL)
		pool->last = &pool->first;
	pool->waiting--;
	return task;
}

/* The next task, with the mutex held, which is let go while the worker rests. NULL: the pool ends. */
static struct pool_task *
next_task(struct pool *pool, struct member *member, void *worker)
{
	struct timespec until;
	bool rested = false;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += pool->plan.rest;
	while (pool->first == NULL && !pool->ending) {
		if (doze(pool, member, rested ? NULL : &until) || pool->first != NULL)
			continue;
		rested = true;
		pthread_mutex_unlock(&pool->mutex);
		pool->plan.idle(worker);
		pthread_mutex_lock(&pool->mutex);
	}
	return take(pool);
}

static void *
work(void *context)
{
	struct member *member = context;
	struct pool *pool = member->pool;
	struct pool_task *task;
	void *worker = pool->plan.open(pool->plan.context);

	pthread_mutex_lock(&pool->mutex);
	while ((task = next_task(pool, member, worker)) != NULL) {
		pthread_mutex_unlock(&pool->mutex);
		pool->plan.run(worker, task);
		pthread_mutex_lock(&pool->mutex);
	}
	pthread_mutex_unlock(&pool->mutex);
	pool->plan.close(worker);
	return NULL;
}

static void
init_wake(pthread_cond_t *wake)
{
	pthread_condattr_t attributes;

	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(wake, &attributes);
	pthread_condattr_destroy(&attributes);
}

static bool
start_one(struct pool *pool)
{
	char name[16];
	struct member *member = &pool->members[pool->started];

	member->pool = pool;
	init_wake(&member->wake);
	errno = pthread_create(&member->thread, NULL, work, member);
	if (errno != 0) {
		pthread_cond_destroy(&member->wake);
		return false;
	}
	pool->started++;
	snprintf(name, sizeof name, "%.10s %zu", pool->plan.name, pool->started);
	pthread_setname_np(member->thread, name);
	return true;
}

/* Start all, with the signals blocked that belong to the first thread. */
static bool
start_all(struct pool *pool)
{
	sigset_t all, before;
	bool good = true;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	while (good && pool->started < pool->plan.workers)
		good = start_one(pool);
	int code = errno;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	errno = code;
	return good;
}

struct pool *
pool_new(const struct pool_plan *plan, struct error *error)
{
	struct pool *pool = calloc(1, sizeof *pool + plan->workers * sizeof pool->members[0]);

	if (pool == NULL)
		abort();
	pool->plan = *plan;
	pool->last = &pool->first;
	pthread_mutex_init(&pool->mutex, NULL);
	if (start_all(pool))
		return pool;
	error_set(error, ERROR_OS, "cannot start %zu threads (%s): %m; lower their number in dspam.conf", plan->workers,
		  plan->name);
	pool_free(pool);
	return NULL;
}

/* Who shall wake up; NULL: all work, and will look for more before they sleep. */
static struct member *
call_one(struct pool *pool)
{
	struct member *member = pool->idle;

	if (member != NULL)
		idle_remove(pool, member);
	return member;
}

bool
pool_push(struct pool *pool, struct pool_task *task)
{
	pthread_mutex_lock(&pool->mutex);
	struct member *called = NULL;
	bool room = !pool->ending && pool->waiting < pool->plan.capacity;
	if (room) {
		task->next = NULL;
		*pool->last = task;
		pool->last = &task->next;
		pool->waiting++;
		called = call_one(pool);
	}
	pthread_mutex_unlock(&pool->mutex);
	/* not before, or he would wake up only to wait for the mutex */
	if (called != NULL)
		pthread_cond_signal(&called->wake);
	return room;
}

void
pool_end(struct pool *pool)
{
	if (pool == NULL || pool->ending)
		return;
	pthread_mutex_lock(&pool->mutex);
	pool->ending = true;
	for (struct member *called; (called = call_one(pool)) != NULL;)
		pthread_cond_signal(&called->wake);
	pthread_mutex_unlock(&pool->mutex);
	for (size_t i = 0; i < pool->started; i++)
		pthread_join(pool->members[i].thread, NULL);
}

void
pool_free(struct pool *pool)
{
	if (pool == NULL)
		return;
	pool_end(pool);
	for (size_t i = 0; i < pool->started; i++)
		pthread_cond_destroy(&pool->members[i].wake);
	pthread_mutex_destroy(&pool->mutex);
	free(pool);
}
