/* Importing: nothing is counted twice, whatever happens in the middle. */
#include "help.h"

#include <string.h>

#include "move/import.h"
#include "move/store_source.h"

enum { ROWS = 10000, TODAY = 20000 };

static void
must(bool done, const struct error *error)
{
	if (!done)
		fail_msg("%s", error->text);
}

static struct store *
open_store(void)
{
	struct store *store;
	struct error error;

	must(store_open(&(struct store_options){.driver = "memory"}, &store, &error), &error);
	return store;
}

static void
fill(struct person *person)
{
	person_init(person);
	person_name(person, SPAN("anna"));
	person->totals = (struct totals){1, 2, 3, 4, 5, 6, 7, 8};
	for (uint64_t i = 0; i < ROWS; i++)
		person_add_row(person, &(struct store_row){.token = i * UINT64_C(0x9E3779B97F4A7C15),
							   .spam = 1,
							   .innocent = 2,
							   .day = 19999});
	for (int i = 0; i < 100; i++) {
		char id[16];
		snprintf(id, sizeof id, "s%d", i);
		person_add_signature(person, &(struct store_signature){id, SPAN("data"), 19990 + i});
	}
	person_add_preference(person, SPAN("trainingMode"), SPAN("TUM"));
	person_add_preference(person, SPAN("spamAction"), SPAN("tag"));
	person_finish(person);
}

static bool
import(struct store *store, const struct person *person, bool add, struct import_result *result, struct error *error)
{
	return import_person(store, person, &(struct import_options){.add = add, .today = TODAY}, result, error);
}

/* What the store holds of anna is exactly `times` what the person is. */
static void
assert_imported(struct store *store, const struct person *person, uint32_t times)
{
	struct store_source source = {.store = store};
	struct person found;
	struct error error;

	must(store_user(store, SPAN("anna"), false, &source.uid, &error), &error);
	person_init(&found);
	must(store_source_read(&source, "anna", &found, &error), &error);
	assert_int_equal(found.count, person->count);
	for (size_t i = 0; i < found.count; i++) {
		assert_true(found.rows[i].token == person->rows[i].token);
		assert_int_equal(found.rows[i].spam, person->rows[i].spam * times);
		assert_int_equal(found.rows[i].innocent, person->rows[i].innocent * times);
	}
	assert_int_equal(found.totals.innocent_classified, 8 * times);
	assert_int_equal(found.preference_count, person->preference_count);
	person_free(&found);
}

static void
test_import(void **state)
{
	struct store *store = open_store();
	struct import_result result;
	struct person person;
	struct error error;

	(void)state;
	fill(&person);
	must(import(store, &person, false, &result, &error), &error);
	assert_true(result.same && !result.was_there && !result.went_on && !result.added);
	assert_int_equal(result.signatures, 100);
	assert_true(result.checksum == person_checksum(&person));
	assert_imported(store, &person, 1);
	/* again, and again with --add: it is the same */
	must(import(store, &person, false, &result, &error), &error);
	assert_true(result.was_there);
	must(import(store, &person, true, &result, &error), &error);
	assert_true(result.was_there);
	assert_imported(store, &person, 1);
	person_free(&person);
	store_close(store);
}

/* Ballots name users by numbers of the store that they come from. */
static void
test_ballots_stay(void **state)
{
	static const char ballot[] = "ballot0123456789abcdef";
	struct store *store = open_store();
	struct store_signature found;
	struct import_result result;
	struct person person;
	struct error error;
	bool there;

	(void)state;
	fill(&person);
	person_add_signature(&person, &(struct store_signature){ballot, SPAN("ballot"), 19990});
	must(import(store, &person, false, &result, &error), &error);
	assert_int_equal(result.signatures, 100);
	assert_int_equal(result.ballots, 1);
	struct arena *arena = arena_new((size_t)1 << 20);
	must(store_signature_get(store, result.uid, ballot, arena, &found, &there, &error), &error);
	assert_false(there);
	must(store_signature_get(store, result.uid, "s99", arena, &found, &there, &error), &error);
	assert_true(there);
	arena_free(arena);
	person_free(&person);
	store_close(store);
}

/* A store that fails after some calls, as one does that is killed. */
static bool (*real_import)(struct store *, const struct store_import *, struct error *);
static int calls_left;

static bool
failing_import(struct store *store, const struct store_import *import, struct error *error)
{
	if (calls_left-- <= 0)
		return error_later(error, ERROR_IO, "the disk is gone");
	return real_import(store, import, error);
}

