/* Runs: what goes in comes out, sums are sums, and bytes that are no run are refused. */
#include "fixture.h"

#include <stdlib.h>

#include "store/sqlite/run.h"

enum { DAY = 20000 };

static int
compare(const void *a, const void *b)
{
	uint64_t left = ((const struct run_entry *)a)->token, right = ((const struct run_entry *)b)->token;

	return store_token_before(left, right) ? -1 : left != right;
}

/* Distinct sorted entries, their tokens among `range`, now and then with numbers of all sizes. */
static size_t
entries_make(struct run_entry *entries, size_t count, uint64_t range, uint64_t *state)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++) {
		bool odd = random_next(state) % 10 == 0;
		entries[i] = (struct run_entry){
			.token = (random_next(state) % range) * (UINT64_MAX / range),
			.spam = odd ? (int32_t)random_next(state) : (int32_t)(random_next(state) % 4),
			.innocent = odd ? (int32_t)random_next(state) : (int32_t)(random_next(state) % 4),
			.day = odd ? (int32_t)random_next(state) : DAY - (int32_t)(random_next(state) % 2),
		};
		if (random_next(state) % 2 == 0) {
			entries[i].weight = (int32_t)random_next(state) >> random_next(state) % 31;
			entries[i].gradient = (int64_t)random_next(state) >> random_next(state) % 63;
		}
	}
	qsort(entries, count, sizeof *entries, compare);
	for (size_t i = 0; i < count; i++)
		if (kept == 0 || entries[kept - 1].token != entries[i].token)
			entries[kept++] = entries[i];
	return kept;
}

static void
run_make(struct run *run, const struct run_entry *entries, size_t count)
{
	run_begin(run, DAY);
	for (size_t i = 0; i < count; i++)
		run_append(run, &entries[i]);
}

static void
assert_holds(const struct run *run, const struct run_entry *entries, size_t count)
{
	struct run_reader reader = run_read(run);
	struct run_entry entry;

	assert_int_equal(run->count, count);
	for (size_t i = 0; i < count; i++) {
		assert_true(run_next(&reader, &entry));
		assert_true(entry.token == entries[i].token);
		assert_int_equal(entry.spam, entries[i].spam);
		assert_int_equal(entry.innocent, entries[i].innocent);
		assert_int_equal(entry.day, entries[i].day);
		assert_int_equal(entry.weight, entries[i].weight);
		assert_true(entry.gradient == entries[i].gradient);
	}
	assert_false(run_next(&reader, &entry));
}

static void
test_what_goes_in_comes_out(void **state)
{
	static const struct run_entry ends[] = {{UINT64_C(1) << 63, 1, 0, DAY, 0, 0},
						{(UINT64_C(1) << 63) + 1, INT32_MIN, INT32_MAX, INT32_MAX, 0, 0},
						{UINT64_MAX, 0, 1, DAY - 1, -1, 1},
						{0, 3, 2, DAY - 1, 0, 0},
						{5, INT32_MIN, INT32_MAX, INT32_MAX, INT32_MIN, INT64_MIN},
						{6, 0, 1, INT32_MIN + 1, INT32_MAX, INT64_MAX},
						{INT64_MAX, 3, 3, DAY - 1, 0, 0}};
	struct run_entry entries[1000];
	struct run run = {0}, loaded = {0};
	uint64_t random = 1;

	(void)state;
	run_make(&run, ends, 7);
	assert_holds(&run, ends, 7);
	for (uint64_t range = 1; range != 0; range <<= 1) {
		size_t count = entries_make(entries, 1000, range, &random);
		run_make(&run, entries, count);
		assert_holds(&run, entries, count);
		assert_true(run_load(&loaded, run.data, run.size));
		assert_holds(&loaded, entries, count);
	}
	run_make(&run, NULL, 0);
	assert_true(run_load(&loaded, run.data, run.size));
	assert_int_equal(loaded.count, 0);
	run_free(&run);
	run_free(&loaded);
}

static void
test_a_lesson_takes_nine_bytes_a_token(void **state)
{
	struct run run = {0};
	uint64_t token = UINT64_C(1) << 63;

	(void)state;
	run_begin(&run, DAY);
	for (size_t i = 0; i < 700; i++)
		run_append(&run, &(struct run_entry){.token = token += UINT64_MAX / 701, .innocent = 1, .day = DAY});
	assert_in_range(run.size, 1, 700 * 9 + 4);
	run_free(&run);
}

/* A source that is in memory. */
struct bytes {
	const unsigned char *data;
	size_t size, reads;
};

static bool
bytes_read(void *context, void *data, size_t size, size_t offset)
{
	struct bytes *bytes = context;

	assert_true(offset <= bytes->size && size <= bytes->size - offset);
	memcpy(data, bytes->data + offset, size);
	bytes->reads++;
	return true;
}

static bool
apply_bytes(const void *data, size_t size, struct store_row *rows, size_t count)
{
	struct bytes bytes = {data, size, 0};

	return run_apply_source(&(struct run_source){size, bytes_read, &bytes}, rows, count);
}

