/*
 * How good a filter is, from what it said about labelled mail; in the manner of the TREC spam track.
 *
 * A hit list grows while messages are judged; the figures are computed at the end. Pure.
 */
#ifndef DSPAM_TOOL_FIGURES_H
#define DSPAM_TOOL_FIGURES_H

#include <stdbool.h>
#include <stddef.h>

struct figures_message {
	double score; /* finite; the higher the spammier */
	bool is_spam;
	bool called_spam;
};

struct figures_list {
	struct figures_message *messages;
	size_t count, capacity;
};

void figures_add(struct figures_list *list, struct figures_message message);
void figures_free(struct figures_list *list);

/* Percent; NAN where it is undefined, such as the share of spam missed when there was no spam. */
struct figures {
	size_t count, spam, ham;
	size_t ham_misclassified, spam_misclassified;
	double roca; /* 100 * (1 - area under the ROC curve): how often ham scores above spam; ties count half */
	double lam;  /* logistic average of hm and sm; a count of none, or of all, is moved by half a message */
	double hm;   /* ham called spam, of all ham */
	double sm;   /* spam not called spam, of all spam */
	double accuracy;
};

/* Sorts the list. */
struct figures figures_of(struct figures_list *list);

#endif
