/* What a user says: the words of --feedback, chance that can be repeated, and the queue of what comes late. */
#include "help.h"

#include <string.h>

#include "tool/chance.h"
#include "tool/feedback.h"

static struct feedback
read_good(const char *text)
{
	struct feedback feedback = {.noise = 0.125, .seed = 7};
	const char *wrong = feedback_read(&feedback, text);

	if (wrong != NULL)
		fail_msg("%s: %s", text, wrong);
	assert_true(feedback.noise == 0.125 && feedback.seed == 7);
	return feedback;
}

static void
test_words(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		struct feedback feedback;
	} rows[] = {
		{"immediate", {.of = FEEDBACK_ALL, .fraction = 1.0}},
		{"errors", {.of = FEEDBACK_ERRORS, .live = true, .fraction = 1.0}},
		{"unsure", {.of = FEEDBACK_UNSURE, .live = true, .fraction = 1.0}},
		{"errors,unsure", {.of = FEEDBACK_UNSURE, .live = true, .fraction = 1.0}},
		{"unsure,errors", {.of = FEEDBACK_UNSURE, .live = true, .fraction = 1.0}},
		{"fraction=0.25", {.of = FEEDBACK_ALL, .fraction = 0.25}},
		{"delay=50", {.of = FEEDBACK_ALL, .fraction = 1.0, .delay = 50}},
		{"delay=5,errors,fraction=1", {.of = FEEDBACK_ERRORS, .live = true, .fraction = 1.0, .delay = 5}},
		{"errors,fraction=.5,delay=1000000",
		 {.of = FEEDBACK_ERRORS, .live = true, .fraction = 0.5, .delay = 1000000}},
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct feedback got = read_good(rows[i].text), expected = rows[i].feedback;
		if (got.of != expected.of || got.live != expected.live || got.fraction != expected.fraction ||
		    got.delay != expected.delay)
			fail_msg("%s is read otherwise", rows[i].text);
	}
}

static void
test_wrong_words(void **state)
{
	(void)state;
	static const char *const wrong[] = {
		"",
		"never",
		"Errors",
		"immediate,delay=5",
		"errors,immediate",
		"fraction=",
		"fraction=0",
		"fraction=1.1",
		"fraction=-0.5",
		"fraction=nan",
		"fraction=1e",
		"fraction=0.5.5",
		"fraction=0x1p-1",
		"fraction=.",
		"delay=",
		"delay=-1",
		"delay=1000001",
		"delay=five",
		"delay",
		"fraction",
		"errors;",
		"errors,,unsure",
		",errors",
		"errors,",
		",",
		"errors, delay=5",
	};
	struct feedback feedback;

	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		if (feedback_read(&feedback, wrong[i]) == NULL)
			fail_msg("\"%s\" is taken", wrong[i]);
}

static void
test_ways(void **state)
{
	(void)state;
	struct feedback feedback = {.delay = 9};

	assert_true(feedback_read_way(&feedback, "class"));
	assert_true(feedback.of == FEEDBACK_ALL && !feedback.live && feedback.delay == 0 && feedback.fraction == 1.0);
	assert_true(feedback_read_way(&feedback, "errors"));
	assert_true(feedback.of == FEEDBACK_ERRORS && !feedback.live);
	assert_true(feedback_read_way(&feedback, "live"));
	assert_true(feedback.of == FEEDBACK_ERRORS && feedback.live);
	assert_false(feedback_read_way(&feedback, "dead"));
}

static void
test_text(void **state)
{
	(void)state;
	char text[FEEDBACK_TEXT_SIZE];
	struct feedback feedback = {.of = FEEDBACK_UNSURE, .live = true, .fraction = 0.5, .delay = 50, .noise = 0.05};

	feedback_text(&feedback, text);
	assert_string_equal(text, "errors and unsure mail, 0.5 of it, 50 messages later, 0.05 of it wrong");
	feedback = (struct feedback){.of = FEEDBACK_ERRORS, .fraction = 1.0};
	feedback_text(&feedback, text);
	assert_string_equal(text, "errors, as from a corpus");
}

/* ---- what is said -------------------------------------------------------------------------- */

