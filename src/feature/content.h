/* Features of the text: words, shapes of lines, addresses of the web. */
#ifndef DSPAM_FEATURE_CONTENT_H
#define DSPAM_FEATURE_CONTENT_H

#include "feature/set.h"
#include "feature/text.h"

void feature_words(struct feature_filler *filler, const struct feature_text *text);
void feature_line_shapes(struct feature_filler *filler, const struct feature_text *text);
/* Once for each of two views. */
void feature_urls(struct feature_filler *filler, const struct feature_text *text);

/* The host of an address of the web, without user and port. */
struct span feature_url_host(struct span url);

#endif
