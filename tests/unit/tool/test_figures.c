/* Figures of a replay, against cases computed by hand; mixing of spam and ham. */
#include "help.h"

#include <math.h>
#include <string.h>

#include "tool/figures.h"
#include "tool/interleave.h"

static void
near(double got, double expected)
{
	if (!(fabs(got - expected) < 1e-9))
		fail_msg("%.12f instead of %.12f", got, expected);
}

/* One character a message, "s" spam and "h" ham, in capitals when it was called spam; scores in parallel. */
static struct figures
compute(const char *messages, const double *scores)
{
	struct figures_list list = {.messages = NULL};

	for (size_t i = 0; messages[i] != '\0'; i++) {
		char c = messages[i];
		figures_add(&list, (struct figures_message){.score = scores[i],
							    .is_spam = strchr("sS", c) != NULL,
							    .called_spam = strchr("SH", c) != NULL});
	}
	struct figures figures = figures_of(&list);
	figures_free(&list);
	return figures;
}

static void
test_perfect_filter(void **state)
{
	(void)state;
	struct figures f = compute("ShSh", (double[]){3, -1, 2, -2});

	assert_int_equal(f.count, 4);
	assert_int_equal(f.ham_misclassified + f.spam_misclassified, 0);
	near(f.roca, 0.0);
	near(f.accuracy, 100.0);
	near(f.lam, 25.0); /* no error in two enters as half a message of two: 0.25 on both sides */
}

static void
test_filter_that_is_always_wrong(void **state)
{
	(void)state;
	struct figures f = compute("sHsH", (double[]){-3, 1, -2, 2});

	near(f.roca, 100.0);
	near(f.hm, 100.0);
	near(f.sm, 100.0);
	near(f.lam, 75.0);
	near(f.accuracy, 0.0);
}

/* Spam 5 and 1, ham 3 and 0: of four pairs one is wrong. */
static void
test_one_pair_of_four(void **state)
{
	(void)state;
	struct figures f = compute("SsHh", (double[]){5, 1, 3, 0});

	near(f.roca, 25.0);
	near(f.hm, 50.0);
	near(f.sm, 50.0);
	near(f.lam, 50.0);
	near(f.accuracy, 50.0);
}

static void
test_ties_count_half(void **state)
{
	(void)state;
	near(compute("shsh", (double[]){1, 1, 1, 1}).roca, 50.0);
	/* spam 2 and 1, ham 1: one pair right, one tied: 0.5 of 2 */
	near(compute("ssh", (double[]){2, 1, 1}).roca, 25.0);
	/* ham 2 above both, tied with none: 2 of 2, and ham 0: none */
	near(compute("sshh", (double[]){1, 1, 2, 0}).roca, 50.0);
}

/* hm 1 of 4, sm 1 of 2: odds 1/3 and 1; their geometric mean is 1/sqrt(3). */
static void
test_logistic_average(void **state)
{
	(void)state;
	struct figures f = compute("hhhHSs", (double[]){0, 0, 0, 1, 1, 0});
	double odds = 1.0 / sqrt(3.0);

	near(f.lam, 100.0 * odds / (1.0 + odds));
}

static void
test_one_kind_only(void **state)
{
	(void)state;
	struct figures f = compute("ss", (double[]){1, 2});

	assert_true(isnan(f.roca));
	assert_true(isnan(f.lam));
	assert_true(isnan(f.hm));
	near(f.sm, 100.0);
	f = compute("", NULL);
	assert_true(isnan(f.accuracy));
	assert_int_equal(f.count, 0);
}

/* ---- interleaving -------------------------------------------------------------- */

static void
merged(size_t first, size_t second, const char *expected)
{
	struct interleave rows = {.first_count = first, .second_count = second};
	char got[64];
	size_t used = 0;

	while (interleave_has_more(&rows) && used < sizeof got - 1)
		got[used++] = interleave_takes_first(&rows) ? 'h' : 's';
	got[used] = '\0';
	assert_string_equal(got, expected);
}

static void
test_interleaving(void **state)
{
	(void)state;
	merged(0, 0, "");
	merged(3, 0, "hhh");
	merged(0, 2, "ss");
	merged(2, 2, "hshs");
	merged(4, 2, "hshhsh");
	merged(1, 3, "hsss");
	merged(6, 2, "hshhhshh");
}

static void
test_interleaving_does_not_overflow(void **state)
{
	(void)state;
	struct interleave rows = {.first_count = SIZE_MAX,
				  .second_count = SIZE_MAX,
				  .first_done = SIZE_MAX - 1,
				  .second_done = SIZE_MAX - 2};

	assert_false(interleave_takes_first(&rows));
	assert_true(interleave_takes_first(&rows));
	assert_false(interleave_takes_first(&rows));
	assert_false(interleave_has_more(&rows));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_perfect_filter),   cmocka_unit_test(test_filter_that_is_always_wrong),
		cmocka_unit_test(test_one_pair_of_four), cmocka_unit_test(test_ties_count_half),
		cmocka_unit_test(test_logistic_average), cmocka_unit_test(test_one_kind_only),
		cmocka_unit_test(test_interleaving),     cmocka_unit_test(test_interleaving_does_not_overflow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
