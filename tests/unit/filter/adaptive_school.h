/*
 * What the tests of mail with Algorithm adaptive share: users who were taught, and what must stand in their memory.
 * Each test runs on the store in memory and on SQLite.
 */
#ifndef DSPAM_TESTS_FILTER_ADAPTIVE_SCHOOL_H
#define DSPAM_TESTS_FILTER_ADAPTIVE_SCHOOL_H

#include "learned.h"

#include <stdio.h>

#define SPAM_MAIL "From: win@deals.example\nSubject: cheap pills\n\nbuy cheap pills casino winner money now\n"
#define HAM_MAIL "From: bob@work.example\nSubject: the minutes\n\nplease read the minutes of our meeting today\n"
#define NEW_MAIL "From: eve@else.example\nSubject: something\n\nwords that nobody knows about so far\n"
/* Lessons of each kind, after which both are certain; as text in totals. */
#define SCHOOL 20

static const char *driver;
static struct learned_place place;
static struct stage *const stage = &place.stage;

static inline void
begin(const char *lines)
{
	learned_open(&place, driver, NULL, lines);
}

static inline int
tear_down(void **state)
{
	(void)state;
	learned_close(&place);
	return 0;
}

static inline void
feed(const char *user, enum training_class training_class, const char *message)
{
	const struct request request = {.training_class = training_class, .source = SOURCE_CORPUS};

	stage_run(stage, &request, user, span_from(message));
}

/* Lessons of the corpus leave no signature: take what they taught as given. */
static inline struct learned
school(const char *user)
{
	for (int i = 0; i < SCHOOL; i++) {
		feed(user, CLASS_SPAM, SPAM_MAIL);
		feed(user, CLASS_INNOCENT, HAM_MAIL);
	}
	return learned_of(stage, user);
}

static inline void
receive(const char *user, const char *message, enum training_mode mode)
{
	const struct request request = {.mode = mode};

	stage_run(stage, &request, user, span_from(message));
}

static inline void
report(const char *user, enum training_class training_class, enum training_mode mode, const char *id)
{
	const struct request request = {
		.training_class = training_class, .source = SOURCE_ERROR, .mode = mode, .signature = id};

	stage_run(stage, &request, user, (struct span){NULL, 0});
}

static inline void
expect_totals(const char *user, const char *expected)
{
	struct totals t = stage_totals(stage, user);
	char text[200];

	snprintf(text, sizeof text, "%ld %ld %ld %ld %ld %ld %ld %ld", (long)t.spam_learned, (long)t.innocent_learned,
		 (long)t.spam_misclassified, (long)t.innocent_misclassified, (long)t.spam_corpusfed,
		 (long)t.innocent_corpusfed, (long)t.spam_classified, (long)t.innocent_classified);
	assert_string_equal(text, expected);
}

static inline void
expect_same(const char *user, const struct learned *before)
{
	struct learned now = learned_of(stage, user);
	const char *difference = learned_difference(before, &now);

	learned_free(&now);
	if (difference != NULL)
		fail_msg("%s: %s", user, difference);
}

static inline void
expect_lessons(const char *user, unsigned spam, unsigned innocent)
{
	struct store_row row = learned_lessons(stage, user);

	assert_int_equal(row.spam, spam);
	assert_int_equal(row.innocent, innocent);
}

/* What the message counts as, sure or not. */
static inline enum training_class
taken_for(void)
{
	return stage->judgement.score > 0 ? CLASS_SPAM : CLASS_INNOCENT;
}

#endif
