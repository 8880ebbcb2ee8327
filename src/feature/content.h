/* Features of the text: words, shapes of lines, addresses of the web. */
#ifndef DSPAM_FEATURE_CONTENT_H
#define DSPAM_FEATURE_CONTENT_H

#include "feature/set.h"
#include "feature/text.h"

/* Says the size of the longest in `text`, too. */
void feature_words(struct feature_filler *filler, struct feature_text *text);
void feature_line_shapes(struct feature_filler *filler, const struct feature_text *text);
/* Once for each of two views. */
void feature_urls(struct feature_filler *filler, const struct feature_text *text);

#endif
