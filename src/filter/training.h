/* The words of training: modes, classes and sources (dspam-behaviour: statistics 6). */
#ifndef DSPAM_FILTER_TRAINING_H
#define DSPAM_FILTER_TRAINING_H

#include "base/span.h"

enum training_mode {
	TRAINING_MODE_UNSET,
	TRAINING_TEFT,    /* learn everything */
	TRAINING_TOE,     /* learn only errors, once enough was learned */
	TRAINING_TUM,     /* learn tokens until they are mature */
	TRAINING_NOTRAIN, /* never learn from mail that arrives */
	TRAINING_UNLEARN, /* take a lesson back */
};

enum training_class { CLASS_NONE, CLASS_SPAM, CLASS_INNOCENT };

enum training_source {
	SOURCE_NONE,
	SOURCE_ERROR,       /* the filter was wrong about this message */
	SOURCE_CORPUS,      /* mail kept from earlier times */
	SOURCE_INOCULATION, /* somebody else's spam */
};

/* False when the name is none. training_mode_named compares without case. */
bool training_mode_named(struct span name, enum training_mode *mode);
bool training_source_named(struct span name, enum training_source *source);

#endif
