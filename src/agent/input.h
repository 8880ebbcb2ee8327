/*
 * A message as it comes in: read, and made ready for the filter (dspam-behaviour: messages 1).
 */
#ifndef DSPAM_AGENT_INPUT_H
#define DSPAM_AGENT_INPUT_H

#include "agent/options.h"
#include "base/buffer.h"

/* The largest message that is read. */
#define AGENT_INPUT_MAX ((size_t)200 * 1024 * 1024)

/*
 * Read all of `fd` into `text`, whose limit is at least AGENT_INPUT_MAX. A larger message is a temporary
 * failure; none at all is ERROR_DATA.
 */
bool agent_input_read(int fd, struct buffer *text, struct error *error);

/*
 * Make a message ready, in place: lines without CR (Broken lineStripping); without the line
 * "From QUARANTINE" of our mbox, and then also without all else that the mbox adds (deliver/mbox.h);
 * behind an empty header ": " when there are none (DataSource document).
 */
bool agent_input_prepare(const struct agent_site *site, struct buffer *text, struct error *error);

/*
 * Class and user that the headers name, put into `options`: spam-USER and notspam-USER in To
 * (ParseToHeaders), X-DSPAM-User when a false positive comes back. Headers only: a body cannot
 * choose whom it teaches. A user who is not trusted stays who he is. ERROR_USAGE: there is no user still.
 */
bool agent_input_address(const struct agent_site *site, struct arena *arena, struct span message,
			 struct agent_options *options, struct error *error);

#endif
