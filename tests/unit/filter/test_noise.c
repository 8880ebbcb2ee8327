/* Noise reduction through the whole filter: patterns are learned, kept and taken back once the store is mature. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "stage.h"

#define USER "alice"
#define ALL "bnr.t|"

static const char message[] = "From: a@example.org\nSubject: s\n\nseven words stand here in a row\n";

/* Hits of the pattern that counts all, after a message met a store with so much innocent mail. */
static uint32_t
hits_after(struct stage *stage, int64_t innocent)
{
	stage_receive(stage, USER, message);
	struct totals now = stage_totals(stage, USER);
	stage_add(stage, USER,
		  (struct totals){.spam_learned = innocent, .innocent_learned = innocent - now.innocent_learned});
	stage_receive(stage, USER, message);
	assert_true(stage->judgement.judged);
	struct store_row row = stage_row(stage, USER, ALL);
	return row.spam + row.innocent;
}

static void
test_patterns_belong_to_a_mature_store(void **state)
{
	static const struct {
		const char *tokenizer;
		int64_t innocent;
		uint32_t hits;
	} rows[] = {{"chain", 1000, 0}, {"chain", 1001, 1}, {"osb", 1001, 1}, {"chain", 3000, 1}, {"osb", 3000, 1}};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct stage stage;
		char more[100];
		snprintf(more, sizeof more, "Tokenizer %s\nFeature noise\n", rows[i].tokenizer);
		stage_open(&stage, more);
		assert_int_equal(hits_after(&stage, rows[i].innocent), rows[i].hits);
		stage_close(&stage);
	}
}

static void
test_a_correction_takes_patterns_along(void **state)
{
	struct stage stage;

	(void)state;
	stage_open(&stage, "Feature noise\n");
	hits_after(&stage, 2000);
	bool spam = stage.judgement.spam;
	stage_retrain(&stage, USER, spam ? CLASS_INNOCENT : CLASS_SPAM, stage.judgement.signature);
	struct store_row row = stage_row(&stage, USER, ALL);
	assert_int_equal(spam ? row.spam : row.innocent, 0);
	assert_int_equal(spam ? row.innocent : row.spam, 1);
	stage_close(&stage);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_patterns_belong_to_a_mature_store),
		cmocka_unit_test(test_a_correction_takes_patterns_along),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
