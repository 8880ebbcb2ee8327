/* Threads and processes that train one user at once lose nothing. */
#include "fixture.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/row_cache.h"

enum { THREADS = 8, PROCESSES = 4, LESSONS = 40, TOKENS = 60, RANGE = 300 };

/* What a worker taught, for the sum at the end. */
struct worker {
	const struct fixture *fixture;
	uint64_t seed;
	bool done;
	struct error error;
	uint32_t hits[RANGE];
};

static bool
ignore_row(void *context, const struct store_row *row)
{
	(void)context;
	(void)row;
	return true;
}

/* Others teach too, so a token has at least the hits of the last look and those that we gave. */
static bool
look(struct worker *worker, struct store *store, store_uid uid, uint32_t *seen)
{
	struct store_row row = {.token = 5};

	if (!store_read(store, uid, NULL, &row, 1, &worker->error))
		return false;
	if (row.spam < *seen || row.spam < worker->hits[5] || row.innocent != 2 * row.spam)
		return error_set(&worker->error, ERROR_SOFTWARE, "hits went from %u to %u %u", *seen, row.spam,
				 row.innocent);
	*seen = row.spam;
	return true;
}

/* Tokens 0 to RANGE - 1, each with one chance in RANGE / TOKENS. */
static size_t
choose(uint64_t *random, struct store_change *changes)
{
	size_t count = 0;

	for (uint64_t token = 0; token < RANGE; token++)
		if (random_next(random) % RANGE < TOKENS)
			changes[count++] = (struct store_change){.token = token, .spam = 1, .innocent = 2};
	return count;
}

static bool
teach(struct worker *worker, struct store *store)
{
	struct store_change changes[RANGE];
	uint32_t seen = 0;
	store_uid uid;

	if (!store_user(store, SPAN("anna"), true, &uid, &worker->error))
		return false;
	for (size_t i = 0; i < LESSONS; i++) {
		struct store_lesson lesson = {.uid = uid,
					      .day = 20000,
					      .changes = changes,
					      .totals = {.spam_learned = 1, .innocent_learned = 2}};
		lesson.count = choose(&worker->seed, changes);
		if (!store_learn(store, &lesson, &worker->error))
			return false;
		for (size_t k = 0; k < lesson.count; k++)
			worker->hits[changes[k].token]++;
		if (!look(worker, store, uid, &seen))
			return false;
		/* Adds all that is pending to the table, under the feet of the others. */
		if (i % 8 == 0 && !store_each_row(store, uid, ignore_row, NULL, &worker->error))
			return false;
	}
	return true;
}

static void *
work(void *context)
{
	struct worker *worker = context;
	struct store_option options[FIXTURE_OPTIONS];
	const struct store_options all = fixture_options(worker->fixture, "60000", NULL, options);
	struct store *store;

	if (store_open(&all, &store, &worker->error)) {
		worker->done = teach(worker, store);
		store_close(store);
	}
	return NULL;
}

/* Read the sums back and compare. */
static void
assert_sums(const struct fixture *fixture, const uint32_t *hits, int64_t lessons)
{
	struct store *store = fixture_open(fixture, NULL);
	struct store_row rows[RANGE];
	struct totals totals;
	struct error error;

	for (uint64_t token = 0; token < RANGE; token++)
		rows[token].token = token;
	must(store_read(store, fixture_user(store, "anna"), &totals, rows, RANGE, &error), &error);
	assert_int_equal(totals.spam_learned, lessons);
	assert_int_equal(totals.innocent_learned, 2 * lessons);
	for (size_t token = 0; token < RANGE; token++) {
		assert_int_equal(rows[token].spam, hits[token]);
		assert_int_equal(rows[token].innocent, 2 * hits[token]);
	}
	store_close(store);
}

static void
add_hits(uint32_t *sums, const struct worker *worker)
{
	must(worker->done, &worker->error);
	for (size_t token = 0; token < RANGE; token++)
		sums[token] += worker->hits[token];
}

