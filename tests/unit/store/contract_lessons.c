/* Lessons: hits and totals. */
#include "contract.h"

static void
test_rows(struct store *store)
{
	store_uid uid = fixture_user(store, "anna"), other = fixture_user(store, "bert");
	const uint64_t low = UINT64_C(1) << 63, high = INT64_MAX;
	const struct store_change first[] = {
		{low, 1, 0, 0, 0}, {UINT64_MAX, 2, 1, 0, 0}, {0, 0, 0, 0, 0}, {1, 0, 5, 0, 0}, {high, 3, 3, 0, 0}};
	const struct store_change second[] = {{low, -1, 2, 0, 0}, {1, 1, -4, 0, 0}};
	struct store_row rows[] = {{.token = low}, {.token = low + 1}, {.token = UINT64_MAX},
				   {.token = 0},   {.token = 1},       {.token = high}};
	struct error error;

	learn(store, uid, DAY, first, 5);
	learn(store, uid, DAY + 1, second, 2);
	must(store_read(store, uid, NULL, rows, 6, &error), &error);
	assert_true(rows[0].spam == 0 && rows[0].innocent == 2 && rows[0].day == DAY + 1);
	assert_true(rows[1].spam == 0 && rows[1].innocent == 0 && rows[1].day == 0);
	assert_true(rows[2].spam == 2 && rows[2].innocent == 1 && rows[2].day == DAY);
	assert_true(rows[3].spam == 0 && rows[3].innocent == 0 && rows[3].day == DAY);
	assert_true(rows[4].spam == 1 && rows[4].innocent == 1 && rows[4].day == DAY + 1);
	assert_true(rows[5].spam == 3 && rows[5].innocent == 3 && rows[5].day == DAY);
	assert_row(store, other, low, 0, 0, 0);
}

static void
test_never_below_zero(struct store *store)
{
	store_uid uid = fixture_user(store, "anna");
	const struct store_change down[] = {{1, -3, 2, 0, 0}, {2, 4, -1, 0, 0}, {3, -1, -1, 0, 0}};
	const struct store_change up[] = {{1, 1, 0, 0, 0}, {2, -9, 1, 0, 0}, {3, 1, 1, 0, 0}};
	const struct totals minus = {-1, 5, -2, 0, 3, -4, 1, -1}, plus = {2, -6, 2, 1, -3, 4, 1, 1};
	struct store_lesson lesson = {.uid = uid, .day = DAY, .changes = down, .count = 3, .totals = minus};
	struct totals totals;
	struct error error;

	must(store_learn(store, &lesson, &error), &error);
	assert_row(store, uid, 1, 0, 2, DAY);
	assert_row(store, uid, 2, 4, 0, DAY);
	assert_row(store, uid, 3, 0, 0, DAY);
	lesson.changes = up;
	lesson.totals = plus;
	must(store_learn(store, &lesson, &error), &error);
	assert_row(store, uid, 1, 1, 2, DAY);
	assert_row(store, uid, 2, 0, 1, DAY);
	assert_row(store, uid, 3, 1, 1, DAY);
	must(store_read(store, uid, &totals, NULL, 0, &error), &error);
	assert_memory_equal(&totals, &((struct totals){2, 0, 2, 1, 0, 4, 2, 1}), sizeof totals);
}

static void
test_totals(struct store *store)
{
	store_uid uid = fixture_user(store, "anna");
	struct totals totals = {.spam_learned = 9};
	struct error error;

	must(store_read(store, uid, &totals, NULL, 0, &error), &error);
	assert_memory_equal(&totals, &((struct totals){0}), sizeof totals);
	must(store_learn(store, &(struct store_lesson){.uid = uid, .totals = {1, 2, 3, 4, 5, 6, 7, 8}}, &error),
	     &error);
	must(store_learn(store, &(struct store_lesson){.uid = uid, .totals = {1, 1, 1, 1, 1, 1, 1, 1}}, &error),
	     &error);
	must(store_read(store, uid, &totals, NULL, 0, &error), &error);
	assert_memory_equal(&totals, &((struct totals){2, 3, 4, 5, 6, 7, 8, 9}), sizeof totals);
}

struct counting {
	size_t count, limit;
};

static bool
count_row(void *context, const struct store_row *row)
{
	struct counting *seen = context;

	assert_int_equal(row->spam, 1);
	return ++seen->count < seen->limit;
}

static void
test_each_row(struct store *store)
{
	store_uid uid = fixture_user(store, "anna"), other = fixture_user(store, "bert");
	struct counting all = {.limit = 9999}, some = {.limit = 10}, none = {.limit = 9999};
	struct store_change changes[3000];
	struct error error;

	for (size_t i = 0; i < 3000; i++)
		changes[i] = (struct store_change){.token = i * 3, .spam = 1, .innocent = 0};
	learn(store, uid, DAY, changes, 3000);
	must(store_each_row(store, uid, count_row, &all, &error), &error);
	must(store_each_row(store, uid, count_row, &some, &error), &error);
	must(store_each_row(store, other, count_row, &none, &error), &error);
	assert_int_equal(all.count, 3000);
	assert_int_equal(some.count, 10);
	assert_int_equal(none.count, 0);
	/* A walk that was stopped must not stand in the way. */
	learn(store, uid, DAY, changes, 1);
}

const struct contract contract_lessons[] = {
	CASE(rows), CASE(never_below_zero), CASE(totals), CASE(each_row), {NULL, NULL},
};
