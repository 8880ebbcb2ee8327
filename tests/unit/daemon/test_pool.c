/* Tasks are done, once each, in order by one worker and by all of several; bounds hold; a worker rests. */
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "daemon/outbox.h"
#include "daemon/pool.h"

#include <poll.h>

#define TASKS 1000

struct number {
	struct pool_task task;
	int value;
};

struct bench {
	pthread_mutex_t mutex;
	sem_t gate; /* workers wait for it when `gated` */
	bool gated;
	sem_t reached; /* a worker waits at the gate */
	sem_t rested;
	int done[TASKS];
	int order[TASKS];
	int count;
	int opened, closed;
};

static void *
bench_open(void *context)
{
	struct bench *bench = context;

	pthread_mutex_lock(&bench->mutex);
	bench->opened++;
	pthread_mutex_unlock(&bench->mutex);
	return bench;
}

static void
bench_run(void *worker, struct pool_task *task)
{
	struct bench *bench = worker;
	const struct number *number = (struct number *)task;

	if (bench->gated) {
		sem_post(&bench->reached);
		sem_wait(&bench->gate);
	}
	pthread_mutex_lock(&bench->mutex);
	bench->done[number->value]++;
	bench->order[bench->count++] = number->value;
	pthread_mutex_unlock(&bench->mutex);
}

static void
bench_idle(void *worker)
{
	sem_post(&((struct bench *)worker)->rested);
}

static void
bench_close(void *worker)
{
	struct bench *bench = worker;

	pthread_mutex_lock(&bench->mutex);
	bench->closed++;
	pthread_mutex_unlock(&bench->mutex);
}

static struct pool *
bench_pool(struct bench *bench, size_t workers, size_t capacity, int rest)
{
	const struct pool_plan plan = {
		.name = "test",
		.workers = workers,
		.capacity = capacity,
		.rest = rest,
		.open = bench_open,
		.run = bench_run,
		.idle = bench_idle,
		.close = bench_close,
		.context = bench,
	};
	struct error error;

	pthread_mutex_init(&bench->mutex, NULL);
	sem_init(&bench->gate, 0, 0);
	sem_init(&bench->reached, 0, 0);
	sem_init(&bench->rested, 0, 0);
	struct pool *pool = pool_new(&plan, &error);
	assert_non_null(pool);
	return pool;
}

static void
push_all(struct pool *pool, struct number *numbers, int count)
{
	for (int i = 0; i < count; i++) {
		numbers[i].value = i;
		assert_true(pool_push(pool, &numbers[i].task));
	}
}

static void
test_one_worker_keeps_the_order(void **state)
{
	static struct number numbers[TASKS];
	struct bench bench = {.count = 0};

	(void)state;
	struct pool *pool = bench_pool(&bench, 1, TASKS, 1000);
	push_all(pool, numbers, TASKS);
	pool_free(pool); /* finishes what waits */
	assert_int_equal(bench.count, TASKS);
	for (int i = 0; i < TASKS; i++)
		assert_int_equal(bench.order[i], i);
}

static void
test_several_workers_do_each_task_once(void **state)
{
	static struct number numbers[TASKS];
	struct bench bench = {.count = 0};

	(void)state;
	struct pool *pool = bench_pool(&bench, 8, TASKS, 1000);
	push_all(pool, numbers, TASKS);
	pool_free(pool);
	for (int i = 0; i < TASKS; i++)
		assert_int_equal(bench.done[i], 1);
	assert_int_equal(bench.opened, 8);
	assert_int_equal(bench.closed, 8);
}

static void
test_workers_work_at_the_same_time(void **state)
{
	static struct number numbers[4];
	struct bench bench = {.gated = true};

	(void)state;
	struct pool *pool = bench_pool(&bench, 4, 4, 1000);
	push_all(pool, numbers, 4);
	for (int i = 0; i < 4; i++)
		sem_wait(&bench.reached); /* would hang if one waited for another */
	for (int i = 0; i < 4; i++)
		sem_post(&bench.gate);
	pool_free(pool);
	assert_int_equal(bench.count, 4);
}

static void
test_a_full_queue_refuses(void **state)
{
	static struct number numbers[5];
	struct bench bench = {.gated = true};

	(void)state;
	struct pool *pool = bench_pool(&bench, 1, 3, 1000);
	assert_true(pool_push(pool, &numbers[0].task));
	sem_wait(&bench.reached); /* this one waits no longer */
	assert_true(pool_push(pool, &numbers[1].task));
	assert_true(pool_push(pool, &numbers[2].task));
	assert_true(pool_push(pool, &numbers[3].task));
	assert_false(pool_push(pool, &numbers[4].task));
	for (int i = 0; i < 4; i++)
		sem_post(&bench.gate);
	pool_free(pool);
	assert_int_equal(bench.count, 4);
}

static void
test_a_pool_that_has_ended_takes_nothing(void **state)
{
	static struct number numbers[2];
	struct bench bench = {.count = 0};

	(void)state;
	struct pool *pool = bench_pool(&bench, 2, 2, 1000);
	push_all(pool, numbers, 2);
	pool_end(pool); /* finishes what waits */
	assert_int_equal(bench.count, 2);
	assert_false(pool_push(pool, &numbers[0].task));
	pool_free(pool);
	assert_int_equal(bench.count, 2);
}

static void
test_a_worker_rests_and_works_again(void **state)
{
	static struct number number;
	struct bench bench = {.gated = true};

	(void)state;
	struct pool *pool = bench_pool(&bench, 1, 1, 0);
	sem_wait(&bench.rested);
	sem_post(&bench.gate);
	assert_true(pool_push(pool, &number.task));
	sem_wait(&bench.reached);
	sem_wait(&bench.rested);
	pool_free(pool);
	assert_int_equal(bench.count, 1);
}

static void
test_the_outbox_wakes_and_keeps_the_order(void **state)
{
	struct outbox outbox;
	struct error error;
	struct number numbers[3] = {{.value = 0}, {.value = 1}, {.value = 2}};

	(void)state;
	assert_true(outbox_init(&outbox, &error));
	struct pollfd wake = {.fd = outbox.wake, .events = POLLIN};
	assert_int_equal(poll(&wake, 1, 0), 0);
	assert_null(outbox_take(&outbox));
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < 3; i++)
			outbox_put(&outbox, &numbers[i].task);
		assert_int_equal(poll(&wake, 1, 0), 1);
		struct pool_task *task = outbox_take(&outbox);
		for (int i = 0; i < 3; i++, task = task->next)
			assert_ptr_equal(task, &numbers[i].task);
		assert_null(task);
		assert_int_equal(poll(&wake, 1, 0), 0);
	}
	outbox_end(&outbox);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_worker_keeps_the_order),
		cmocka_unit_test(test_several_workers_do_each_task_once),
		cmocka_unit_test(test_workers_work_at_the_same_time),
		cmocka_unit_test(test_a_full_queue_refuses),
		cmocka_unit_test(test_a_pool_that_has_ended_takes_nothing),
		cmocka_unit_test(test_a_worker_rests_and_works_again),
		cmocka_unit_test(test_the_outbox_wakes_and_keeps_the_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
