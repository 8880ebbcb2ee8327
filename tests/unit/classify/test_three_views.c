/*
 * Without an advice the adaptive classifier is what it is without the fourth view, to the last bit: judged and taught
 * here by its arithmetic in three views, written down once more, and compared.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "classify/adaptive.h"

enum { ROWS = 90, ROUNDS = 500, VIEWS = 3 };

static uint32_t
random_below(uint32_t limit)
{
	static uint64_t seed = 88172645463325252u;

	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)((seed >> 16) % limit);
}

/* ---- the arithmetic once more -------------------------------------------------------- */

static const double alpha[VIEWS] = {0.5, 0.6, 0.4};

struct reference {
	double z[VIEWS], norm[VIEWS], learning, shown, probability;
};

static double
value(const struct adaptive_row *row, const struct adaptive_lessons *lessons)
{
	double a = 1 / (lessons->spam + 1.0), b = 1 / (lessons->innocent + 1.0);
	double n = (double)row->spam + row->innocent;
	double spam = (row->spam + 0.2) * a, innocent = (row->innocent + 0.2) * b;

	if (n == 0)
		return 0.5;
	return (n * fabs(spam - innocent) + 0.5 * 0.5 * (spam + innocent)) / ((spam + innocent) * (n + 0.5));
}

static struct reference
reference_judge(const struct adaptive_row *rows, size_t count, const struct adaptive_lessons *lessons)
{
	struct reference r = {.learning = 0};

	for (size_t i = 0; i < count; i++) {
		double x = value(&rows[i], lessons);
		r.norm[rows[i].view] += x * x;
		r.z[rows[i].view] += rows[i].weight * x;
	}
	for (size_t v = 0; v < VIEWS; v++)
		if (r.norm[v] > 0)
			r.z[v] *= (1.0 / 65536) / sqrt(r.norm[v]);
	for (size_t v = 0; v < VIEWS; v++) {
		r.learning += alpha[v] * r.z[v];
		r.shown += alpha[v] * (v == 1 ? fmax(r.z[v], -1.0) : r.z[v]);
	}
	r.probability = 1 / (1 + exp(-(2.3 * r.shown + -0.36)));
	return r;
}

static double
reference_step(const struct adaptive_row *row, const struct adaptive_lessons *lessons, const struct reference *r,
	       double error, bool odd, double *x, double *square)
{
	*x = value(row, lessons) / sqrt(r->norm[row->view]);
	double gradient = error * *x;
	*square = gradient * gradient;
	double step = 0.40 * gradient / (sqrt(fmax(0, (double)row->gradient) * (1.0 / 16777216) + *square) + 0.02);
	return odd ? step * (3.0 / (3.0 + row->spam + row->innocent)) : step;
}

static bool
reference_learn(const struct adaptive_row *rows, size_t count, const struct adaptive_lessons *lessons,
		const struct reference *r, bool spam, struct adaptive_change *changes)
{
	double q = 1 / (1 + exp(-r->learning)), error[VIEWS], gain = 0, x, square;
	bool odd = spam ? r->learning < -2.5 : r->learning > 2.5;

	if (spam ? q >= 0.98 : q <= 0.04)
		return false;
	for (size_t v = 0; v < VIEWS; v++)
		error[v] = (spam - 1 / (1 + exp(-(1.25 * r->z[v])))) * (odd ? 0.2 : 1);
	for (size_t i = 0; i < count; i++) {
		double step = reference_step(&rows[i], lessons, r, error[rows[i].view], odd, &x, &square);
		gain += alpha[rows[i].view] * step * x;
	}
	double room = spam ? 4.0 - r->learning : 4.0 + r->learning, toward = spam ? gain : -gain;
	double part = toward <= 0 ? 1 : fmax(0, fmin(1, room / toward));
	for (size_t i = 0; i < count; i++) {
		double step = part * reference_step(&rows[i], lessons, r, error[rows[i].view], odd, &x, &square);
		changes[i] = (struct adaptive_change){.weight = (int32_t)lrint(step / (1.0 / 65536)),
						      .gradient = (int32_t)lrint(square / (1.0 / 16777216)),
						      .spam = !odd && spam,
						      .innocent = !odd && !spam};
	}
	return true;
}

/* ---- compared ------------------------------------------------------------------------ */

static void
check_bits(double a, double b)
{
	assert_memory_equal(&a, &b, sizeof a);
}

static void
test_bit_for_bit(void **state)
{
	static struct adaptive_row all[4 * ROWS];
	struct adaptive_lessons lessons = {0};
	unsigned learned = 0;

	(void)state;
	for (size_t i = 0; i < 4 * ROWS; i++)
		all[i] = (struct adaptive_row){.id = i + 1, .view = (uint8_t)(i % VIEWS)};
	for (int round = 0; round < ROUNDS; round++) {
		struct adaptive_row rows[ROWS];
		size_t places[ROWS], count = 0;
		struct adaptive_change changes[ROWS], expected[ROWS];
		struct adaptive_lessons_change lesson;
		bool spam = random_below(2) == 0, label = random_below(12) == 0 ? !spam : spam;
		for (size_t i = 0; i < 4 * ROWS && count < ROWS; i++)
			if (random_below(4) == 0 && (i % 5 > 1 || (i % 5 == 0) == spam)) {
				places[count] = i;
				rows[count++] = all[i];
			}
		struct adaptive_score score = adaptive_judge(rows, count, &lessons);
		struct reference r = reference_judge(rows, count, &lessons);
		for (size_t v = 0; v < VIEWS; v++) {
			check_bits(score.view[v], r.z[v]);
			check_bits(score.norm[v], r.norm[v]);
		}
		check_bits(score.learning, r.learning);
		check_bits(score.shown, r.shown);
		check_bits(score.probability, r.probability);
		bool teaches = adaptive_learn(rows, count, &lessons, &score, label, changes, &lesson);
		assert_true(teaches == reference_learn(rows, count, &lessons, &r, label, expected));
		if (!teaches)
			continue;
		learned++;
		assert_memory_equal(changes, expected, count * sizeof *changes);
		adaptive_lessons_add(&lessons, &lesson);
		for (size_t i = 0; i < count; i++)
			adaptive_row_add(&all[places[i]], &changes[i]);
	}
	assert_true(learned > 50 && learned < ROUNDS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_bit_for_bit)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
