/* Users who come and go, whole. */
#include "contract.h"

static void
import(struct store *store, const struct store_import *all)
{
	struct error error;

	must(store_import(store, all, &error), &error);
}

static void
test_import(struct store *store)
{
	enum { MANY = 3000 };
	store_uid uid = fixture_user(store, "anna"), other = fixture_user(store, "bert");
	const struct store_change learned = {1, 2, 3, 0, 0};
	const struct store_row rows[] = {
		{UINT64_MAX, 4, 5, DAY - 9, 0, 0}, {1, 10, 20, DAY - 9, 0, 0}, {2, 0, 0, DAY + 9, 0, 0}};
	const struct store_signature signatures[] = {{"import", SPAN("1"), DAY}, {"a1", SPAN("x\0y"), DAY - 1}};
	struct store_import all = {uid, rows, 3, signatures, 2, {1, 2, 3, 4, 5, 6, 7, 8}, {0}, false};
	struct store_row *many = calloc(MANY, sizeof *many);
	struct totals totals;
	struct error error;

	learn(store, uid, DAY, &learned, 1);
	assert_row(store, uid, 1, 2, 3, DAY); /* known to caches */
	import(store, &all);
	assert_row(store, uid, UINT64_MAX, 4, 5, DAY - 9);
	assert_row(store, uid, 1, 12, 23, DAY);
	assert_row(store, uid, 2, 0, 0, DAY + 9);
	assert_row(store, other, 1, 0, 0, 0);
	assert_signature(store, uid, "import", SPAN("1"), DAY);
	assert_signature(store, uid, "a1", SPAN("x\0y"), DAY - 1);
	must(store_read(store, uid, &totals, NULL, 0, &error), &error);
	assert_memory_equal(&totals, &((struct totals){1, 2, 3, 4, 5, 6, 7, 8}), sizeof totals);
	for (size_t i = 0; i < MANY; i++)
		many[i] = (struct store_row){.token = i, .spam = 1, .innocent = 0, .day = DAY};
	import(store, &(struct store_import){.uid = uid, .rows = many, .count = MANY});
	assert_row(store, uid, 1, 13, 23, DAY);
	assert_row(store, uid, MANY - 1, 1, 0, DAY);
	free(many);
}

/* An import that is no longer the one who began changes nothing. */
static void
test_import_of_another(struct store *store)
{
	store_uid uid = fixture_user(store, "anna");
	const struct store_row row = {7, 1, 1, DAY, 0, 0};
	const struct store_signature first = {"import", SPAN("1"), DAY}, second = {"import", SPAN("2"), DAY};
	struct store_import all = {.uid = uid, .rows = &row, .count = 1, .signatures = &first, .signature_count = 1};
	struct error error;

	all.replaces = SPAN("0");
	assert_false(store_import(store, &all, &error));
	assert_true(error.temporary);
	assert_row(store, uid, 7, 0, 0, 0);
	all.replaces = (struct span){0};
	all.fresh = true;
	import(store, &all);
	all.signatures = &second;
	assert_false(store_import(store, &all, &error)); /* it is no longer new */
	assert_true(error.temporary);
	assert_row(store, uid, 7, 1, 1, DAY);
	assert_signature(store, uid, "import", SPAN("1"), DAY);
	all.fresh = false;
	all.replaces = SPAN("1");
	import(store, &all);
	assert_false(store_import(store, &all, &error));
	assert_row(store, uid, 7, 2, 2, DAY);
	assert_signature(store, uid, "import", SPAN("2"), DAY);
	all.signatures = &(struct store_signature){"no id", SPAN(""), DAY};
	assert_false(store_import(store, &all, &error));
	assert_int_equal(error.code, ERROR_DATA);
	assert_row(store, uid, 7, 2, 2, DAY);
}

static struct store_size
size_of(struct store *store, store_uid uid)
{
	struct store_size size = {9, 9, 9};
	struct error error;

	must(store_size(store, uid, &size, &error), &error);
	return size;
}

/* Rows count once, wherever the driver keeps them. */
static void
test_size(struct store *store)
{
	store_uid uid = fixture_user(store, "anna"), other = fixture_user(store, "bert");
	const struct store_row rows[] = {{5, 1, 1, DAY, 0, 0}, {6, 1, 1, DAY, 0, 0}};
	const struct store_change changes[] = {{6, 1, 0, 0, 0}, {7, 1, 0, 0, 0}, {8, 1, 0, 0, 0}};
	struct store_size size = size_of(store, uid);

	assert_true(size.rows == 0 && size.signatures == 0 && size.bytes == 0);
	import(store, &(struct store_import){.uid = uid, .rows = rows, .count = 2});
	learn(store, uid, DAY, changes, 2);
	learn(store, uid, DAY, changes + 1, 2);
	put_signature(store, uid, "a1", SPAN("0123456789"), DAY);
	put_signature(store, uid, "a2", SPAN(""), DAY);
	size = size_of(store, uid);
	assert_int_equal(size.rows, 4);
	assert_int_equal(size.signatures, 2);
	assert_true(size.bytes >= 4 * 16 + 10);
	size = size_of(store, other);
	assert_true(size.rows == 0 && size.signatures == 0 && size.bytes == 0);
}