static void
test_which_messages(void **state)
{
	(void)state;
	struct feedback all = {.of = FEEDBACK_ALL, .fraction = 1.0};
	struct feedback errors = {.of = FEEDBACK_ERRORS, .live = true, .fraction = 1.0};
	struct feedback unsure = {.of = FEEDBACK_UNSURE, .live = true, .fraction = 1.0};
	struct opinion sure = {.judged = true, .spam = true}, doubt = {.judged = true, .spam = true, .unsure = true};
	struct opinion none = {.judged = false};

	assert_true(feedback_comes(&all, 1, true, &sure) && feedback_comes(&all, 1, false, &sure));
	assert_true(feedback_comes(&errors, 1, false, &sure));
	assert_false(feedback_comes(&errors, 1, true, &sure));
	assert_false(feedback_comes(&errors, 1, true, &doubt));
	assert_true(feedback_comes(&unsure, 1, true, &doubt));
	assert_true(feedback_comes(&unsure, 1, false, &sure));
	assert_false(feedback_comes(&unsure, 1, true, &sure));
	/* nothing was kept of it that could be corrected */
	assert_false(feedback_comes(&errors, 1, true, &none));
	assert_true(feedback_comes(&all, 1, true, &none));
	errors.live = false;
	assert_true(feedback_comes(&errors, 1, true, &none));
}

/* How many of `count` messages are mistaken, and how many are spoken of. */
static void
count_chance(const struct feedback *feedback, size_t count, size_t *mistaken, size_t *said)
{
	struct opinion opinion = {.judged = true};

	*mistaken = *said = 0;
	for (size_t i = 0; i < count; i++) {
		*mistaken += feedback_takes_for_spam(feedback, i, false);
		*said += feedback_comes(feedback, i, true, &opinion);
	}
}

static void
test_chance(void **state)
{
	(void)state;
	struct feedback feedback = {.fraction = 0.25, .noise = 0.05, .seed = 1}, none = {.fraction = 1.0};
	size_t mistaken, said, again, said_again;

	count_chance(&none, 1000, &mistaken, &said);
	assert_int_equal(mistaken, 0);
	assert_int_equal(said, 1000);
	/* within five standard deviations */
	count_chance(&feedback, 20000, &mistaken, &said);
	assert_in_range(mistaken, 1000 - 155, 1000 + 155);
	assert_in_range(said, 5000 - 307, 5000 + 307);
	count_chance(&feedback, 20000, &again, &said_again);
	assert_int_equal(again, mistaken);
	assert_int_equal(said_again, said);
	/* a mistake is one for both classes, and another seed makes others */
	size_t different = 0;
	struct feedback other = feedback;
	other.seed = 2;
	for (size_t i = 0; i < 20000; i++) {
		bool wrong = feedback_takes_for_spam(&feedback, i, false);
		assert_int_equal(wrong, !feedback_takes_for_spam(&feedback, i, true));
		different += wrong != feedback_takes_for_spam(&other, i, false);
	}
	assert_in_range(different, 1000, 2500);
	feedback.noise = 1.0;
	count_chance(&feedback, 100, &mistaken, &said);
	assert_int_equal(mistaken, 100);
}

static void
test_chance_is_even(void **state)
{
	(void)state;
	struct chance chance = {42}, same = {42};
	size_t seen[10] = {0};

	for (size_t i = 0; i < 100000; i++) {
		size_t number = chance_below(&chance, 10);
		assert_in_range(number, 0, 9);
		assert_int_equal(number, chance_below(&same, 10));
		seen[number]++;
	}
	for (size_t i = 0; i < 10; i++)
		assert_in_range(seen[i], 10000 - 475, 10000 + 475);
	assert_int_equal(chance_below(&chance, 1), 0);
}

/* ---- the queue ------------------------------------------------------------------------------- */

static void
test_queue_keeps_order_and_time(void **state)
{
	(void)state;
	struct report_queue queue = {.reports = NULL};
	struct report report;
	size_t next = 0;

	assert_false(report_queue_take(&queue, 1000, &report));
	for (size_t now = 0; now < 5000; now++) {
		report_queue_add(&queue, &(struct report){.message = now, .due = now + 700, .spam = now % 3 == 0});
		while (report_queue_take(&queue, now, &report)) {
			assert_int_equal(report.message, next);
			assert_int_equal(report.due, now);
			assert_int_equal(report.spam, next % 3 == 0);
			next++;
		}
		assert_int_equal(next, now < 700 ? 0 : now - 699);
	}
	/* what waits is bounded by the delay, and so is the memory */
	assert_int_equal(queue.count, 700);
	assert_true(queue.capacity <= 4096);
	report_queue_free(&queue);
	assert_int_equal(queue.count, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),          cmocka_unit_test(test_wrong_words),
		cmocka_unit_test(test_ways),           cmocka_unit_test(test_text),
		cmocka_unit_test(test_which_messages), cmocka_unit_test(test_chance),
		cmocka_unit_test(test_chance_is_even), cmocka_unit_test(test_queue_keeps_order_and_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
