/*
 * The most significant tokens of a message, in order.
 *
 * The order is the original's to the last bit (dspam-behaviour: statistics 3). It is not a total
 * order: a token that comes in is compared by its distance from 0.5 in single precision with the
 * distances of those within in double precision, so that the result depends on the order of arrival.
 * A selection is a plain value and needs no clearing up.
 */
#ifndef DSPAM_CLASSIFY_SELECTION_H
#define DSPAM_CLASSIFY_SELECTION_H

#include "classify/evidence.h"

#define SELECTION_MAXIMUM 27

struct choice {
	double value;
	double distance; /* from 0.5 */
	uint32_t frequency;
	uint32_t token; /* index in the set */
};

struct selection {
	size_t limit;
	size_t count;
	struct choice choices[SELECTION_MAXIMUM]; /* the most significant first */
};

/* Choose from all tokens whose frequency is above 0. `algorithms` decides how many. */
void selection_make(struct selection *selection, const struct evidence *evidence, const double *values,
		    unsigned algorithms);

#endif
