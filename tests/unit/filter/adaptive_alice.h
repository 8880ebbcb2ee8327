/* What the tests of one user with Algorithm adaptive share: alice, her mail, and what she is taught. */
#ifndef DSPAM_TESTS_FILTER_ADAPTIVE_ALICE_H
#define DSPAM_TESTS_FILTER_ADAPTIVE_ALICE_H

#include "learned.h"

#define SPAM_MAIL "From: win@deals.example\nSubject: cheap pills\n\nbuy cheap pills casino winner money now\n"
#define HAM_MAIL "From: bob@work.example\nSubject: the minutes\n\nplease read the minutes of our meeting today\n"
#define NEW_MAIL "From: bob@work.example\nSubject: something\n\nwords that nobody knows about so far\n"

static struct learned_place place;
static struct stage *const stage = &place.stage;

static inline int
tear_down(void **state)
{
	(void)state;
	learned_close(&place);
	return 0;
}

static inline void
feed(enum training_class training_class, const char *message, int count)
{
	const struct request request = {.training_class = training_class, .source = SOURCE_CORPUS};

	for (int i = 0; i < count; i++)
		stage_run(stage, &request, "alice", span_from(message));
}

static inline void
unlearn(const char *id)
{
	const struct request request = {.mode = TRAINING_UNLEARN, .signature = id};

	stage_run(stage, &request, "alice", SPAN(""));
}

static inline void
expect_same(const struct learned *before)
{
	struct learned now = learned_of(stage, "alice");
	const char *difference = learned_difference(before, &now);

	learned_free(&now);
	if (difference != NULL)
		fail_msg("%s", difference);
}

#endif
