/*
 * A message, or what was kept of it, held against what its user has taught the adaptive classifier.
 *
 * The counterpart of an analysis (analysis.h): features in place of tokens. One batch is read: the row of each feature,
 * the row that counts the user's lessons, and that of the sender, whose mail is whitelisted after a while. With a
 * site's model (or a merged group) its rows are read as well, and judge with the user's. An advice is added when all
 * is read, since it follows from that; its rows are read with the others, whatever it will be. Lives in the arena of
 * the message.
 */
#ifndef DSPAM_FILTER_APPRAISAL_H
#define DSPAM_FILTER_APPRAISAL_H

#include "classify/adaptive.h"
#include "classify/evidence.h"
#include "filter/advice.h"
#include "store/store.h"

/* The row that every lesson counts in; its weight and gradient are the surprises (adaptive.h), of spam and of innocent
 * mail. No feature has this identifier. */
#define APPRAISAL_LESSONS UINT64_C(0)

/*
 * With advice, the row that counts how much of the user's totals came since features are learned and not tokens; the
 * rest belongs to his tokens. That a feature or a token has this identifier is as rare as that two features have one.
 */
#define APPRAISAL_SINCE UINT64_C(0x73696E6365)

/* What is read besides the features, as places beyond the last of them. */
enum appraisal_place { APPRAISAL_AT_LESSONS, APPRAISAL_AT_SENDER, APPRAISAL_AT_SINCE, APPRAISAL_AT_ADVICE };

struct appraisal {
	struct arena *arena;
	store_uid site;                /* whose model judges with the user's; 0: nobody's */
	const struct feature_set *set; /* with the advice, once there is one, as the last */
	uint64_t sender;               /* the token of the whitelist (tokenize.h); 0: none */
	bool advised;                  /* there may be advice */

	struct totals totals, site_totals;
	struct adaptive_row *rows, *site_rows; /* parallel to the features */
	struct adaptive_lessons lessons, site_lessons;
	struct hits sender_hits;
	struct hits since, site_since;                                       /* of the totals */
	struct adaptive_row advice[ADVICE_KINDS], site_advice[ADVICE_KINDS]; /* all that there could be */
	unsigned advice_kind;                                                /* which there is */
	struct adaptive_score score;                                         /* of both */
	struct adaptive_score site_score;                                    /* alone */

	/* What was read, sorted for the store: entry i is feature place[i]; from place[i] = feature_count on, what enum
	 * appraisal_place says. */
	struct store_row *stored;
	uint32_t *place;
	size_t stored_count, feature_count;
};

/* Read it all; arena, site, set, sender and advised are set, all else is zero. */
bool appraisal_read(struct appraisal *appraisal, struct store *store, store_uid uid, struct error *error);

/* The totals that belong to the tokens of the user, which an advice comes from, and those of the site if `with_site`. 0
 * unless advised. */
struct totals appraisal_classic_totals(const struct appraisal *appraisal, bool with_site);

/* Add an advice to the features. Once at most, and not to features that have one. */
bool appraisal_advise(struct appraisal *appraisal, unsigned kind, struct error *error);

/* Judge; again, after features, rows or lessons were changed. */
void appraisal_judge(struct appraisal *appraisal);

/* How much a feature says for spam; the shares of all add up to score.shown. */
double appraisal_share(const struct appraisal *appraisal, size_t feature);

#endif
