/*
 * Gives labelled mail to the filter, message by message: asks what it thinks, then teaches it.
 *
 * Owns two arenas and nothing else. For one thread.
 */
#ifndef DSPAM_TOOL_TEACHER_H
#define DSPAM_TOOL_TEACHER_H

#include "filter/filter.h"

enum teacher_way {
	TEACH_CLASS,  /* every message with its class, as mail of a corpus */
	TEACH_ERRORS, /* only those that were judged wrongly */
	TEACH_LIVE,   /* as if the mail came in, in the training mode of dspam.conf, and its user corrected errors */
};

bool teacher_way_named(const char *name, enum teacher_way *way);

/* What the filter said before it was taught. */
struct opinion {
	bool judged; /* false: not looked at, for the reason in `note`; counts as innocent */
	bool spam;
	const char *class_name;
	double probability, confidence, score;
	bool taught; /* false: TEACH_LIVE found no way to correct an error, for the reason in `note` */
	char note[200];
};

struct adaptive_trial;

struct teacher {
	struct filter *filter;
	struct adaptive_trial *trial; /* judges and learns in place of the filter; NULL: the filter does */
	const char *user;
	enum teacher_way way;
	enum training_mode mode; /* of TEACH_CLASS and TEACH_ERRORS; unset: that of dspam.conf */
	struct arena *arena, *second;
	double judge_cpu, learn_cpu; /* seconds of this thread, sums */
	double elapsed;              /* seconds of the clock on the wall, both together */
};

void teacher_begin(struct teacher *teacher, struct filter *filter, const char *user, enum teacher_way way);
void teacher_end(struct teacher *teacher);

/* Fails when the store does. */
bool teacher_give(struct teacher *teacher, struct span message, bool is_spam, struct opinion *opinion,
		  struct error *error);

#endif
