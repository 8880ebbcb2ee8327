#include "daemon/pool.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct pool {
	struct pool_plan plan;
	pthread_mutex_t mutex; /* guards all below */
	pthread_cond_t changed;
	struct pool_task *first, **last;
	size_t waiting;
	bool ending;
	size_t started;
	pthread_t threads[];
};

static struct timespec
rest_time(const struct pool *pool)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	time.tv_sec += pool->plan.rest;
	return time;
}

/* Wait for a task, with the mutex held. NULL: none has come for the time of a rest, or the pool ends. */
static struct pool_task *
take(struct pool *pool)
{
	struct timespec until = rest_time(pool);
	int code = 0;

	while (pool->first == NULL && !pool->ending && code != ETIMEDOUT)
		code = pthread_cond_timedwait(&pool->changed, &pool->mutex, &until);
	struct pool_task *task = pool->first;
	if (task == NULL)
		return NULL;
	pool->first = task->next;
	if (pool->first == NULL)
		pool->last = &pool->first;
	pool->waiting--;
	return task;
}

/* Wait without a limit for something to do, with the mutex held. */
static void
sleep_until_changed(struct pool *pool)
{
	while (pool->first == NULL && !pool->ending)
		pthread_cond_wait(&pool->changed, &pool->mutex);
}

static void *
work(void *context)
{
	struct pool *pool = context;
	void *worker = pool->plan.open(pool->plan.context);

	pthread_mutex_lock(&pool->mutex);
	for (;;) {
		struct pool_task *task = take(pool);
		if (task == NULL && pool->ending)
			break;
		pthread_mutex_unlock(&pool->mutex);
		if (task != NULL)
			pool->plan.run(worker, task);
		else
			pool->plan.idle(worker);
		pthread_mutex_lock(&pool->mutex);
		if (task == NULL)
			sleep_until_changed(pool);
	}
	pthread_mutex_unlock(&pool->mutex);
	pool->plan.close(worker);
	return NULL;
}

static bool
start_one(struct pool *pool)
{
	char name[16];
	pthread_t *thread = &pool->threads[pool->started];

	errno = pthread_create(thread, NULL, work, pool);
	if (errno != 0)
		return false;
	pool->started++;
	snprintf(name, sizeof name, "%.10s %zu", pool->plan.name, pool->started);
	pthread_setname_np(*thread, name);
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
	struct pool *pool = calloc(1, sizeof *pool + plan->workers * sizeof pool->threads[0]);
	pthread_condattr_t attributes;

	if (pool == NULL)
		abort();
	pool->plan = *plan;
	pool->last = &pool->first;
	pthread_mutex_init(&pool->mutex, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&pool->changed, &attributes);
	pthread_condattr_destroy(&attributes);
	if (start_all(pool))
		return pool;
	error_set(error, ERROR_OS, "cannot start %zu threads (%s): %m; lower their number in dspam.conf", plan->workers,
		  plan->name);
	pool_free(pool);
	return NULL;
}

bool
pool_push(struct pool *pool, struct pool_task *task)
{
	pthread_mutex_lock(&pool->mutex);
	bool room = pool->waiting < pool->plan.capacity;
	if (room) {
		task->next = NULL;
		*pool->last = task;
		pool->last = &task->next;
		pool->waiting++;
		pthread_cond_signal(&pool->changed);
	}
	pthread_mutex_unlock(&pool->mutex);
	return room;
}

void
pool_free(struct pool *pool)
{
	if (pool == NULL)
		return;
	pthread_mutex_lock(&pool->mutex);
	pool->ending = true;
	pthread_cond_broadcast(&pool->changed);
	pthread_mutex_unlock(&pool->mutex);
	for (size_t i = 0; i < pool->started; i++)
		pthread_join(pool->threads[i], NULL);
	pthread_cond_destroy(&pool->changed);
	pthread_mutex_destroy(&pool->mutex);
	free(pool);
}
