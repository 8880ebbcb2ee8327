/* The cache of rows: exact for the version that is asked for, or silent; bounded; safe for many threads. */
#include "fixture.h"

#include <pthread.h>
#include <stdlib.h>

#include "store/row_cache.h"

enum { SIZE = 1 << 20, ROWS = 1000, DAY = 20000 };

static struct row_cache *
make(void)
{
	struct row_cache *cache = row_cache_new(SIZE, false);

	assert_non_null(cache);
	return cache;
}

static void
fill(struct store_row *rows, size_t count, uint32_t spam)
{
	for (size_t i = 0; i < count; i++)
		rows[i] = (struct store_row){.token = i * 7919, .spam = spam, .innocent = (uint32_t)i, .day = DAY};
}

static size_t
missing(struct row_cache *cache, store_uid uid, int64_t version, struct store_row *rows, size_t count)
{
	uint32_t positions[ROWS];

	return row_cache_get(cache, uid, version, rows, count, positions);
}

static void
test_only_the_version_that_is_known(void **state)
{
	struct row_cache *cache = make();
	struct store_row rows[ROWS], found[ROWS];

	(void)state;
	fill(rows, ROWS, 3);
	fill(found, ROWS, 0);
	assert_int_equal(missing(cache, 1, 5, found, ROWS), ROWS);
	row_cache_put(cache, 1, 5, true, rows, ROWS);
	assert_int_equal(missing(cache, 1, 4, found, ROWS), ROWS);
	assert_int_equal(missing(cache, 1, 6, found, ROWS), ROWS);
	assert_int_equal(missing(cache, 2, 5, found, ROWS), ROWS);
	assert_int_equal(missing(cache, 1, 5, found, ROWS), 0);
	for (size_t i = 0; i < ROWS; i++) {
		assert_int_equal(found[i].spam, 3);
		assert_int_equal(found[i].innocent, i);
		assert_int_equal(found[i].day, DAY);
	}
	row_cache_free(cache);
}

static void
test_lessons_lead_to_the_next_version(void **state)
{
	struct row_cache *cache = make();
	struct store_row rows[3], found[3];
	const struct store_change changes[] = {
		{rows[0].token, 1, 0, 0, 0}, {2 * 7919, -5, 2, 0, 0}, {12345, 1, 0, 0, 0}};
	struct store_change lesson[3];
	int64_t version;

	(void)state;
	memcpy(lesson, changes, sizeof lesson);
	fill(rows, 3, 3);
	fill(found, 3, 0);
	lesson[0].token = 0;
	row_cache_put(cache, 1, 5, true, rows, 3);
	row_cache_advance(cache, 1, 4, 5, lesson, 3, DAY + 1); /* not where it is: nothing happens */
	row_cache_advance(cache, 1, 5, 6, lesson, 3, DAY + 1);
	assert_true(row_cache_version(cache, 1, &version));
	assert_int_equal(version, 6);
	assert_int_equal(missing(cache, 1, 6, found, 3), 0);
	assert_int_equal(found[0].spam, 4);
	assert_int_equal(found[0].day, DAY + 1);
	assert_int_equal(found[1].spam, 3);
	assert_int_equal(found[1].day, DAY);
	assert_int_equal(found[2].spam, 0); /* never below */
	assert_int_equal(found[2].innocent, 4);
	row_cache_free(cache);
}

static void
test_a_newer_version_takes_over_only_when_told(void **state)
{
	struct row_cache *cache = make();
	struct store_row old[2], new[2], found[2];

	(void)state;
	fill(old, 2, 1);
	fill(new, 2, 2);
	fill(found, 2, 0);
	row_cache_put(cache, 1, 5, true, old, 2);
	row_cache_put(cache, 1, 7, false, new, 2);
	assert_int_equal(missing(cache, 1, 7, found, 2), 2);
	row_cache_put(cache, 1, 7, true, new, 1);
	assert_int_equal(missing(cache, 1, 5, found, 2), 2);
	assert_int_equal(missing(cache, 1, 7, found, 2), 1); /* nothing of version 5 is left */
	assert_int_equal(found[0].spam, 2);
	row_cache_put(cache, 1, 6, true, old, 2); /* a reader that was slow */
	assert_int_equal(missing(cache, 1, 7, found, 2), 1);
	row_cache_free(cache);
}

