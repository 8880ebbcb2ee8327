/* What the tests of lessons at their limits (statistics 6, 7, 11) share: a stage, and a message for it. */
#ifndef DSPAM_TESTS_FILTER_LESSON_STAGE_H
#define DSPAM_TESTS_FILTER_LESSON_STAGE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "stage.h"

#define MAIL "From: bob@example.org\nSubject: the minutes\n\nplease read the minutes of our meeting\n"

#define TEST(name) cmocka_unit_test_teardown(name, tear_down)

static struct stage stage;

static inline int
tear_down(void **state)
{
	(void)state;
	stage_close(&stage);
	return 0;
}

static inline void
run_many(const char *user, enum training_class training_class, const char *message, int count)
{
	struct request request = {.training_class = training_class, .source = SOURCE_CORPUS};

	for (int i = 0; i < count; i++) {
		stage_run(&stage, &request, user, span_from(message));
		arena_reset(stage.arena);
	}
}

#endif
