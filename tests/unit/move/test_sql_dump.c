/* Dumps of SQL: each program's spelling, and what is none. */
#include "help.h"

#include <string.h>

#include "move/sql_dump.h"

#define TODAY 20000

static bool
read_text(const char *text, size_t size, bool pgsql, struct people *people, struct error *error)
{
	FILE *in = size > 0 ? fmemopen((void *)(uintptr_t)text, size, "r") : fopen("/dev/null", "r");
	const struct sql_dump_options options = {.pgsql = pgsql, .today = TODAY};

	assert_non_null(in);
	*people = (struct people){0};
	bool done = sql_dump_read(in, "dump.sql", &options, people, error);
	fclose(in);
	for (size_t i = 0; i < people->count; i++)
		person_finish(people->list[i]);
	return done;
}

static struct people
good_bytes(const char *text, size_t size, bool pgsql)
{
	struct people people;
	struct error error;

	if (!read_text(text, size, pgsql, &people, &error))
		fail_msg("%s", error.text);
	return people;
}

static struct people
good(const char *text)
{
	return good_bytes(text, strlen(text), false);
}

static void
assert_row(const struct person *person, uint64_t token, uint32_t spam, uint32_t innocent, int32_t day)
{
	const struct store_row *row = person_row(person, token);

	assert_non_null(row);
	assert_int_equal(row->spam, spam);
	assert_int_equal(row->innocent, innocent);
	assert_int_equal(row->day, day);
}

#define STATS                                                                                                          \
	"insert into dspam_stats (uid, spam_learned, innocent_learned, spam_misclassified, innocent_misclassified, "   \
	"spam_corpusfed, innocent_corpusfed, spam_classified, innocent_classified) "
#define TOKENS "insert into dspam_token_data (uid, token, spam_hits, innocent_hits, last_hit) "

static void
test_original(void **state)
{
	struct people people = good(STATS "values(1000, 1, 2, 3, 4, 5, 6, 7, 8);\n" TOKENS
					  "values(1000, \"14914230887260169844\", 4, 5, 1795327988);\n" TOKENS
					  "values(1001, \"7\", 1, 0, 1795327988);\n");

	(void)state;
	assert_int_equal(people.count, 2);
	assert_int_equal(people.list[0]->uid, 1000);
	assert_null(people.list[0]->name);
	assert_memory_equal(&people.list[0]->totals, &((struct totals){1, 2, 3, 4, 5, 6, 7, 8}), sizeof(struct totals));
	assert_row(people.list[0], UINT64_C(14914230887260169844), 4, 5, 20779);
	assert_row(people.list[1], 7, 1, 0, 20779);
	people_free(&people);
}

static void
test_ours(void **state)
{
	static const char text[] =
		"begin;\ninsert into dspam_preferences (uid, preference, value) values(0, 'spamAction', 'tag');\n"
		"insert into dspam_virtual_uids (uid, username) values(3, 'o''hara\\\\x');\n" TOKENS
		"values(3, '-3532513186449381772', 4, 5, '2026-11-22');\n" TOKENS "values(3, '8', 0, 1, '20779');\n"
		"insert into dspam_preferences (uid, preference, value) values(3, 'spamSubject', '[a; b] \"x\"');\n"
		"commit;\n";
	struct people people = good(text);

	(void)state;
	assert_int_equal(people.count, 2);
	assert_true(people.list[0]->site);
	assert_string_equal(people.list[0]->preferences[0].value, "tag");
	assert_string_equal(people.list[1]->name, "o'hara\\x");
	assert_row(people.list[1], UINT64_C(14914230887260169844), 4, 5, 20779);
	assert_row(people.list[1], 8, 0, 1, 20779);
	assert_string_equal(people.list[1]->preferences[0].value, "[a; b] \"x\"");
	people_free(&people);
	people = good_bytes(text, sizeof text - 1, true);
	assert_string_equal(people.list[1]->name, "o'hara\\\\x");
	people_free(&people);
}

static void
test_dump_of_sqlite(void **state)
{
	struct people people = good(
		"insert into dspam_stats (dspam_stat_id, spam_learned, innocent_learned, spam_misclassified, "
		"innocent_misclassified, spam_corpusfed, innocent_corpusfed, spam_classified, innocent_classified) "
		"values (0, 1, 2, 0, 0, 0, 0, 0, 0)\n"
		"insert into dspam_token_data(token, spam_hits, innocent_hits, last_hit) values('5', 1, 2, "
		"date('now'))\n"
		"insert into dspam_token_data(token, spam_hits, innocent_hits, last_hit) values('6', 1, 2, "
		"date('now'))\n");

	(void)state;
	assert_int_equal(people.count, 1);
	assert_int_equal(people.list[0]->uid, PEOPLE_UNNUMBERED);
	assert_int_equal(people.list[0]->totals.innocent_learned, 2);
	assert_row(people.list[0], 5, 1, 2, TODAY);
	assert_row(people.list[0], 6, 1, 2, TODAY);
	people_free(&people);
}

