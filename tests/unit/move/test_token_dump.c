/* Tokens as text: of dspam_dump, of bogofilter, of SpamAssassin. */
#include "help.h"

#include <string.h>

#include "base/crc64.h"
#include "move/token_dump.h"

static FILE *
open_text(const char *text)
{
	FILE *in = fmemopen((void *)(uintptr_t)text, strlen(text), "r");

	assert_non_null(in);
	return in;
}

static void
assert_row(const struct person *person, const char *token, uint32_t spam, uint32_t innocent, int32_t day)
{
	const struct store_row *row = person_row(person, crc64(0, span_from(token)));

	if (row == NULL)
		fail_msg("no row for %s", token);
	assert_int_equal(row->spam, spam);
	assert_int_equal(row->innocent, innocent);
	assert_int_equal(row->day, day);
}

/* ---- dspam_dump ----------------------------------------------------------------- */

#define LINE "4864187860619624448  S: 00002  I: 00001  P: 0.4000 LH: Sun Nov 22 06:13:08 2026\n"
#define LONG "14914230887260169844 S: 100000  I: 00000  P: 0.9999 LH: Sun Mar  1 00:00:00 2026\n"

static void
test_dump(void **state)
{
	struct person person;
	struct error error;
	FILE *in = open_text(LINE "\n" LONG "\n");

	(void)state;
	person_init(&person);
	assert_true(token_dump_is(SPAN(LINE)));
	assert_true(token_dump_read(in, "x", &person, &error));
	person_finish(&person);
	assert_int_equal(person.count, 2);
	const struct store_row *row = person_row(&person, UINT64_C(4864187860619624448));
	assert_true(row != NULL && row->spam == 2 && row->innocent == 1 && row->day == 20779);
	row = person_row(&person, UINT64_C(14914230887260169844));
	assert_true(row != NULL && row->spam == 100000 && row->innocent == 0 && row->day == 20513);
	/* no totals: what the busiest tokens say */
	assert_int_equal(person.totals.spam_learned, 100000);
	assert_int_equal(person.totals.innocent_learned, 1);
	person_free(&person);
	fclose(in);
}

static void
test_dump_with_totals(void **state)
{
	struct person person;
	struct error error;
	FILE *in = open_text(LINE);

	(void)state;
	person_init(&person);
	person.totals = (struct totals){.spam_learned = 10};
	assert_true(token_dump_read(in, "x", &person, &error));
	assert_int_equal(person.totals.spam_learned, 10);
	assert_int_equal(person.totals.innocent_learned, 0);
	person_free(&person);
	fclose(in);
}

static void
test_dump_errors(void **state)
{
	static const char *const wrong[] = {
		LINE "Hello\n",
		"x  S: 00002  I: 00001  P: 0.4000 LH: Sun Nov 22 06:13:08 2026\n",
		"1  S: -2  I: 00001  P: 0.4000 LH: Sun Nov 22 06:13:08 2026\n",
		"1  S: 2  I: 99999999999  P: 0.4000 LH: Sun Nov 22 06:13:08 2026\n",
		"1  S: 2  I: 1  P: 0.4000\n",
		"1  I: 2  S: 1  P: 0.4000 LH: Sun Nov 22 06:13:08 2026\n",
	};
	struct person person;
	struct error error;

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		FILE *in = open_text(wrong[i]);
		person_init(&person);
		assert_false(token_dump_read(in, "dump", &person, &error));
		assert_non_null(strstr(error.text, i == 0 ? "dump, line 2" : "dump, line 1"));
		person_free(&person);
		fclose(in);
	}
}

/* ---- bogofilter --------------------------------------------------------------- */

static const char words[] =
	".MSG_COUNT 12 34 20261122\n.WORDLIST_VERSION 20040500 0 20261122\n"
	"Hello 3 1 20261122\nsubj:Free 5 0 20261122\nsubj:now!!! 2 0 20261122\n"
	"from:Anna 0 9 20261122\nto:bob 1 2 0\nrtrn:y.org 1 0 20261122\nrcvd:mail.foo.org 4 4 20261122\n"
	"head:X-Mailer 3 3 20261122\nurl:foo 1 1 20261122\nwww.Example.com 1 1 20261122\na-b 1 1 20261122\n"
	"c_d 1 1 20261122\nmime:text 1 1 20261122\n";

static bool
read_words(const char *text, enum tokenizer tokenizer, struct person *person, struct token_dump_share *share,
	   struct error *error)
{
	FILE *in = open_text(text);

	person_init(person);
	bool done = token_dump_bogofilter(in, "words", tokenizer, person, share, error);
	person_finish(person);
	fclose(in);
	return done;
}

