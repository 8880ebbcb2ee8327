/* What dspamc says of itself. */
#ifndef DSPAM_TOOL_DSPAMC_TEXT_H
#define DSPAM_TOOL_DSPAMC_TEXT_H

extern const char dspamc_help[];

#endif
