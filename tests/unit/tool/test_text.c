/* Texts of the tools, byte for byte: rows, counters, snapshots, progress. */
#include "help.h"

#include <string.h>

#include "tool/progress.h"
#include "tool/row_text.h"
#include "tool/snapshot.h"
#include "tool/tally.h"

/* ---- rows --------------------------------------------------------------------------- */

static void
test_rows(void **state)
{
	(void)state;
	struct store_row row = {.token = 4864187860619624448u, .spam = 2, .innocent = 1, .day = 20779};
	char text[ROW_TEXT_SIZE], insert[ROW_INSERT_SIZE];

	row_text(text, &row, 0.4);
	assert_string_equal(text, "4864187860619624448  S: 00002  I: 00001  P: 0.4000");
	row_text_dated(text, &row, 0.4);
	assert_string_equal(text, "4864187860619624448  S: 00002  I: 00001  P: 0.4000 LH: Sun Nov 22 00:00:00 2026");
	row_text_insert(insert, &row);
	assert_string_equal(insert, "insert into dspam_token_data(token, spam_hits, innocent_hits, last_hit) "
				    "values('4864187860619624448', 2, 1, date('now'))");
}

static void
test_rows_of_features(void **state)
{
	struct store_row row = {.token = 7, .spam = 2, .day = 20779, .weight = -39083, .gradient = 188721};
	char text[ROW_TEXT_SIZE];

	(void)state;
	row_text_dated(text, &row, 0.4);
	assert_string_equal(
		text,
		"7                    S: 00002  I: 00000  P: 0.4000 LH: Sun Nov 22 00:00:00 2026 W: -39083 G: 188721");
}

static void
test_the_largest_row_fits(void **state)
{
	(void)state;
	struct store_row row = {.token = UINT64_MAX,
				.spam = UINT32_MAX,
				.innocent = UINT32_MAX,
				.day = INT32_MAX,
				.weight = INT32_MIN,
				.gradient = INT64_MIN};
	struct totals totals = {INT64_MIN, INT64_MIN, INT64_MIN, INT64_MIN, INT64_MIN, INT64_MIN, INT64_MIN, INT64_MIN};
	char text[ROW_TEXT_SIZE], insert[ROW_INSERT_SIZE];

	row_text_dated(text, &row, 0.9999);
	assert_true(strlen(text) < sizeof text - 1);
	assert_non_null(strstr(text, "18446744073709551615 S: 4294967295"));
	row_text_insert_totals(insert, &totals);
	assert_int_equal(insert[strlen(insert) - 1], ')');
}

static void
test_totals_as_sql(void **state)
{
	(void)state;
	struct totals totals = {.spam_learned = 2, .innocent_learned = 3, .spam_corpusfed = 2, .innocent_corpusfed = 2};
	char text[ROW_INSERT_SIZE];

	row_text_insert_totals(text, &totals);
	assert_string_equal(text, "insert into dspam_stats (dspam_stat_id, spam_learned, innocent_learned, "
				  "spam_misclassified, innocent_misclassified, spam_corpusfed, innocent_corpusfed, "
				  "spam_classified, innocent_classified) values (0, 2, 3, 0, 0, 2, 2, 0, 0)");
}

/* ---- counters ----------------------------------------------------------------------- */

static void
prints(const struct totals *totals, enum tally_form form, const char *expected)
{
	char got[2000] = "";
	FILE *out = fmemopen(got, sizeof got, "w");
	struct tally tally = tally_of(totals);

	tally_print(out, "u1", &tally, form);
	fclose(out);
	assert_string_equal(got, expected);
}

/* Two fed from a corpus of each kind, one ham let through: the transcript of the original. */
static const struct totals trained = {
	.spam_learned = 2, .innocent_learned = 3, .spam_corpusfed = 2, .innocent_corpusfed = 2};

static void
test_short_and_rates(void **state)
{
	(void)state;
	prints(&trained, TALLY_SHORT, "u1\n    TP:     0 TN:     1 FP:     0 FN:     0 SC:     2 NC:     2\n");
	prints(&trained, TALLY_WITH_RATES,
	       "u1\n    TP:     0 TN:     1 FP:     0 FN:     0 SC:     2 NC:     2\n"
	       "    SHR:  100.00%       HSR:    0.00%       OCA:  100.00%\n");
	prints(&(struct totals){.spam_misclassified = 1, .spam_learned = 1}, TALLY_WITH_RATES,
	       "u1\n    TP:     0 TN:     0 FP:     0 FN:     1 SC:     0 NC:     0\n"
	       "    SHR:    0.00%       HSR:    0.00%       OCA:    0.00%\n");
}

