/*
 * How good a filter is, from what it said about labelled mail; in the manner of the TREC spam track.
 *
 * A list grows while messages are judged, in their order; the figures are computed at the end. Pure.
 */
#ifndef DSPAM_TOOL_FIGURES_H
#define DSPAM_TOOL_FIGURES_H

#include <stdbool.h>
#include <stddef.h>

struct figures_message {
	double score; /* finite; the higher the spammier */
	bool is_spam;
	bool called_spam;
	bool unsure;        /* said with a reservation; counts as what it was called all the same */
	double probability; /* of being spam, as the filter said; NAN: it said nothing */
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
	size_t unsure;
	double roca; /* 100 * (1 - area under the ROC curve): how often ham scores above spam; ties count half */
	double lam;  /* logistic average of hm and sm; a count of none, or of all, is moved by half a message */
	double hm;   /* ham called spam, of all ham */
	double sm;   /* spam not called spam, of all spam */
	double accuracy;
};

struct figures figures_of(const struct figures_list *list);

static inline bool
figures_is_error(const struct figures_message *message)
{
	return message->is_spam != message->called_spam;
}

/* An array of zeros, also of none, that the caller frees; without memory it aborts. For what is computed from lists. */
void *figures_array(size_t count, size_t size);

/* Numbers of the messages, the highest score first; the caller frees them. */
size_t *figures_ranking(const struct figures_list *list);

/* The area with `times` each message counts (bootstrap.h), or NULL for once each; NAN without spam or ham. */
double figures_roca(const struct figures_list *list, const size_t *ranking, const unsigned *times);

#endif
