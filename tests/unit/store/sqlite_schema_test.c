/* Tables in a SQLite file that are another program's, or of another version. */
#include "refusal.h"

static void
test_foreign_tables(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_begin(&fixture, "sqlite");
	fixture_sql(&fixture, "CREATE TABLE dspam_token_data (token CHAR(20) PRIMARY KEY, spam_hits INT,"
			      " innocent_hits INT, last_hit DATE)");
	assert_refused(&fixture, "another program", ERROR_FILE);
	fixture_end(&fixture);
}

static void
test_versions(void **state)
{
	struct fixture fixture;
	struct store *store;

	(void)state;
	fixture_begin(&fixture, "sqlite");
	store_close(fixture_open(&fixture, NULL));
	/* Newer, but only by additions: both work side by side. */
	fixture_sql(&fixture, "UPDATE dspam_schema SET version = 3");
	store = fixture_open(&fixture, NULL);
	store_close(store);
	fixture_sql(&fixture, "UPDATE dspam_schema SET version = 4, oldest = 4");
	assert_refused(&fixture, "version 4 of the schema", ERROR_FILE);
	fixture_end(&fixture);
}

/* A file as version 1 made it: it is brought up to date when it is opened, and nothing is lost. */
static void
test_upgrade(void **state)
{
	struct fixture fixture;
	struct store_row row = {.token = 7};
	struct error error;

	(void)state;
	fixture_begin(&fixture, "sqlite");
	store_close(fixture_open(&fixture, NULL));
	fixture_sql(&fixture, "DROP TABLE dspam_token_pending; UPDATE dspam_schema SET version = 1;"
			      "ALTER TABLE dspam_token_data DROP COLUMN weight;"
			      "ALTER TABLE dspam_token_data DROP COLUMN gradient;"
			      "CREATE TABLE dspam_token_pending (uid INTEGER NOT NULL, number INTEGER NOT NULL,"
			      " changes BLOB NOT NULL, PRIMARY KEY (uid, number)) WITHOUT ROWID;"
			      /* day 1; one spam hit for token 7, in signed order, by a step of 8 bytes */
			      "INSERT INTO dspam_token_pending VALUES (1, 1, x'01000000e40700000000000080')");
	struct store *store = fixture_open(&fixture, NULL);
	assert_true(store_read(store, 1, NULL, &row, 1, &error));
	assert_int_equal(row.spam, 1);
	store_close(store);
	store_close(fixture_open(&fixture, NULL));
	fixture_sql(&fixture, "INSERT INTO dspam_schema SELECT 1 / (version = 2), oldest FROM dspam_schema");
	fixture_end(&fixture);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_foreign_tables),
		cmocka_unit_test(test_versions),
		cmocka_unit_test(test_upgrade),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
