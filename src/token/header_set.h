/*
 * A set of header names, compared without case: the IgnoreHeader lines.
 *
 * Made once when the configuration is read, then only asked, so that hundreds of
 * names cost no more than one look per header line. Owns its memory.
 */
#ifndef DSPAM_TOKEN_HEADER_SET_H
#define DSPAM_TOKEN_HEADER_SET_H

#include "base/span.h"

struct header_set;

struct header_set *header_set_new(void);
void header_set_free(struct header_set *set);
void header_set_add(struct header_set *set, struct span name);
bool header_set_has(const struct header_set *set, struct span name);

#endif
