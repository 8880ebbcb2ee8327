/*
 * The adaptive classifier alone, for measuring it: what it has learned is kept in memory and thrown away.
 *
 * For one thread.
 */
#ifndef DSPAM_TESTS_BENCH_ADAPTIVE_TRIAL_H
#define DSPAM_TESTS_BENCH_ADAPTIVE_TRIAL_H

#include "base/arena.h"
#include "classify/adaptive.h"

struct adaptive_trial;

struct adaptive_trial *adaptive_trial_new(void);
/* NULL is allowed. */
void adaptive_trial_free(struct adaptive_trial *trial);

/* Judge a message; `arena` is used until the lesson. False when it is full. */
bool adaptive_trial_judge(struct adaptive_trial *trial, struct arena *arena, struct span message,
			  struct adaptive_score *score);
/* Learn what was judged last. */
void adaptive_trial_learn(struct adaptive_trial *trial, const struct adaptive_score *score, bool is_spam);

#endif