static void
test_bytes_that_are_no_run_are_refused(void **state)
{
	static const struct run_entry entries[] = {
		{1, 1, 0, DAY, 0, 0}, {2, 9, 9, 3, 0, 0}, {UINT64_C(1) << 40, 0, 1, DAY, 70000, -3}};
	struct run run = {0}, loaded = {0};
	unsigned char twice[4 + 2 * 9];
	uint64_t random = 7;

	(void)state;
	run_make(&run, entries, 3);
	for (size_t size = 0; size < run.size; size++)
		if (run_load(&loaded, run.data, size)) {
			assert_in_range(loaded.count, 0, 2);
			assert_true(apply_bytes(run.data, size, NULL, 0));
		}
	/* a step of 0: the same token again */
	memcpy(twice, run.data, 4);
	memset(twice + 4, 0, sizeof twice - 4);
	assert_false(run_load(&loaded, twice, 4 + 4));
	assert_false(apply_bytes(twice, 4 + 4, NULL, 0));
	for (int round = 0; round < 20000; round++) {
		unsigned char bytes[64];
		size_t size = random_next(&random) % sizeof bytes;
		for (size_t i = 0; i < size; i++)
			bytes[i] = (unsigned char)random_next(&random);
		/* whatever it says: no harm, and the same from a source */
		assert_int_equal(run_load(&loaded, bytes, size), apply_bytes(bytes, size, NULL, 0));
	}
	run_free(&run);
	run_free(&loaded);
}

static void
test_sums_and_look_ups(void **state)
{
	struct run_entry entries[2][600];
	struct run parts[2] = {0}, sum = {0};
	uint64_t random = 3;

	(void)state;
	for (uint64_t range = 10; range < UINT64_C(1) << 60; range *= 7) {
		struct store_row rows[2000], one[2000], piecewise[2000];
		size_t counts[2], count = 0;
		for (size_t i = 0; i < 2; i++) {
			counts[i] = entries_make(entries[i], 600, range, &random);
			run_make(&parts[i], entries[i], counts[i]);
		}
		run_add(&parts[0], &parts[1], &sum);
		struct run_reader reader = run_read(&sum);
		struct run_entry entry;
		while (run_next(&reader, &entry))
			rows[count++] = (struct store_row){.token = entry.token, .spam = 2000000000, .innocent = 1};
		memcpy(one, rows, sizeof rows);
		run_apply(&sum, one, count);
		memcpy(piecewise, rows, sizeof rows);
		assert_true(apply_bytes(sum.data, sum.size, piecewise, count));
		assert_memory_equal(piecewise, one, count * sizeof *one);
		for (size_t i = 0; i < count; i++) {
			int64_t spam = 0;
			int32_t day = 0;
			for (size_t part = 0; part < 2; part++)
				for (size_t k = 0; k < counts[part]; k++)
					if (entries[part][k].token == rows[i].token) {
						spam += entries[part][k].spam;
						day = entries[part][k].day;
					}
			spam = spam > INT32_MAX ? INT32_MAX : spam < INT32_MIN ? INT32_MIN : spam;
			spam += 2000000000;
			assert_int_equal(one[i].spam, spam < 0 ? 0 : spam);
			assert_int_equal(one[i].day, day);
		}
		/* every third row only */
		size_t fewer = 0;
		for (size_t i = 0; i < count; i += 3)
			rows[fewer++] = rows[i];
		memcpy(piecewise, rows, sizeof rows);
		assert_true(apply_bytes(sum.data, sum.size, piecewise, fewer));
		run_apply(&sum, rows, fewer);
		assert_memory_equal(piecewise, rows, fewer * sizeof *rows);
		for (size_t i = 0; i < fewer; i++)
			assert_int_equal(rows[i].spam, one[3 * i].spam);
	}
	run_free(&parts[0]);
	run_free(&parts[1]);
	run_free(&sum);
}

static void
test_parts_are_all_there_is(void **state)
{
	struct run_entry entries[1000];
	struct run run = {0}, inside = {0}, outside = {0}, sum = {0};
	uint64_t random = 11;

	(void)state;
	size_t count = entries_make(entries, 998, UINT64_C(1) << 40, &random);
	entries[count++] = (struct run_entry){INT64_MAX, 1, 0, DAY, 0, 0};
	run_make(&run, entries, count);
	for (unsigned parts = 1; parts <= 7; parts++) {
		size_t seen = 0;
		for (unsigned part = 0; part < parts; part++) {
			run_split(&run, parts, part, &inside, &outside);
			assert_int_equal(inside.count + outside.count, count);
			assert_in_range(inside.count, 900 / parts / 2, 2 * count / parts);
			seen += inside.count;
			run_add(&inside, &outside, &sum);
			assert_int_equal(sum.count, count);
		}
		assert_int_equal(seen, count);
	}
	run_free(&run);
	run_free(&inside);
	run_free(&outside);
	run_free(&sum);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_goes_in_comes_out),
		cmocka_unit_test(test_a_lesson_takes_nine_bytes_a_token),
		cmocka_unit_test(test_bytes_that_are_no_run_are_refused),
		cmocka_unit_test(test_sums_and_look_ups),
		cmocka_unit_test(test_parts_are_all_there_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
