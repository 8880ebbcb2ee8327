/* Whom a message is for: what store_meet says, and what a read after it relies on, with another process at the same
 * store. */
#include "fixture.h"

#include <pwd.h>
#include <stdio.h>
#include <string.h>

#include "store/row_cache.h"

enum { DAY = 20000, TOKEN = 7 };

/* A program that remembers rows, and another one that has nothing to do with it. */
struct pair {
	struct fixture fixture;
	struct row_cache *cache;
	struct store *ours, *theirs;
};

static void
begin(struct pair *pair)
{
	fixture_begin(&pair->fixture, fixture_driver);
	pair->theirs = fixture_open(&pair->fixture, NULL);
	pair->cache = row_cache_new((size_t)1 << 20, false);
	pair->fixture.cache = pair->cache;
	pair->ours = fixture_open(&pair->fixture, NULL);
}

static void
end(struct pair *pair)
{
	store_close(pair->ours);
	store_close(pair->theirs);
	fixture_end(&pair->fixture);
	row_cache_free(pair->cache);
}

static bool
list_preference(void *context, const char *name, const char *value)
{
	char *list = context;
	size_t size = strlen(list);

	snprintf(list + size, 256 - size, "%s=%s;", name, value);
	return true;
}

/* His number; his preferences are these. */
static store_uid
meet(struct store *store, const char *name, const char *preferences)
{
	char list[256] = "";
	struct error error;
	store_uid uid;

	must(store_meet(store, span_from(name), &uid, list_preference, list, &error), &error);
	assert_string_equal(list, preferences);
	return uid;
}

static void
learn_token(struct store *store, store_uid uid, uint64_t token)
{
	const struct store_change change = {.token = token, .spam = 1};
	const struct store_lesson lesson = {
		.uid = uid, .day = DAY, .changes = &change, .count = 1, .totals = {.spam_learned = 1}};
	struct error error;

	must(store_learn(store, &lesson, &error), &error);
}

static void
learn(struct store *store, store_uid uid)
{
	learn_token(store, uid, TOKEN);
}

/* How often it was learned: rows and totals say the same. */
static uint32_t
lessons(struct store *store, store_uid uid)
{
	struct store_row rows[2] = {{.token = TOKEN}, {.token = TOKEN + 1}};
	struct totals totals;
	struct error error;

	must(store_read(store, uid, &totals, rows, 2, &error), &error);
	assert_int_equal(rows[0].spam, totals.spam_learned);
	assert_int_equal(rows[1].spam, 0);
	must(store_read(store, uid, &totals, NULL, 0, &error), &error);
	assert_in_range(totals.spam_learned, rows[0].spam, rows[0].spam + 1);
	return rows[0].spam;
}

static void
set(struct store *store, store_uid uid, const char *name, const char *value)
{
	struct error error;

	must(store_preference_set(store, uid, name, value, &error), &error);
}

static void
test_who(void **state)
{
	struct pair pair;

	(void)state;
	begin(&pair);
	assert_int_equal(meet(pair.ours, "anna", ""), 0);
	assert_int_equal(meet(pair.ours, "anna", ""), 0); /* he was not made */
	store_uid anna = fixture_user(pair.theirs, "anna"), bert = fixture_user(pair.theirs, "bert");
	set(pair.theirs, bert, "optOut", "on");
	assert_int_equal(meet(pair.ours, "anna", ""), anna);
	assert_int_equal(meet(pair.ours, "bert", "optOut=on;"), bert);
	set(pair.theirs, anna, "spamAction", "tag");
	set(pair.theirs, bert, "optOut", NULL);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(meet(pair.ours, "anna", "spamAction=tag;"), anna);
		assert_int_equal(meet(pair.ours, "bert", ""), bert);
	}
	end(&pair);
}

static void
test_read_after_it(void **state)
{
	struct pair pair;

	(void)state;
	begin(&pair);
	store_uid anna = fixture_user(pair.theirs, "anna"), bert = fixture_user(pair.theirs, "bert");
	for (uint32_t i = 0; i < 5; i++) {
		assert_int_equal(meet(pair.ours, "anna", ""), anna);
		assert_int_equal(lessons(pair.ours, anna), 3 * i);
		learn(pair.ours, anna);
		assert_int_equal(meet(pair.ours, "anna", ""), anna);
		learn(pair.ours, anna); /* what was heard when we met is over with this */
		assert_int_equal(lessons(pair.ours, anna), 3 * i + 2);
		assert_int_equal(meet(pair.ours, "anna", ""), anna);
		assert_int_equal(lessons(pair.ours, bert), 0);
		learn(pair.theirs, anna);
	}
	assert_int_equal(meet(pair.ours, "anna", ""), anna);
	assert_int_equal(lessons(pair.ours, anna), 15);
	assert_int_equal(meet(pair.ours, "anna", ""), anna);
	learn(pair.theirs, anna); /* before or after this: either is true of the moment of the message */
	assert_in_range(lessons(pair.ours, anna), 15, 16);
	assert_int_equal(lessons(pair.ours, anna), 16);
	end(&pair);
}

