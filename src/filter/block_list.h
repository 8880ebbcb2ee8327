/*
 * The block list of a user: a file with one domain a line, of senders whom he wants no mail from.
 *
 * Empty lines and those that begin with # say nothing; an @ before the domain is allowed. Domains compare
 * whole and without case: example.org does not mean mail.example.org.
 */
#ifndef DSPAM_FILTER_BLOCK_LIST_H
#define DSPAM_FILTER_BLOCK_LIST_H

#include "base/span.h"

bool block_list_has(struct span list, struct span domain);

#endif
