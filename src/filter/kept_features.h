/*
 * Signatures of the adaptive classifier: the features of a message, and the lesson that stands from it, whole, so that
 * it can be taken back to the last bit.
 *
 * Content: "adaptive", then bytes: format (2), verdict, class of the lesson (enum training_class), 0; the number of
 * features in each view (4 times 2 bytes; format 1, which is still read: 3 times), the sender's token (8), the
 * identifiers (8 each), in the order of the views; then, if a lesson stands, a byte that says whether it was counted
 * (1), surprises (2) and is what somebody said (4), and for each feature two numbers, weight and gradient. Fixed
 * numbers are little-endian, the last ones 7 bits a byte, the sign in bit 0.
 */
#ifndef DSPAM_FILTER_KEPT_FEATURES_H
#define DSPAM_FILTER_KEPT_FEATURES_H

#include "base/error.h"
#include "classify/adaptive.h"
#include "feature/feature.h"
#include "filter/training.h"

struct kept_features {
	const struct feature_set *set; /* in the order of the views; without texts when it comes from a signature */
	uint64_t sender;               /* appraisal.h; 0: it has no hit by the message */
	enum training_class verdict;   /* what the message counted as when it came; CLASS_NONE: it did not count */
	enum training_class lesson;    /* what stands; CLASS_NONE: nothing */
	bool counted;                  /* the lesson counts in the hits, */
	bool surprises;                /* and among the surprises (adaptive.h) */
	bool said;                     /* it is what somebody said of the message, not its verdict */
	const struct adaptive_change *changes; /* of the lesson, parallel to the features; their hits are `counted` */
};

/* Whether the data of a signature is of this kind. */
bool kept_features_are(struct span data);

/* data NULL: arena full. */
struct span kept_features_encode(struct arena *arena, const struct kept_features *kept);

/* What is kept, in `arena`; ERROR_DATA when the data is damaged. */
bool kept_features_decode(struct arena *arena, struct span data, struct kept_features *kept, struct error *error);

#endif
