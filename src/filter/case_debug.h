/* What Debug tells of a message on its way through the filter; each is silent unless fc->judgement->debug is on. */
#ifndef DSPAM_FILTER_CASE_DEBUG_H
#define DSPAM_FILTER_CASE_DEBUG_H

#include "filter/case.h"

void case_debug_begin(const struct filter_case *fc);
void case_debug_findings(const struct filter_case *fc);
/* Tokens and totals were read, which took `time` microseconds. */
void case_debug_read(const struct filter_case *fc, int64_t time);
/* The verdict: what each algorithm says, and the tokens that decided. */
void case_debug_verdict(const struct filter_case *fc);
/* The same with Algorithm adaptive: the score, and the features that say most. */
void case_debug_features(const struct filter_case *fc);
void case_debug_result(const struct filter_case *fc);

#endif