static void
test_what_does_not_fit_is_not_known(void **state)
{
	struct row_cache *cache = make();
	struct store_row rows[] = {{1, 1 << 24, 0, DAY, 0, 0},
				   {2, 0, 1 << 24, DAY, 0, 0},
				   {3, 1, 1, 65536, 0, 0},
				   {4, 1, 1, -1, 0, 0},
				   {5, (1 << 24) - 1, 0, DAY, 0, 0}};
	const struct store_change change = {5, 1, 0, 0, 0};

	(void)state;
	row_cache_put(cache, 1, 1, true, rows, 5);
	assert_int_equal(missing(cache, 1, 1, rows, 5), 4);
	row_cache_advance(cache, 1, 1, 2, &change, 1, DAY);
	assert_int_equal(missing(cache, 1, 2, rows, 5), 5);
	assert_null(row_cache_new(1000, false));
	row_cache_free(cache);
}

static void
test_common_words_outlive_rare_ones(void **state)
{
	struct row_cache *cache = row_cache_new(65536, false); /* 4,096 rows at most */
	struct store_row common[100], rare[100];
	size_t lost;

	(void)state;
	fill(common, 100, 5);
	for (uint64_t round = 0; round < 1000; round++) {
		missing(cache, 1, 1, common, 100);
		row_cache_put(cache, 1, 1, true, common, 100);
		for (size_t i = 0; i < 100; i++)
			rare[i] = (struct store_row){.token = (round * 100 + i + 1) << 32, .spam = 1};
		row_cache_put(cache, 1, 1, true, rare, 100);
	}
	lost = missing(cache, 1, 1, common, 100);
	assert_in_range(lost, 0, 10);
	assert_in_range(missing(cache, 1, 1, rare, 100), 0, 60);
	row_cache_free(cache);
}

/* Each version V of user U is the sum of V lessons; a reader of V finds rows of V or nothing. */
struct crowd {
	struct row_cache *cache;
	pthread_mutex_t mutex;
	int64_t version;
};

static void *
learn_and_read(void *context)
{
	struct crowd *crowd = context;
	struct store_change changes[50];
	struct store_row rows[50];
	uint32_t positions[50];

	for (size_t i = 0; i < 50; i++)
		changes[i] = (struct store_change){.token = i, .spam = 1, .innocent = 0};
	for (int round = 0; round < 2000; round++) {
		pthread_mutex_lock(&crowd->mutex);
		int64_t version = crowd->version;
		if (round % 3 == 0)
			crowd->version++;
		pthread_mutex_unlock(&crowd->mutex);
		if (round % 3 == 0)
			row_cache_advance(crowd->cache, 1, version, version + 1, changes, 50, DAY);
		fill(rows, 50, 0);
		for (size_t i = 0; i < 50; i++)
			rows[i].token = i;
		size_t rest = row_cache_get(crowd->cache, 1, version, rows, 50, positions);
		for (size_t i = 0, next = 0; i < 50; i++) {
			if (next < rest && positions[next] == i)
				next++;
			else
				assert_int_equal(rows[i].spam, version);
			rows[i].spam = (uint32_t)version;
		}
		row_cache_put(crowd->cache, 1, version, true, rows, 50);
	}
	return NULL;
}

static void
test_a_crowd_finds_what_is_true_or_nothing(void **state)
{
	struct crowd crowd = {.cache = make(), .mutex = PTHREAD_MUTEX_INITIALIZER};
	pthread_t threads[4];

	(void)state;
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, learn_and_read, &crowd), 0);
	for (size_t i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	row_cache_free(crowd.cache);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_only_the_version_that_is_known),
		cmocka_unit_test(test_lessons_lead_to_the_next_version),
		cmocka_unit_test(test_a_newer_version_takes_over_only_when_told),
		cmocka_unit_test(test_what_does_not_fit_is_not_known),
		cmocka_unit_test(test_common_words_outlive_rare_ones),
		cmocka_unit_test(test_a_crowd_finds_what_is_true_or_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
