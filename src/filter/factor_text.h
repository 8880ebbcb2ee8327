/* What a factor of a judgement is called, for headers and for people. */
#ifndef DSPAM_FILTER_FACTOR_TEXT_H
#define DSPAM_FILTER_FACTOR_TEXT_H

#include "filter/filter.h"

enum { FACTOR_TEXT_MAX = 112 };

/* Bytes beyond printable ASCII, and %, are written as %xx; what is longer is cut. */
void factor_text(const struct factor *factor, char out[static FACTOR_TEXT_MAX + 4]);

/* The family of a feature: "header word", "url", ...; "token" for a token. */
const char *factor_family(const struct factor *factor);

#endif