static void
test_mysqldump(void **state)
{
	static const char text[] =
		"-- MySQL dump 10.13\n/*!40101 SET NAMES utf8 */;\nDROP TABLE IF EXISTS `dspam_stats`;\n"
		"CREATE TABLE `dspam_stats` (\n  `uid` int(10) unsigned NOT NULL DEFAULT '0'\n) COMMENT='it''s; x';\n"
		"LOCK TABLES `dspam_signature_data` WRITE;\n"
		"INSERT INTO `dspam_signature_data` VALUES (1,'5f,1c','a\\0\\'b\\n\\\\',6,'2026-11-22'),"
		"(1,'2',_binary 'xy',2,'2026-11-22'),(1,'3',0x0A0b,2,'2026-11-22');\n"
		"INSERT INTO `dspam_token_data` VALUES (1,1,2,3,'0000-00-00'),(1,18446744073709551615,4294967296,0,"
		"'2026-11-22');\n"
		"INSERT IGNORE INTO dspam.`dspam_virtual_uids` VALUES (1,'anna');\n"
		"INSERT INTO `other` VALUES (1,'dspam_stats; insert into dspam_stats values (1)');\n";
	struct people people = good_bytes(text, sizeof text - 1, false);
	const struct person *anna = people.list[0];

	(void)state;
	assert_int_equal(people.count, 1);
	assert_string_equal(anna->name, "anna");
	assert_row(anna, 1, 2, 3, 0);
	assert_row(anna, UINT64_MAX, INT32_MAX, 0, 20779);
	assert_int_equal(anna->signature_count, 3);
	assert_string_equal(anna->signatures[0].id, "5f,1c");
	assert_true(span_equal(anna->signatures[0].data, SPAN("a\0'b\n\\")));
	assert_true(span_equal(anna->signatures[1].data, SPAN("xy")));
	assert_true(span_equal(anna->signatures[2].data, SPAN("\x0A\x0B")));
	assert_int_equal(anna->signatures[2].day, 20779);
	people_free(&people);
}

static void
test_pg_dump(void **state)
{
	struct people people = good(
		"--\n-- PostgreSQL database dump\n--\nSET standard_conforming_strings = on;\n"
		"CREATE FUNCTION f() RETURNS int AS 'select 1;' LANGUAGE sql;\n"
		"COPY public.dspam_token_data (uid, token, spam_hits, innocent_hits, last_hit) FROM stdin;\n"
		"5\t-3532513186449381772\t1\t2\t2026-11-22\n5\t9\t1\t\\N\t\\N\n\\.\n\n"
		"COPY other (x) FROM stdin;\nxx\n\\.\n"
		"COPY dspam_virtual_uids (uid, username) FROM stdin;\n5\tanna\\\\x\n\\.\n"
		"COPY \"dspam_signature_data\" FROM stdin;\n5\tab\t\\\\x0aff\t2\t2026-11-22\n\\.\n"
		"INSERT INTO public.dspam_signature_data VALUES (5, 'cd', '\\x0aff', 2, '2026-11-22'::date);\n"
		"INSERT INTO \"dspam_preferences\" (\"value\", \"uid\", \"preference\") VALUES ('a\\', 5, 'b');\n");
	const struct person *person = people.list[0];

	(void)state;
	assert_row(person, UINT64_C(14914230887260169844), 1, 2, 20779);
	assert_row(person, 9, 1, 0, 0);
	assert_string_equal(person->name, "anna\\x");
	assert_int_equal(person->signature_count, 2);
	assert_true(span_equal(person->signatures[0].data, SPAN("\x0A\xFF")));
	assert_true(span_equal(person->signatures[1].data, SPAN("\x0A\xFF")));
	assert_string_equal(person->preferences[0].name, "b");
	assert_string_equal(person->preferences[0].value, "a\\");
	people_free(&people);
}

/* Rows of many users, mixed, as the pages of a table hold them. */
static void
test_mixed_users(void **state)
{
	enum { USERS = 1000, ROUNDS = 3 };
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	assert_non_null(out);
	for (int round = 0; round < ROUNDS; round++)
		for (int user = 0; user < USERS; user++)
			fprintf(out, "insert into dspam_token_data values (%d, %d, %d, 0, 0);\n", user * 1024 + 1,
				round, user);
	fclose(out);
	struct people people = good_bytes(text, size, false);
	assert_int_equal(people.count, USERS);
	for (int user = 0; user < USERS; user++) {
		assert_int_equal(people.list[user]->uid, user * 1024 + 1);
		assert_int_equal(people.list[user]->count, ROUNDS);
		assert_row(people.list[user], 1, (uint32_t)user, 0, 0);
	}
	people_free(&people);
	free(text);
}

