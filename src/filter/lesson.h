/*
 * Lessons: what a message changes in the statistics of its user (dspam-behaviour: statistics 6, 10, 11).
 */
#ifndef DSPAM_FILTER_LESSON_H
#define DSPAM_FILTER_LESSON_H

#include "filter/analysis.h"
#include "filter/training.h"

struct lesson_rule {
	enum training_mode mode;            /* as lesson_mode() says, never UNSET */
	enum training_class training_class; /* CLASS_NONE: what the verdict says */
	enum training_source source;
	enum training_class overruled; /* CLASS_NONE, or what a classification group said instead of the verdict */
	bool by_signature;
	bool count_occurrences; /* ProcessorWordFrequency occurrence */
	bool original;          /* Compat trainingBugs: unlearning innocent mail and inoculations as the original did */
	bool test_conditional;  /* train an error again until the verdict is right */
	bool unlearned;         /* what was learned from the message has been taken back already */
};

/* TOE learns like TEFT until enough was learned; markov does so at once. */
enum training_mode lesson_mode(enum training_mode mode, const struct totals *totals, enum pvalue pvalue);

/* By how much a message of this class changes the totals. */
struct totals lesson_totals(const struct lesson_rule *rule, bool spam);

/*
 * Fill in changes, count and totals of `lesson`; they live in the arena of the analysis. With
 * test_conditional the hits and totals of the analysis are changed on the way. False: arena full.
 */
bool lesson_make(struct analysis *analysis, const struct lesson_rule *rule, struct store_lesson *lesson,
		 struct error *error);

#endif
