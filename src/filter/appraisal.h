/*
 * A message, or what was kept of it, held against what its user has taught the adaptive classifier.
 *
 * The counterpart of an analysis (analysis.h): features in place of tokens. One batch is read: the row of each feature,
 * the row that counts the user's lessons, and that of the sender, whose mail is whitelisted after a while. With a
 * site's model (or a merged group) its rows are read as well, and judge with the user's. Lives in the arena of the
 * message.
 */
#ifndef DSPAM_FILTER_APPRAISAL_H
#define DSPAM_FILTER_APPRAISAL_H

#include "classify/adaptive.h"
#include "classify/evidence.h"
#include "feature/feature.h"
#include "store/store.h"

/* The row that every lesson counts in: no feature has this identifier. */
#define APPRAISAL_LESSONS UINT64_C(0)

struct appraisal {
	struct arena *arena;
	store_uid site; /* whose model judges with the user's; 0: nobody's */
	const struct feature_set *set;
	uint64_t sender; /* the token of the whitelist (tokenize.h); 0: none */

	struct totals totals;
	struct adaptive_row *rows, *site_rows; /* parallel to the features */
	struct adaptive_lessons lessons, site_lessons;
	struct hits sender_hits;
	struct adaptive_score score;      /* of both */
	struct adaptive_score site_score; /* alone */

	/* What was read, sorted for the store: entry i is feature place[i]; beyond the last feature, lessons or sender.
	 */
	struct store_row *stored;
	uint32_t *place;
	size_t stored_count;
};

/* Read it all and judge; arena, site, set and sender are set, all else is zero. */
bool appraisal_read(struct appraisal *appraisal, struct store *store, store_uid uid, struct error *error);

/* Judge again, after rows or lessons were changed. */
void appraisal_judge(struct appraisal *appraisal);

/* How much a feature says for spam; the shares of all add up to score.shown. */
double appraisal_share(const struct appraisal *appraisal, size_t feature);

#endif