static void
test_errors(void **state)
{
	static const struct {
		const char *text, *words;
	} wrong[] = {
		{"\n\n" TOKENS "values(1, 'x', 1, 1, 1);", "dump.sql, line 3: the token is no number"},
		{TOKENS "values(x, '1', 1, 1, 1)", "uid"},
		{TOKENS "values('', '1', 1, 1, 1)", "uid"},
		{TOKENS "values(1, '1', 1, 1)", "fewer values"},
		{TOKENS "values(1, '1', 1, 1, 1, 1)", "more values"},
		{TOKENS "values(1, '1', 1, 1, 1", "does not end"},
		{TOKENS "values(1, '1", "within a string"},
		{TOKENS "select 1", "without VALUES"},
		{"insert into dspam_stats (uid, (", "list of columns"},
		{"insert into dspam_virtual_uids values (1, 'a/b')", "username"},
		{"insert into dspam_signature_data values (1, 'a b', '', 0, 0)", "signature"},
		{"COPY dspam_stats FROM stdin;\n1\t2", "fewer values"},
		{"COPY dspam_virtual_uids FROM stdin;\n1\tanna\n", "within COPY"},
		{TOKENS "values(date(1, (2), 1, 1", "cut off"},
	};
	struct people people;
	struct error error;

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		if (read_text(wrong[i].text, strlen(wrong[i].text), false, &people, &error))
			fail_msg("not refused: %s", wrong[i].text);
		if (strstr(error.text, wrong[i].words) == NULL)
			fail_msg("%s: \"%s\" does not say \"%s\"", wrong[i].text, error.text, wrong[i].words);
		people_free(&people);
	}
	people = good("");
	assert_int_equal(people.count, 0);
	people = good("Hello, this is mail; it is (not) SQL: insert, copy.");
	assert_int_equal(people.count, 0);
}

/* Of users who cannot be here nothing is taken, of all others everything. */
static void
test_numbers_that_cannot_be(void **state)
{
	struct people people = good(
		TOKENS "values(4294967294, '5', 1, 1, 1), (7, '5', 2, 3, 1), (-2, '5', 1, 1, 1);\n"
		       "insert into dspam_virtual_uids values (18446744073709551615, 'a/b'), (2147483648, 'bert');\n"
		       "COPY dspam_preferences FROM stdin;\n4294967294\tx\ty\n\\.\n" STATS
		       "values(2147483647, 1, 2, 3, 4, 5, 6, 7, 8);");

	(void)state;
	assert_int_equal(people.count, 2);
	assert_int_equal(people.list[0]->uid, 7);
	assert_row(people.list[0], 5, 2, 3, 1);
	assert_int_equal(people.list[1]->uid, INT32_MAX);
	people_free(&people);
}

static void
assert_weights(const char *text, int32_t weight, int64_t gradient)
{
	struct people people = good(text);
	const struct store_row *row = person_row(people_numbered(&people, 1), 5);

	assert_non_null(row);
	assert_int_equal(row->spam, 2);
	assert_int_equal(row->weight, weight);
	assert_true(row->gradient == gradient);
	people_free(&people);
}

/* Named, and as a table without and with them is dumped. */
static void
test_weights(void **state)
{
	struct people people;
	struct error error;

	(void)state;
	assert_weights("insert into dspam_token_data (uid, token, spam_hits, innocent_hits, last_hit, weight, gradient)"
		       " values(1, '5', 2, 3, '2026-11-22', '-39083', '188721');",
		       -39083, 188721);
	assert_weights("INSERT INTO `dspam_token_data` VALUES (1,5,2,3,'2026-11-22');", 0, 0);
	assert_weights("INSERT INTO `dspam_token_data` VALUES (1,5,2,3,'2026-11-22',NULL,NULL);", 0, 0);
	assert_weights("INSERT INTO `dspam_token_data` VALUES (1,5,2,3,'2026-11-22',-7,9223372036854775807);", -7,
		       INT64_MAX);
	assert_weights("COPY dspam_token_data (uid, token, spam_hits, innocent_hits, last_hit, weight, gradient) FROM "
		       "stdin;\n1\t5\t2\t3\t2026-11-22\t-7\t-8\n\\.\n",
		       -7, -8);
	static const char wrong[] = "INSERT INTO `dspam_token_data` VALUES (1,5,2,3,'2026-11-22',2147483648,1);";
	assert_false(read_text(wrong, sizeof wrong - 1, false, &people, &error));
	assert_non_null(strstr(error.text, "weight"));
	people_free(&people);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_original),
		cmocka_unit_test(test_ours),
		cmocka_unit_test(test_dump_of_sqlite),
		cmocka_unit_test(test_mysqldump),
		cmocka_unit_test(test_pg_dump),
		cmocka_unit_test(test_mixed_users),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_weights),
		cmocka_unit_test(test_numbers_that_cannot_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