static bool
see_signature(void *context, const struct store_signature *signature)
{
	char *last = context;
	const char *number = signature->id + 1;

	assert_true(strcmp(signature->id, last) > 0);
	assert_true(span_equal(signature->data, span_from(number)));
	assert_int_equal(signature->day, DAY + strtol(number, NULL, 10));
	snprintf(last, 16, "%s", signature->id);
	return strcmp(signature->id, "s103") != 0;
}

static void
test_each_signature(struct store *store)
{
	enum { SIGNATURES = 150 };
	store_uid uid = fixture_user(store, "anna"), other = fixture_user(store, "bert");
	char id[16], last[16] = "";
	size_t count, sum = 0;
	struct error error;

	put_signature(store, other, "s500", SPAN("500"), DAY);
	for (int i = 100; i < 100 + SIGNATURES; i++) {
		snprintf(id, sizeof id, "s%d", i);
		put_signature(store, uid, id, span_from(id + 1), DAY + i);
	}
	must(store_each_signature(store, uid, last, see_signature, last, &count, &error), &error);
	assert_int_equal(count, 4);
	assert_string_equal(last, "s103"); /* stopped there */
	do {
		sum += count;
		must(store_each_signature(store, uid, last, see_signature, last, &count, &error), &error);
	} while (count > 0);
	assert_int_equal(sum, SIGNATURES);
	assert_string_equal(last, "s249");
	assert_false(store_each_signature(store, uid, "no id", see_signature, last, &count, &error));
}

/* Somebody with a bit of everything. */
static store_uid
fill(struct store *store, const char *name, const struct store_change *changes, size_t count)
{
	store_uid uid = fixture_user(store, name);
	struct error error;
	char id[16];

	learn(store, uid, DAY, changes, count);
	must(store_learn(store, &(struct store_lesson){.uid = uid, .totals = {1, 2, 3, 4, 5, 6, 7, 8}}, &error),
	     &error);
	for (int i = 0; i < 120; i++) {
		snprintf(id, sizeof id, "s%d", i);
		put_signature(store, uid, id, SPAN("data"), DAY + i);
	}
	set_preference(store, uid, "trainingMode", "TUM");
	set_preference(store, uid, "spamAction", "tag");
	return uid;
}

static void
remove_user(struct store *store, store_uid uid, enum store_removal what)
{
	struct store_remove_walk walk = {0};
	struct error error;

	while (!walk.done)
		must(store_remove(store, uid, what, &walk, &error), &error);
	must(store_remove(store, uid, what, &walk, &error), &error); /* asked once more it does nothing */
	assert_int_equal(walk.signatures, 120);
	assert_int_equal(walk.rows.removed, 9000);
}

static void
test_remove(struct store *store)
{
	struct store_change *changes = calloc(9000, sizeof *changes);
	struct totals totals;
	struct store_size size;
	struct error error;
	store_uid uid, again;

	for (size_t i = 0; i < 9000; i++)
		changes[i] = (struct store_change){.token = i, .spam = 1, .innocent = 0};
	uid = fill(store, "anna", changes, 9000);
	store_uid other = fill(store, "bert", changes, 9000);
	assert_row(store, uid, 3, 1, 0, DAY); /* known to caches */
	remove_user(store, uid, STORE_REMOVE_LEARNED);
	size = size_of(store, uid);
	assert_true(size.rows == 0 && size.signatures == 0);
	assert_row(store, uid, 3, 0, 0, 0);
	must(store_read(store, uid, &totals, NULL, 0, &error), &error);
	assert_memory_equal(&totals, &((struct totals){0}), sizeof totals);
	assert_int_equal(fixture_user(store, "anna"), uid);
	assert_preference(store, uid, "trainingMode", "TUM", 1);
	fill(store, "anna", changes, 9000);
	assert_row(store, uid, 3, 1, 0, DAY);
	remove_user(store, uid, STORE_REMOVE_USER);
	must(store_user(store, SPAN("anna"), false, &again, &error), &error);
	assert_int_equal(again, 0);
	assert_row(store, uid, 3, 0, 0, 0);
	assert_preference(store, uid, "trainingMode", "", 0);
	again = fixture_user(store, "anna");
	assert_int_not_equal(again, uid);
	assert_int_not_equal(again, other);
	assert_row(store, other, 3, 1, 0, DAY);
	assert_signature(store, other, "s7", SPAN("data"), DAY + 7);
	assert_preference(store, other, "spamAction", "tag", 1);
	free(changes);
}

static void
test_optimize(struct store *store)
{
	store_uid uid = fixture_user(store, "anna");
	const struct store_change change = {1, 2, 3, 0, 0};
	struct error error;

	learn(store, uid, DAY, &change, 1);
	must(store_optimize(store, &error), &error);
	assert_row(store, uid, 1, 2, 3, DAY);
	learn(store, uid, DAY, &change, 1);
	assert_row(store, uid, 1, 4, 6, DAY);
}

const struct contract contract_moving[] = {
	CASE(import), CASE(import_of_another), CASE(size),   CASE(each_signature),
	CASE(remove), CASE(optimize),          {NULL, NULL},
};
