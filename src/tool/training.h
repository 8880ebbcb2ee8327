/*
 * One line for each message that dspam_train gives to the filter (dspam-behaviour: cli 3), and what
 * became of them together.
 */
#ifndef DSPAM_TOOL_TRAINING_H
#define DSPAM_TOOL_TRAINING_H

#include <stdio.h>

#include "tool/corpus.h"
#include "tool/progress.h"
#include "tool/teacher.h"

struct training {
	struct teacher *teacher;
	FILE *out;           /* NULL: no lines */
	struct buffer bytes; /* of the message at hand */
	struct progress progress;
	size_t done;
	size_t spam, right; /* of those that were judged */
	size_t unreadable, not_judged, not_corrected;
	bool row_is_spam;
	size_t row, longest_row; /* of messages of one class, one after the other */
};

void training_begin(struct training *training, struct teacher *teacher, size_t total, FILE *out);
void training_end(struct training *training);

/* Files that cannot be read are named in the log and counted. Fails when the store does. */
bool training_give(struct training *training, const struct corpus_message *message, struct error *error);
/* The same with its bytes; `message` says where they are from and what they are. */
bool training_teach(struct training *training, const struct corpus_message *message, struct span bytes,
		    struct opinion *opinion, struct error *error);
/* A message that is passed over: only the progress is to know. */
void training_pass(struct training *training);

#endif
