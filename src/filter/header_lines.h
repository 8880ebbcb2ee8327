/* The X-DSPAM header lines of a judged message (dspam-behaviour: messages 2). */
#ifndef DSPAM_FILTER_HEADER_LINES_H
#define DSPAM_FILTER_HEADER_LINES_H

#include "filter/filter.h"

/* All lines, each with LF, in `arena`; data NULL when it is full. */
struct span header_lines(struct arena *arena, const struct settings *settings, const struct request *request,
			 const struct judgement *judgement);

#endif