#include "store/driver.h"

static void
test_interruptions(void **state)
{
	struct import_result result;
	struct person person;
	struct error error;

	(void)state;
	fill(&person);
	for (int calls = 0; calls < 9; calls++) {
		struct store *store = open_store();
		struct store_driver driver = *store->driver;
		real_import = driver.import;
		driver.import = failing_import;
		store->driver = &driver;
		calls_left = calls;
		while (!import(store, &person, false, &result, &error)) {
			assert_non_null(strstr(error.text, "disk"));
			calls_left = calls < 2 ? 3 : calls; /* each run takes the mark over, and then goes on */
		}
		assert_true(result.same);
		assert_true(result.went_on);
		assert_imported(store, &person, 1);
		store_close(store);
	}
	person_free(&person);
}

/* Two at once: the later one takes over, the first one stops and has counted nothing twice. */
struct rival {
	struct store *store;
	struct person *person;
	bool begun;
};

static void
intrude(void *context, size_t done)
{
	struct rival *rival = context;
	struct import_result result;
	struct error error;

	if (rival->begun || done < ROWS / 3)
		return;
	rival->begun = true;
	must(import(rival->store, rival->person, false, &result, &error), &error);
	assert_true(result.went_on && result.same);
}

static void
test_rivals(void **state)
{
	struct store *store = open_store();
	struct import_result result;
	struct person person;
	struct error error;

	(void)state;
	fill(&person);
	struct rival rival = {store, &person, false};
	assert_false(import_person(store, &person,
				   &(struct import_options){.today = TODAY, .step = intrude, .context = &rival},
				   &result, &error));
	assert_true(error.temporary);
	assert_imported(store, &person, 1);
	person_free(&person);
	store_close(store);
}

static void
test_who_has_learned(void **state)
{
	struct store *store = open_store();
	struct import_result result;
	struct person person;
	struct error error;
	store_uid uid;

	(void)state;
	fill(&person);
	must(store_user(store, SPAN("anna"), true, &uid, &error), &error);
	const struct store_change change = {person.rows[5].token, 3, 0, 0, 0};
	must(store_learn(
		     store,
		     &(struct store_lesson){
			     .uid = uid, .day = TODAY, .changes = &change, .count = 1, .totals = {.spam_learned = 1}},
		     &error),
	     &error);
	must(store_preference_set(store, uid, "SPAMACTION", "deliver", &error), &error);
	assert_false(import(store, &person, false, &result, &error));
	assert_non_null(strstr(error.text, "--add"));
	must(import(store, &person, true, &result, &error), &error);
	assert_true(result.added && !result.same);
	struct store_row row = {.token = person.rows[5].token};
	struct totals totals;
	must(store_read(store, uid, &totals, &row, 1, &error), &error);
	assert_int_equal(row.spam, 4);
	assert_int_equal(row.day, TODAY);
	assert_int_equal(totals.spam_learned, 2);
	/* what is there stays */
	struct store_source source = {store, uid};
	struct person now;
	person_init(&now);
	must(store_source_read(&source, "anna", &now, &error), &error);
	assert_int_equal(now.preference_count, 2);
	assert_string_equal(now.preferences[0].value, "deliver");
	person_free(&now);
	/* other content is other content */
	person.rows[0].spam++;
	assert_false(import(store, &person, false, &result, &error));
	must(import(store, &person, true, &result, &error), &error);
	assert_false(result.was_there);
	person_free(&person);
	store_close(store);
}

/* A store that loses what it is given is found out. */
static bool
losing_import(struct store *store, const struct store_import *import, struct error *error)
{
	struct store_import less = *import;

	less.count -= less.count > 7;
	return real_import(store, &less, error);
}

static void
test_verification(void **state)
{
	struct store *store = open_store();
	struct store_driver driver = *store->driver;
	struct import_result result;
	struct person person;
	struct error error;

	(void)state;
	fill(&person);
	real_import = driver.import;
	driver.import = losing_import;
	store->driver = &driver;
	assert_false(import(store, &person, false, &result, &error));
	assert_non_null(strstr(error.text, "3 of 10000 rows are missing"));
	person_free(&person);
	store_close(store);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_import),          cmocka_unit_test(test_ballots_stay),
		cmocka_unit_test(test_interruptions),   cmocka_unit_test(test_rivals),
		cmocka_unit_test(test_who_has_learned), cmocka_unit_test(test_verification),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