/* A name that is another person's now. */
static void
test_another_number(void **state)
{
	struct pair pair;
	struct error error;

	(void)state;
	begin(&pair);
	store_uid before = fixture_user(pair.theirs, "anna");
	set(pair.theirs, before, "optOut", "on");
	learn(pair.theirs, before);
	assert_int_equal(meet(pair.ours, "anna", "optOut=on;"), before);
	assert_int_equal(lessons(pair.ours, before), 1);
	for (struct store_remove_walk walk = {0}; !walk.done;)
		must(store_remove(pair.theirs, before, STORE_REMOVE_USER, &walk, &error), &error);
	assert_int_equal(meet(pair.ours, "anna", ""), 0);
	store_uid now = fixture_user(pair.theirs, "anna");
	assert_int_not_equal(now, before);
	assert_int_equal(meet(pair.ours, "anna", ""), now);
	assert_int_equal(lessons(pair.ours, now), 0);
	end(&pair);
}

static void
assert_spam(struct store *store, store_uid uid, uint32_t first, uint32_t second)
{
	struct store_row rows[2] = {{.token = TOKEN}, {.token = TOKEN + 1}};
	struct error error;

	must(store_read(store, uid, NULL, rows, 2, &error), &error);
	assert_int_equal(rows[0].spam, first);
	assert_int_equal(rows[1].spam, second);
}

/* As an account of the system has it, or one in a table of the site: who is removed and comes back begins anew. */
static void
test_number_that_comes_back(void **state)
{
	struct pair pair;
	struct error error;

	(void)state;
	if (strcmp(fixture_driver, "sqlite") == 0)
		return; /* gives no number twice */
	begin(&pair);
	store_uid anna = fixture_user(pair.theirs, "anna");
	for (uint32_t i = 0; i < 4; i++) {
		learn_token(pair.theirs, anna, TOKEN + i % 2);
		assert_spam(pair.ours, anna, 1 - i % 2, i % 2);
		for (struct store_remove_walk walk = {0}; !walk.done;)
			must(store_remove(pair.theirs, anna, STORE_REMOVE_USER, &walk, &error), &error);
	}
	end(&pair);
}

/* Accounts of the system: one, as long as it is there. */
static bool has_account;

/* In place of the system's, for plugins, too. */
__attribute__((visibility("default"))) int
getpwnam_r(const char *name, struct passwd *entry, char *space, size_t size, struct passwd **found)
{
	(void)space;
	(void)size;
	*found = has_account && strcmp(name, "anna") == 0 ? entry : NULL;
	if (*found != NULL)
		*entry = (struct passwd){.pw_uid = 4000};
	return 0;
}

static void
test_account_that_goes(void **state)
{
	struct pair pair;

	(void)state;
	if (strcmp(fixture_driver, "sqlite") == 0)
		return; /* has users of its own */
	begin(&pair);
	fixture_sql(&pair.fixture, "DROP TABLE dspam_virtual_uids");
	store_close(pair.ours);
	pair.ours = fixture_open(&pair.fixture, NULL);
	has_account = true;
	assert_int_equal(meet(pair.ours, "anna", ""), 4000);
	has_account = false;
	assert_int_equal(meet(pair.ours, "anna", ""), 0);
	end(&pair);
}

/* Whenever we change his totals, an original DSPAM at the same database has just learned, and known no generation. */
static void
let_others_learn(const struct fixture *fixture)
{
	if (strcmp(fixture->driver, "pgsql") == 0) {
		fixture_sql(fixture,
			    "CREATE FUNCTION others() RETURNS trigger LANGUAGE plpgsql AS"
			    " 'BEGIN NEW.spam_learned = NEW.spam_learned + 1;"
			    " UPDATE dspam_token_data SET spam_hits = spam_hits + 1 WHERE uid = NEW.uid;"
			    " RETURN NEW; END'; CREATE TRIGGER others BEFORE UPDATE ON dspam_stats FOR EACH ROW"
			    " EXECUTE PROCEDURE others()");
		return;
	}
	fixture_sql(fixture, "CREATE TRIGGER others BEFORE UPDATE ON dspam_stats FOR EACH ROW"
			     " SET NEW.spam_learned = NEW.spam_learned + 1");
	fixture_sql(fixture, "CREATE TRIGGER rows_of_others AFTER UPDATE ON dspam_stats FOR EACH ROW"
			     " UPDATE dspam_token_data SET spam_hits = spam_hits + 1 WHERE uid = NEW.uid");
}

static void
test_others_in_between(void **state)
{
	struct pair pair;

	(void)state;
	if (strcmp(fixture_driver, "sqlite") == 0)
		return; /* in whose files no original learns */
	begin(&pair);
	store_uid anna = fixture_user(pair.theirs, "anna");
	learn(pair.theirs, anna);
	assert_int_equal(lessons(pair.ours, anna), 1);
	let_others_learn(&pair.fixture);
	for (uint32_t i = 0; i < 3; i++) {
		learn(pair.ours, anna);
		assert_int_equal(lessons(pair.ours, anna), lessons(pair.theirs, anna));
	}
	assert_true(lessons(pair.ours, anna) > 4);
	end(&pair);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_who),
		cmocka_unit_test(test_read_after_it),
		cmocka_unit_test(test_another_number),
		cmocka_unit_test(test_number_that_comes_back),
		cmocka_unit_test(test_others_in_between),
		cmocka_unit_test(test_account_that_goes),
	};

	return fixture_run_group(tests);
}
