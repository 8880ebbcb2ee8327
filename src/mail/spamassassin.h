/*
 * A message as it was before SpamAssassin marked it, so that a filter learns the mail and not the report about it.
 *
 * SpamAssassin either wraps a message, as an attachment behind its report (report_safe 1 and 2), or only adds X-Spam-
 * headers and keeps the old value of those that it changes in X-Spam-Prev- headers. As `spamassassin -d` does, the
 * attachment is taken out, or the headers are restored.
 */
#ifndef DSPAM_MAIL_SPAMASSASSIN_H
#define DSPAM_MAIL_SPAMASSASSIN_H

#include "base/arena.h"

/*
 * The original message: `raw` itself when SpamAssassin has not touched it, a part of it, or a copy in `arena`. Never
 * fails: what looks marked but cannot be understood, or does not fit the arena, stays as it is.
 */
struct span spamassassin_unwrap(struct arena *arena, struct span raw);

#endif
