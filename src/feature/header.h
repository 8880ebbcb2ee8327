/* Features of the header fields. */
#ifndef DSPAM_FEATURE_HEADER_H
#define DSPAM_FEATURE_HEADER_H

#include "feature/set.h"

enum { FEATURE_HEADERS = 200, FEATURE_VALUE = 4000 };

/* Whether a field is of the sender or of the way to us: not of our own delivery, nor ours. */
bool feature_header_counts(const struct mail_header *header);

/* Bytes that separate the words of a value. */
bool feature_separates(char c);

/* The next word of a value; false at the end. */
bool feature_next_word(struct span *rest, struct span *word);

/* Whether it is four numbers of at most three digits. */
bool feature_is_address(struct span word);

void feature_header_words(struct feature_filler *filler, const struct mail_part *part);
void feature_header_names(struct feature_filler *filler, const struct mail_part *part);
void feature_received_pairs(struct feature_filler *filler, const struct mail_part *part);
/* Subject and From. */
void feature_windows(struct feature_filler *filler, const struct mail_part *part);

#endif
