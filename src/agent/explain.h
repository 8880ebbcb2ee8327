/* Why a message was judged as it was, as a table for people. */
#ifndef DSPAM_AGENT_EXPLAIN_H
#define DSPAM_AGENT_EXPLAIN_H

#include "base/buffer.h"
#include "filter/filter.h"

/* Append it, for a judgement whose request wanted it (request.explain). False: the buffer is full. */
bool agent_explain(const struct judgement *judgement, struct buffer *text);

#endif
