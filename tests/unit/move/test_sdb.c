/* Files of the original's SQLite driver, and others that are called so. */
#include "help.h"

#include <sqlite3.h>
#include <string.h>
#include <unistd.h>

#include "move/sdb.h"

#define SCHEMA                                                                                                         \
	"CREATE TABLE dspam_token_data (token char(20) primary key, spam_hits int, innocent_hits int, last_hit date);" \
	"CREATE TABLE dspam_signature_data (signature char(128) primary key, data blob, created_on date);"             \
	"CREATE TABLE dspam_stats (dspam_stat_id int primary key, spam_learned int, innocent_learned int,"             \
	" spam_misclassified int, innocent_misclassified int, spam_corpusfed int, innocent_corpusfed int,"             \
	" spam_classified int, innocent_classified int);"

static char path[] = "/tmp/dspam-sdb-XXXXXX";

static void
make(const char *sql)
{
	sqlite3 *db;

	unlink(path);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

struct seen {
	size_t count;
	size_t bytes;
};

static bool
see(void *context, const struct store_signature *signature)
{
	struct seen *seen = context;

	seen->count++;
	seen->bytes += signature->data.size;
	assert_int_equal(signature->day, 20779);
	return true;
}

static void
test_file(void **state)
{
	struct seen seen = {0};
	struct person person;
	struct error error;

	(void)state;
	make(SCHEMA "INSERT INTO dspam_stats VALUES (0, 1, 2, 3, 4, 5, 6, 7, 8), (1, 9, 9, 9, 9, 9, 9, 9, 9);"
		    "INSERT INTO dspam_token_data VALUES ('14914230887260169844', 1, 2, '2026-11-22'),"
		    " ('5', -3, 99999999999, NULL), ('-1', 1, 0, '1795327988');"
		    "INSERT INTO dspam_signature_data VALUES ('5f1c', x'00ff', '2026-11-22'),"
		    " ('a b', x'00', '2026-11-22'), ('6f', NULL, '2026-11-22');");
	person_init(&person);
	if (!sdb_read(path, &person, &error))
		fail_msg("%s", error.text);
	person_finish(&person);
	assert_memory_equal(&person.totals, &((struct totals){1, 2, 3, 4, 5, 6, 7, 8}), sizeof person.totals);
	assert_int_equal(person.count, 3);
	const struct store_row *row = person_row(&person, UINT64_C(14914230887260169844));
	assert_true(row != NULL && row->spam == 1 && row->innocent == 2 && row->day == 20779);
	row = person_row(&person, 5);
	assert_true(row != NULL && row->spam == 0 && row->innocent == INT32_MAX && row->day == 0);
	row = person_row(&person, UINT64_MAX);
	assert_true(row != NULL && row->spam == 1 && row->day == 20779);
	assert_true(sdb_each_signature(path, see, &seen, &error));
	assert_int_equal(seen.count, 2);
	assert_int_equal(seen.bytes, 2);
	person_free(&person);
}

static void
assert_refused(const char *words)
{
	struct person person;
	struct error error;

	person_init(&person);
	assert_false(sdb_read(path, &person, &error));
	if (strstr(error.text, words) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", error.text, words);
	person_free(&person);
}

static void
test_others(void **state)
{
	(void)state;
	make("CREATE TABLE x (y);");
	assert_refused("no table dspam_token_data");
	make("CREATE TABLE dspam_schema (version); CREATE TABLE dspam_token_data (uid, token);");
	assert_refused("--from-config");
	make(SCHEMA "INSERT INTO dspam_token_data VALUES ('spam', 1, 2, '2026-11-22')");
	assert_refused("\"spam\" is no token");
	make("CREATE TABLE dspam_token_data (token char(20));");
	assert_refused("no such table: dspam_stats");
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fputs("** This file contains an SQLite 2.1 database **, or does it? It must be long enough to be looked at.",
	      file);
	fclose(file);
	assert_refused("no SQLite 3 file");
	unlink(path);
	assert_refused("No such file");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_file),
		cmocka_unit_test(test_others),
	};
	int file = mkstemp(path);

	if (file < 0)
		return 1;
	close(file);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(path);
	return failed;
}