static void
start_threads(const struct fixture *fixture, struct worker *workers, pthread_t *threads)
{
	for (size_t i = 0; i < THREADS; i++) {
		workers[i] = (struct worker){.fixture = fixture, .seed = i + 1};
		assert_int_equal(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
	}
}

/* The user does not exist, nor does the file: that is part of it. */
static void
test_threads(void **state)
{
	struct fixture fixture;
	struct worker workers[THREADS];
	pthread_t threads[THREADS];
	uint32_t sums[RANGE] = {0};

	(void)state;
	fixture_begin(&fixture, fixture_driver);
	fixture.cache = row_cache_new(1 << 20, false);
	start_threads(&fixture, workers, threads);
	for (size_t i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		add_hits(sums, &workers[i]);
	}
	assert_sums(&fixture, sums, THREADS * LESSONS);
	fixture_end(&fixture);
	row_cache_free(fixture.cache);
}

/* The child reports what it did through the pipe. */
static void
run_child(const struct fixture *fixture, uint64_t seed, int report)
{
	struct worker worker = {.fixture = fixture, .seed = seed};
	ssize_t written;

	work(&worker);
	written = write(report, &worker, sizeof worker);
	_exit(written == (ssize_t)sizeof worker ? 0 : 1);
}

static void
read_report(int report, struct worker *worker)
{
	size_t have = 0;

	while (have < sizeof *worker) {
		ssize_t got = read(report, (char *)worker + have, sizeof *worker - have);
		assert_true(got > 0);
		have += (size_t)got;
	}
}

static void
test_processes(void **state)
{
	struct fixture fixture;
	pid_t children[PROCESSES];
	int reports[PROCESSES][2];
	uint32_t sums[RANGE] = {0};

	(void)state;
	fixture_begin(&fixture, fixture_driver);
	for (size_t i = 0; i < PROCESSES; i++) {
		assert_int_equal(pipe(reports[i]), 0);
		children[i] = fork();
		assert_true(children[i] >= 0);
		if (children[i] == 0) {
			fixture.cache = i % 2 == 0 ? row_cache_new(1 << 20, false) : NULL;
			run_child(&fixture, 100 + i, reports[i][1]);
		}
		close(reports[i][1]);
	}
	for (size_t i = 0; i < PROCESSES; i++) {
		struct worker worker;
		int status;
		read_report(reports[i][0], &worker);
		close(reports[i][0]);
		assert_int_equal(waitpid(children[i], &status, 0), children[i]);
		assert_int_equal(status, 0);
		add_hits(sums, &worker);
	}
	assert_sums(&fixture, sums, PROCESSES * LESSONS);
	fixture_end(&fixture);
}

/* Many open a file that is not there yet, and ask for the same and for different users. */
static void
run_opener(const struct fixture *fixture, int i)
{
	struct store_option options[FIXTURE_OPTIONS];
	const struct store_options all = fixture_options(fixture, NULL, NULL, options);
	struct store *store;
	struct error error;
	store_uid uid;
	char name[16];

	snprintf(name, sizeof name, "user%d", i % 3);
	if (!store_open(&all, &store, &error) || !store_user(store, span_from(name), true, &uid, &error)) {
		fprintf(stderr, "%s\n", error.text);
		_exit(1);
	}
	store_close(store);
	_exit(0);
}

static bool
count_user(void *context, store_uid uid, const char *name)
{
	(void)name;
	assert_true(uid > 0);
	++*(int *)context;
	return true;
}

static void
test_creation(void **state)
{
	enum { OPENERS = 12, ROUNDS = 5 };

	(void)state;
	for (int round = 0; round < ROUNDS; round++) {
		struct fixture fixture;
		struct store *store;
		struct error error;
		int users = 0, failures = 0;
		fixture_begin(&fixture, fixture_driver);
		for (int i = 0; i < OPENERS; i++)
			if (fork() == 0)
				run_opener(&fixture, i);
		for (int i = 0; i < OPENERS; i++) {
			int status = 0;
			wait(&status);
			failures += status != 0;
		}
		assert_int_equal(failures, 0);
		store = fixture_open(&fixture, NULL);
		must(store_each_user(store, count_user, &users, &error), &error);
		assert_int_equal(users, 3);
		store_close(store);
		fixture_end(&fixture);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_processes), /* before there are threads */
		cmocka_unit_test(test_creation),
		cmocka_unit_test(test_threads),
	};

	return fixture_run_group(tests);
}
