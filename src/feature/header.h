/* Features of the header fields. */
#ifndef DSPAM_FEATURE_HEADER_H
#define DSPAM_FEATURE_HEADER_H

#include "feature/set.h"

enum { FEATURE_HEADERS = 200, FEATURE_VALUE = 4000, FEATURE_ENCODED = 8000 };

/* Whether a field is of the sender or of the way to us: not of our own delivery, nor ours. */
bool feature_header_counts(const struct mail_header *header);

/*
 * The value on one line, in UTF-8; most need no work. Of those that do, to decode words in many character sets, no more
 * than *budget bytes are decoded, which becomes less; beyond it a value is taken as it is.
 */
struct span feature_header_value(struct arena *arena, const struct mail_header *header, size_t *budget);

/* Names of the fields and of their neighbours. */
void feature_header_names(struct feature_filler *filler, const struct mail_part *part);
/* Words of the values, and pairs of those of the way. */
void feature_header_words(struct feature_filler *filler, const struct mail_part *part);
/* Windows of Subject and From (window.c). */
void feature_windows(struct feature_filler *filler, const struct mail_part *part);

#endif
