/*
 * The verdict of the original's algorithms (verdict.h) as an advice to the adaptive classifier (adaptive.h): one of a
 * few kinds, by what it says and how sure of it it is. Each kind has a weight before anything is learned about it: as
 * far as such verdicts are right.
 */
#ifndef DSPAM_CLASSIFY_ADVICE_H
#define DSPAM_CLASSIFY_ADVICE_H

#include "classify/verdict.h"

enum { ADVICE_KINDS = 8 };

/* 0 to ADVICE_KINDS - 1. */
unsigned advice_kind(const struct verdict *verdict);

/* What an adaptive_row of that kind starts with. */
int16_t advice_start(unsigned kind);

/* In words, such as "spam, sure"; part of its identifier, so that they stay as they are. */
const char *advice_name(unsigned kind);

#endif
