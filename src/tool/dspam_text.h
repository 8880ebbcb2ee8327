/* What dspam and dspamc say about themselves. */
#ifndef DSPAM_TOOL_DSPAM_TEXT_H
#define DSPAM_TOOL_DSPAM_TEXT_H

#include <stdbool.h>

#include "filter/home.h"

/* The answers to --help. */
extern const char dspam_help[], dspamc_help[];

/*
 * The answer of dspam to --version. The web interface of the original looks for "DSPAM Anti-Spam Suite" and
 * for --enable- words in it; only trusted callers are shown the latter,
 * which follow HomeLayout.
 */
void dspam_print_version(bool trusted, enum home_layout layout);

#endif