static void
test_bogofilter(void **state)
{
	struct token_dump_share share;
	struct person person;
	struct error error;

	(void)state;
	assert_true(token_dump_is_bogofilter(SPAN("Hello 3 1 20261122")));
	assert_true(read_words(words, TOKENIZER_CHAIN, &person, &share, &error));
	assert_int_equal(person.totals.spam_learned, 12);
	assert_int_equal(person.totals.innocent_learned, 34);
	assert_int_equal(share.words, 13);
	assert_int_equal(share.used, 8);
	assert_int_equal(person.count, 8);
	assert_row(&person, "Hello", 3, 1, 20779);
	assert_row(&person, "Subject*Free", 5, 0, 20779);
	assert_row(&person, "Subject*now!", 2, 0, 20779);
	assert_row(&person, "From*Anna", 0, 9, 20779);
	assert_row(&person, "To*bob", 1, 2, 0);
	assert_row(&person, "Return-Path*y.org", 1, 0, 20779);
	assert_row(&person, "Received*mail.foo.org", 4, 4, 20779);
	assert_row(&person, "c_d", 1, 1, 20779);
	person_free(&person);
	/* sbph does not trim, and cuts elsewhere */
	assert_true(read_words(words, TOKENIZER_SBPH, &person, &share, &error));
	assert_row(&person, "Subject*now!!!", 2, 0, 20779);
	assert_null(person_row(&person, crc64(0, SPAN("c_d"))));
	person_free(&person);
}

static void
test_bogofilter_errors(void **state)
{
	struct token_dump_share share;
	struct person person;
	struct error error;

	(void)state;
	assert_false(read_words(words, TOKENIZER_OSB, &person, &share, &error));
	assert_int_equal(error.code, ERROR_CONFIG);
	person_free(&person);
	assert_false(read_words("Hello 3 1 20261122\n", TOKENIZER_WORD, &person, &share, &error));
	assert_non_null(strstr(error.text, ".MSG_COUNT"));
	person_free(&person);
	static const char *const wrong[] = {
		"Hello 3 1\n",    "Hello\n", "Hello x 1 20261122\n", "Hello 3 1 2026112\n", "Hello 3 1 20261322\n",
		"3 1 20261122\n", "\n"};
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		assert_false(read_words(wrong[i], TOKENIZER_WORD, &person, &share, &error));
		assert_non_null(strstr(error.text, "words, line 1"));
		person_free(&person);
	}
}

static void
test_spamassassin(void **state)
{
	struct error error;

	(void)state;
	assert_true(token_dump_is_spamassassin(SPAN("v\t3\tdb_version # this must be the first line!!!")));
	assert_false(token_dump_is_spamassassin(SPAN("v\t3\tnum_spam")));
	assert_false(token_dump_spamassassin("backup", &error));
	assert_int_equal(error.code, ERROR_DATA);
	assert_non_null(strstr(error.text, "dspam_train"));
}

static void
test_dump_of_features(void **state)
{
#define FEATURE "7                    S: 00002  I: 00001  P: 0.4000 LH: Sun Nov 22 00:00:00 2026 W: -39083 G: 188721\n"
	static const char *const wrong[] = {" W:\n", " W: 1\n", " W: 1 G: x\n", " W: 2147483648 G: 1\n",
					    " X: 1 G: 1\n"};
	struct person person;
	struct error error;
	FILE *in = open_text(FEATURE LINE);

	(void)state;
	person_init(&person);
	assert_true(token_dump_is(SPAN(FEATURE)));
	assert_true(token_dump_read(in, "x", &person, &error));
	person_finish(&person);
	const struct store_row *row = person_row(&person, 7);
	assert_true(row != NULL && row->weight == -39083 && row->gradient == 188721 && row->day == 20779);
	row = person_row(&person, UINT64_C(4864187860619624448));
	assert_true(row != NULL && row->weight == 0 && row->gradient == 0);
	person_free(&person);
	fclose(in);
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		char text[200];
		snprintf(text, sizeof text, "%.*s%s", (int)strlen(LINE) - 1, LINE, wrong[i]);
		in = open_text(text);
		person_init(&person);
		assert_false(token_dump_read(in, "x", &person, &error));
		person_free(&person);
		fclose(in);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dump),
		cmocka_unit_test(test_dump_of_features),
		cmocka_unit_test(test_dump_with_totals),
		cmocka_unit_test(test_dump_errors),
		cmocka_unit_test(test_bogofilter),
		cmocka_unit_test(test_bogofilter_errors),
		cmocka_unit_test(test_spamassassin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