static void
test_long(void **state)
{
	(void)state;
	prints(&trained, TALLY_LONG,
	       "u1:\n"
	       "        \tTP True Positives:                     0\n"
	       "        \tTN True Negatives:                     1\n"
	       "        \tFP False Positives:                    0\n"
	       "        \tFN False Negatives:                    0\n"
	       "        \tSC Spam Corpusfed:                     2\n"
	       "        \tNC Nonspam Corpusfed:                  2\n"
	       "        \tTL Training Left:                   2497\n"
	       "        \tSHR Spam Hit Rate                100.00%\n"
	       "        \tHSR Ham Strike Rate:               0.00%\n"
	       "        \tPPV Positive predictive value:   100.00%\n"
	       "        \tOCA Overall Accuracy:            100.00%\n"
	       "        \n");
}

static void
test_counters(void **state)
{
	(void)state;
	struct totals totals = {.spam_learned = 10,
				.innocent_learned = 20,
				.spam_misclassified = 3,
				.innocent_misclassified = 30,
				.spam_classified = 5,
				.innocent_classified = 2600};
	struct tally tally = tally_of(&totals);

	assert_int_equal(tally.true_positives, 12);
	assert_int_equal(tally.true_negatives, 2590);
	assert_int_equal(tally.false_negatives, 3);
	assert_int_equal(tally.false_positives, 30);
	assert_int_equal(tally_of(&(struct totals){.spam_misclassified = 2}).true_positives, 0);
}

static void
test_since_and_sum(void **state)
{
	(void)state;
	struct tally before = {.true_positives = 1, .false_negatives = 5, .innocent_seen = 7};
	struct tally now = {.true_positives = 4, .false_negatives = 3, .innocent_seen = 9};
	struct tally since = tally_since(&now, &before);

	assert_int_equal(since.true_positives, 3);
	assert_int_equal(since.false_negatives, -2);
	assert_int_equal(since.innocent_seen, 9);
	tally_add(&since, &now);
	assert_int_equal(since.true_positives, 7);
	assert_int_equal(since.innocent_seen, 18);
}

/* ---- snapshots ---------------------------------------------------------------------- */

static void
test_snapshots(void **state)
{
	(void)state;
	struct tally tally = {1, 2, 3, 4, 5, 6, .innocent_seen = 99}, read;
	char text[SNAPSHOT_TEXT_SIZE];

	snapshot_text(text, &tally);
	assert_string_equal(text, "1,2,4,3,5,6\n");
	assert_true(snapshot_parse(text, &read));
	tally.innocent_seen = 0;
	assert_memory_equal(&read, &tally, sizeof tally);
	assert_true(snapshot_parse("7,8,9,10", &read)); /* as the original's web pages wrote it */
	assert_int_equal(read.false_positives, 10);
	assert_int_equal(read.spam_corpusfed, 0);
}

static void
test_what_is_no_snapshot(void **state)
{
	(void)state;
	static const char *const texts[] = {"",          "\n",
					    "1",         "1,2,3",
					    "1,2,3,4,5", "1,2,3,4,5,6,7",
					    "1,2,3,x",   "-1,2,3,4",
					    "1 2 3 4",   "99999999999999999999,2,3,4"};
	struct tally read;

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		if (snapshot_parse(texts[i], &read))
			fail_msg("\"%s\" passes for a snapshot", texts[i]);
}

/* ---- progress ------------------------------------------------------------------------ */

static void
says(size_t done, size_t total, double seconds, const char *expected)
{
	char text[PROGRESS_TEXT_SIZE];

	progress_text(text, "messages", done, total, seconds);
	assert_string_equal(text, expected);
}

static void
test_progress(void **state)
{
	(void)state;
	says(0, 10, 0.0, "0 of 10 messages");
	says(0, 10, 3.0, "0 of 10 messages");
	says(100, 6046, 2.0, "100 of 6046 messages, 50/s, 1:59 left");
	says(3, 6, 2.0, "3 of 6 messages, 1.5/s, 0:02 left");
	says(6, 6, 2.0, "6 of 6 messages, 3.0/s, 0:00 left");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_rows_of_features),
		cmocka_unit_test(test_the_largest_row_fits),
		cmocka_unit_test(test_totals_as_sql),
		cmocka_unit_test(test_short_and_rates),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_counters),
		cmocka_unit_test(test_since_and_sum),
		cmocka_unit_test(test_snapshots),
		cmocka_unit_test(test_what_is_no_snapshot),
		cmocka_unit_test(test_progress),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
