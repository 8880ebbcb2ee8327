/* The charts of an evaluation's page. */
#ifndef DSPAM_TOOL_EVALUATION_CHART_H
#define DSPAM_TOOL_EVALUATION_CHART_H

#include "tool/evaluation.h"

void evaluation_chart_roc(const struct evaluation *evaluation, FILE *out);
void evaluation_chart_learning(const struct evaluation *evaluation, FILE *out);
void evaluation_chart_calibration(const struct evaluation *evaluation, FILE *out);

#endif
