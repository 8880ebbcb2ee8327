/*
 * What a user says of the mail that he got: of which messages, how soon, and how often he is mistaken. For trying
 * classifiers as they will be used (dspam_eval).
 *
 * Chance depends on a message's number and the seed alone, so that all classifiers that are compared get the same.
 * Rules are plain values; a queue owns its memory. For one thread.
 */
#ifndef DSPAM_TOOL_FEEDBACK_H
#define DSPAM_TOOL_FEEDBACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tool/teacher.h"

#define FEEDBACK_DELAY_MAX 1000000

enum feedback_of {
	FEEDBACK_ALL,    /* the class of every message */
	FEEDBACK_ERRORS, /* of those that were judged wrongly */
	FEEDBACK_UNSURE, /* of these and of those that were unsure */
};

struct feedback {
	enum feedback_of of;
	bool live;       /* mail is learned as it comes, as in use, and corrected by signature; else as from a corpus */
	double fraction; /* so much of what he could say is said; 1: all */
	size_t delay;    /* messages that come before it is */
	double noise;    /* so often he takes a message for what it is not */
	uint64_t seed;
};

/* immediate, or errors, unsure, fraction=F, delay=N joined by commas; NULL, or what should be there. */
const char *feedback_read(struct feedback *feedback, const char *text);
/* That of --train: class, errors or live; false: no such way. */
bool feedback_read_way(struct feedback *feedback, const char *text);
/* "errors, delay=50"; for people. */
#define FEEDBACK_TEXT_SIZE 120
void feedback_text(const struct feedback *feedback, char text[FEEDBACK_TEXT_SIZE]);

/* What the user takes the message `number` of its class for. */
bool feedback_takes_for_spam(const struct feedback *feedback, size_t number, bool is_spam);
/* Whether he will say so, after that opinion of the filter. */
bool feedback_comes(const struct feedback *feedback, size_t number, bool taken_for_spam, const struct opinion *opinion);

/* ---- what is still to be said ------------------------------------------------------------- */

struct report {
	size_t message; /* of the corpus */
	size_t due;     /* once so many messages have come */
	bool spam;
	char signature[TEACHER_SIGNATURE_SIZE]; /* as in an opinion */
};

/* In the order in which they fall due; empty when all zero. */
struct report_queue {
	struct report *reports;
	size_t first, count, capacity;
};

void report_queue_add(struct report_queue *queue, const struct report *report);
/* Take the first one if it is due. */
bool report_queue_take(struct report_queue *queue, size_t now, struct report *report);
void report_queue_free(struct report_queue *queue);

#endif
