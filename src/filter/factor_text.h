/* What a factor of a judgement is called, for headers and for people. */
#ifndef DSPAM_FILTER_FACTOR_TEXT_H
#define DSPAM_FILTER_FACTOR_TEXT_H

#include "filter/filter.h"

enum { FACTOR_TEXT_MAX = 112, FACTOR_TEXT_SIZE = FACTOR_TEXT_MAX + 4 };

/*
 * For people, in UTF-8: bytes that are none, characters that control a terminal or are not seen, and % are written as
 * %xx. What is longer than FACTOR_TEXT_MAX bytes is cut, behind a character.
 */
void factor_text(const struct factor *factor, char out[static FACTOR_TEXT_SIZE]);

/* For headers and logs: so is all that is not printable ASCII. */
void factor_text_ascii(const struct factor *factor, char out[static FACTOR_TEXT_SIZE]);

/* The family of a feature: "header word", "url", ...; "token" for a token. */
const char *factor_family(const struct factor *factor);

#endif
