/* Purging and merging. */
#include "contract.h"

static bool
is_rare(const void *context, const struct store_row *row)
{
	return row->spam + row->innocent <= *(const uint32_t *)context;
}

static struct store_walk
purge(struct store *store, store_uid uid, uint32_t hits, size_t *calls)
{
	struct store_walk walk = {0};
	struct error error;

	for (*calls = 0; !walk.done; ++*calls)
		must(store_purge_rows(store, uid, is_rare, &hits, &walk, &error), &error);
	return walk;
}

/* More rows than one call looks at, at both ends of the numbers, some learned just before. */
static void
test_purge(struct store *store)
{
	enum { ROWS = 10000 };
	store_uid uid = fixture_user(store, "anna"), other = fixture_user(store, "bert");
	struct store_change *changes = calloc(ROWS, sizeof *changes);
	struct store_walk walk;
	size_t calls;

	for (size_t i = 0; i < ROWS; i++)
		changes[i] = (struct store_change){.token = (uint64_t)INT64_MIN + i * (UINT64_MAX / (ROWS - 1)),
						   .spam = 1,
						   .innocent = (int)(i % 2)};
	changes[ROWS - 1].token = INT64_MAX;
	learn(store, uid, DAY, changes, ROWS);
	learn(store, other, DAY, changes, ROWS);
	assert_row(store, uid, changes[0].token, 1, 0, DAY);
	walk = purge(store, uid, 1, &calls);
	assert_int_equal(walk.seen, ROWS);
	assert_int_equal(walk.removed, ROWS / 2);
	for (size_t i = 0; i < ROWS; i += 99)
		assert_row(store, uid, changes[i].token, i % 2, i % 2, i % 2 ? DAY : 0);
	assert_row(store, other, changes[0].token, 1, 0, DAY);
	walk = purge(store, uid, 1, &calls);
	assert_int_equal(walk.seen, ROWS / 2);
	assert_int_equal(walk.removed, 0);
	/* what was removed comes back as new */
	learn(store, uid, DAY + 1, changes, 2);
	assert_row(store, uid, changes[0].token, 1, 0, DAY + 1);
	assert_row(store, uid, changes[1].token, 2, 2, DAY + 1);
	walk = purge(store, uid, 9, &calls);
	assert_int_equal(walk.removed, ROWS / 2 + 1);
	walk = purge(store, uid, 9, &calls);
	assert_int_equal(walk.seen, 0);
	free(changes);
}

static bool
one_call_is_enough(const void *context, const struct store_row *row)
{
	(void)context;
	(void)row;
	fail_msg("asked after the end");
	return false;
}

static void
test_purge_at_its_end(struct store *store)
{
	struct store_walk walk = {.begun = true, .done = true};
	struct error error;

	must(store_purge_rows(store, fixture_user(store, "anna"), one_call_is_enough, NULL, &walk, &error), &error);
}

static void
test_purge_signatures(struct store *store)
{
	enum { SIGNATURES = 250 };
	store_uid uid = fixture_user(store, "anna"), other = fixture_user(store, "bert");
	size_t removed, calls = 0, sum = 0;
	struct error error;
	char id[16];

	for (int i = 0; i < SIGNATURES; i++) {
		snprintf(id, sizeof id, "s%d", i);
		put_signature(store, uid, id, SPAN("data"), i < 200 ? DAY : DAY + 1);
		put_signature(store, other, id, SPAN("data"), DAY);
	}
	do {
		must(store_purge_signatures(store, uid, DAY + 1, &removed, &error), &error);
		assert_true(removed <= 100);
		sum += removed;
		calls++;
	} while (removed > 0);
	assert_int_equal(sum, 200);
	assert_int_equal(calls, 3);
	assert_no_signature(store, uid, "s199");
	assert_signature(store, uid, "s200", SPAN("data"), DAY + 1);
	assert_signature(store, other, "s0", SPAN("data"), DAY);
}

static void
test_merge(struct store *store)
{
	store_uid users[] = {fixture_user(store, "anna"), fixture_user(store, "bert"), fixture_user(store, "nobody")};
	store_uid to = fixture_user(store, "carl");
	const struct store_change first[] = {{UINT64_MAX, 1, 0, 0, 0}, {1, 2, 3, 0, 0}},
				  second[] = {{1, 10, 0, 0, 0}, {7, 0, 1, 0, 0}};
	struct store_change many[3000];
	struct totals totals;
	struct error error;
	size_t rows[3];

	learn(store, users[0], DAY + 5, first, 2);
	learn(store, users[1], DAY, second, 2);
	learn(store, to, DAY + 1, second, 1);
	must(store_learn(store, &(struct store_lesson){.uid = users[0], .totals = {1, 2, 3, 4, 5, 6, 7, 8}}, &error),
	     &error);
	must(store_learn(store, &(struct store_lesson){.uid = to, .totals = {1, 1, 1, 1, 1, 1, 1, 1}}, &error), &error);
	assert_row(store, to, 1, 10, 0, DAY + 1); /* known to caches */
	must(store_merge(store, users, 3, to, rows, &error), &error);
	assert_int_equal(rows[0], 2);
	assert_int_equal(rows[1], 2);
	assert_int_equal(rows[2], 0);
	assert_row(store, to, UINT64_MAX, 1, 0, DAY + 5);
	assert_row(store, to, 1, 22, 3, DAY + 5);
	assert_row(store, to, 7, 0, 1, DAY);
	assert_row(store, users[0], 1, 2, 3, DAY + 5);
	must(store_read(store, to, &totals, NULL, 0, &error), &error);
	assert_memory_equal(&totals, &((struct totals){2, 3, 4, 5, 6, 7, 8, 9}), sizeof totals);
	for (size_t i = 0; i < 3000; i++)
		many[i] = (struct store_change){.token = i, .spam = 1, .innocent = 0};
	learn(store, users[2], DAY, many, 3000);
	must(store_merge(store, users + 2, 1, to, rows, &error), &error);
	assert_int_equal(rows[0], 3000);
	assert_row(store, to, 2999, 1, 0, DAY);
	assert_row(store, to, 1, 23, 3, DAY + 5);
}

const struct contract contract_purging[] = {
	CASE(purge), CASE(purge_at_its_end), CASE(purge_signatures), CASE(merge), {NULL, NULL},
};
