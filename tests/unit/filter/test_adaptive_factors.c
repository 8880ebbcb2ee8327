/* Factors of Algorithm adaptive: they add up to the score. */
#include "adaptive_alice.h"

#include <math.h>

static void
test_factors(void **state)
{
	static const char *const messages[] = {SPAM_MAIL, HAM_MAIL, NEW_MAIL, "\n", "Subject: x\n\n"};
	const struct request ask = {.classify = true, .explain = true};

	(void)state;
	learned_open(&place, "memory", "all:merged:*\n", "Preference \"showFactors=on\"\n");
	for (int round = 0; round < 2; round++) {
		const struct request teach = {.training_class = CLASS_SPAM, .source = SOURCE_CORPUS};
		const struct request other = {.training_class = CLASS_INNOCENT, .source = SOURCE_CORPUS};
		const char *user = round == 0 ? "alice" : "all";
		for (int i = 0; i < 5; i++) {
			stage_run(stage, &teach, user, SPAN(SPAM_MAIL));
			stage_run(stage, &other, user, SPAN(HAM_MAIL));
		}
		for (size_t i = 0; i < sizeof messages / sizeof messages[0]; i++) {
			double sum = 0;
			stage_run(stage, &ask, "alice", span_from(messages[i]));
			for (size_t f = 0; f < stage->judgement.factor_count; f++)
				sum += stage->judgement.factors[f].value;
			assert_true(fabs(sum - stage->judgement.score) < 1e-9);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_factors, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
