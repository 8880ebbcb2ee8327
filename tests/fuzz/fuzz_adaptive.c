/*
 * Rows with any numbers are judged and taught without a number that is none; what a lesson adds can be taken away
 * again, and the shares add up.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "classify/adaptive.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROWS = 64, ROW = 21 };

static size_t
read_rows(const uint8_t *data, size_t size, struct adaptive_row *rows)
{
	size_t count = 0;

	for (; count < ROWS && size >= ROW; count++, data += ROW, size -= ROW) {
		struct adaptive_row *row = &rows[count];
		*row = (struct adaptive_row){.id = count + 1, .view = data[20] % ADAPTIVE_VIEWS};
		row->start = (int16_t)(row->view == ADAPTIVE_VIEWS - 1 ? 256 * (data[20] - 128) : 0);
		memcpy(&row->gradient, data, 8);
		memcpy(&row->weight, data + 8, 4);
		memcpy(&row->spam, data + 12, 4);
		memcpy(&row->innocent, data + 16, 4);
		row->gradient /= 2; /* leaves room for a lesson, as sums of squares do */
		row->weight /= 2;
	}
	return count;
}

static void
require(bool holds)
{
	if (!holds)
		abort();
}

static void
check_lesson(const struct adaptive_row *rows, size_t count, const struct adaptive_change *changes)
{
	for (size_t i = 0; i < count; i++) {
		struct adaptive_row row = rows[i];
		adaptive_row_add(&row, &changes[i]);
		adaptive_row_take(&row, &changes[i]);
		require(row.weight == rows[i].weight && row.gradient == rows[i].gradient && row.spam == rows[i].spam &&
			row.innocent == rows[i].innocent);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct adaptive_row rows[ROWS], scratch[ROWS];
	struct adaptive_change changes[ROWS];
	struct adaptive_lessons lessons = {0};
	struct adaptive_lessons_change lesson;
	double sum = 0, sizes = 0;

	if (size < sizeof lessons)
		return 0;
	memcpy(&lessons, data, sizeof lessons);
	size_t count = read_rows(data + sizeof lessons, size - sizeof lessons, rows);
	struct adaptive_score score = adaptive_judge(rows, count, &lessons);
	require(isfinite(score.shown) && isfinite(score.learning) && score.probability >= 0 && score.probability <= 1);
	for (size_t i = 0; i < count; i++) {
		double share = adaptive_share(&rows[i], &lessons, &score);
		sum += share;
		sizes += fabs(share);
	}
	require(fabs(sum - score.shown) <= 1e-9 * (1 + sizes));
	for (int spam = 0; spam < 2; spam++) {
		if (adaptive_learn(rows, count, &lessons, &score, spam, changes, &lesson))
			check_lesson(rows, count, changes);
		if (adaptive_learn_verdict(rows, count, &lessons, &score, spam, changes, &lesson))
			check_lesson(rows, count, changes);
		if (adaptive_correct(rows, count, &lessons, &score, spam, scratch, changes, &lesson))
			check_lesson(rows, count, changes);
	}
	return 0;
}
