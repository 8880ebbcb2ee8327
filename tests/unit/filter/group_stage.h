/* What the tests of groups share: a stage of groups, and what must stand in the memory of whom (statistics 12). */
#ifndef DSPAM_TESTS_FILTER_GROUP_STAGE_H
#define DSPAM_TESTS_FILTER_GROUP_STAGE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "stage.h"

#define SPAM_MAIL "From: win@deals.example\nSubject: pills\n\nbuy cheap pills casino winner\n"
#define HAM_MAIL "From: bob@example.org\nSubject: minutes\n\nminutes meeting agenda schedule\n"

static struct stage stage;

static inline int
tear_down(void **state)
{
	(void)state;
	stage_close(&stage);
	return 0;
}

static inline void
feed(const char *user, enum training_class training_class, const char *message, int count)
{
	const struct request request = {.training_class = training_class, .source = SOURCE_CORPUS};

	for (int i = 0; i < count; i++)
		stage_run(&stage, &request, user, span_from(message));
}

/* Enough of both kinds to be sure of SPAM_MAIL and HAM_MAIL. */
static inline void
school(const char *user)
{
	feed(user, CLASS_SPAM, SPAM_MAIL, 10);
	feed(user, CLASS_INNOCENT, HAM_MAIL, 10);
}

static inline void
expect_totals(const char *user, const char *expected)
{
	struct totals t = stage_totals(&stage, user);
	char text[200];

	snprintf(text, sizeof text, "%ld %ld %ld %ld %ld %ld %ld %ld", (long)t.spam_learned, (long)t.innocent_learned,
		 (long)t.spam_misclassified, (long)t.innocent_misclassified, (long)t.spam_corpusfed,
		 (long)t.innocent_corpusfed, (long)t.spam_classified, (long)t.innocent_classified);
	if (strcmp(text, expected) != 0)
		fail_msg("%s: %s instead of %s", user, text, expected);
}

static inline void
expect_hits(const char *user, const char *token, unsigned spam, unsigned innocent)
{
	struct store_row row = stage_row(&stage, user, token);

	if (row.spam != spam || row.innocent != innocent)
		fail_msg("%s, %s: %u and %u instead of %u and %u", user, token, row.spam, row.innocent, spam, innocent);
}

/* Nobody of that name is in the store. */
static inline void
expect_unknown(const char *user)
{
	store_uid uid;

	assert_true(store_user(filter_store(stage.filter), span_from(user), false, &uid, &stage.error));
	assert_int_equal(uid, 0);
}

#endif
