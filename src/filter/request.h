/*
 * What is wanted for a message: the part of dspam's command line that the filter looks at.
 * Plain values; what they mean is in dspam-behaviour: cli 1 and statistics 6.
 */
#ifndef DSPAM_FILTER_REQUEST_H
#define DSPAM_FILTER_REQUEST_H

#include <stdbool.h>

#include "filter/findings.h"
#include "filter/training.h"

struct request {
	bool classify; /* judge only: nothing is learned, stored or marked */
	bool explain;  /* the factors are wanted */
	enum training_class training_class;
	enum training_source source;
	enum training_mode mode; /* TRAINING_MODE_UNSET: that of the preferences, then of the configuration */
	bool known_only;         /* nobody new is made known: what comes for him is judged, and nothing is learned */
	const char *signature;   /* --signature; NULL: the one in the message */

	const struct scan_findings *findings; /* what scanners and lists say of the message; NULL: nothing */

	/* --feature replaces the Feature lines as a whole */
	bool has_features;
	bool noise, whitelist;
	unsigned sedation; /* 0 to 10 */
};

#endif
