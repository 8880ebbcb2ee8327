/*
 * Gives labelled mail to the filter, message by message: asks what it thinks, then teaches it.
 *
 * Owns an arena and nothing else. For one thread.
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

#define TEACHER_SIGNATURE_SIZE 140

/* What the filter said before it was taught. */
struct opinion {
	bool judged; /* false: not looked at, for the reason in `note`; counts as innocent */
	bool spam;
	const char *class_name;
	double probability, confidence, score;
	bool unsure; /* delivered, and marked as unsure (Algorithm adaptive) */
	bool taught; /* false: TEACH_LIVE found no way to correct an error, for the reason in `note` */
	char note[200];
	char signature[TEACHER_SIGNATURE_SIZE]; /* TEACH_LIVE: by which it can be corrected; empty: by itself */
};

struct teacher {
	struct filter *filter;
	const char *user;
	enum teacher_way way;
	enum training_mode mode; /* of TEACH_CLASS and TEACH_ERRORS; unset: that of dspam.conf */
	struct arena *arena;
	double judge_cpu, learn_cpu; /* seconds of this thread, sums */
	double elapsed;              /* seconds of the clock on the wall, both together */
};

void teacher_begin(struct teacher *teacher, struct filter *filter, const char *user, enum teacher_way way);
void teacher_end(struct teacher *teacher);

/* Fails when the store does. */
bool teacher_give(struct teacher *teacher, struct span message, bool is_spam, struct opinion *opinion,
		  struct error *error);

/*
 * The two steps of it, so that something may lie between them. Meet: judge a message, with TEACH_LIVE as mail that
 * comes in, and learned as such. Report: its user says what it is, with TEACH_LIVE as a correction, by
 * opinion->signature if there is one (then `message` may be empty), else with its class as mail of a corpus; sets
 * opinion->taught and note.
 */
bool teacher_meet(struct teacher *teacher, struct span message, struct opinion *opinion, struct error *error);
bool teacher_report(struct teacher *teacher, struct span message, bool is_spam, struct opinion *opinion,
		    struct error *error);

/* Nobody will correct it any more: remove a signature from the store, if it is there. */
bool teacher_forget(struct teacher *teacher, const char *signature, struct error *error);

#endif
