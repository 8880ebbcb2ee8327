/* Features of how a message is built: relations of its headers, its way, its parts, and counts. */
#ifndef DSPAM_FEATURE_STRUCTURE_H
#define DSPAM_FEATURE_STRUCTURE_H

#include "feature/set.h"
#include "feature/text.h"

void feature_relations(struct feature_filler *filler, const struct mail_part *part);
void feature_hops(struct feature_filler *filler, const struct mail_part *part);
void feature_mime(struct feature_filler *filler, const struct message *message);
void feature_counts(struct feature_filler *filler, const struct mail_part *part, const struct feature_text *text);

/* The domain of an organisation: the last two labels of a name, or three where the last two are like co.uk. */
struct span feature_organisation(struct span domain);

#endif
