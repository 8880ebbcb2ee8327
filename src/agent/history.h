/*
 * The lines about a message in user.log and system.log, which the history page reads (dspam-behaviour: messages 10).
 *
 * Fields are separated by TABs; there are none inside them, nor other control bytes. A line has at most 1023 bytes.
 */
#ifndef DSPAM_AGENT_HISTORY_H
#define DSPAM_AGENT_HISTORY_H

#include <time.h>

#include "agent/agent.h"

struct history {
	time_t time;
	char letter; /* S I W V A O, M F N C, E: below */
	const char *from, *subject, *message_id;
	const char *signature; /* empty: none */
	const char *status;
	const char *user;
	double seconds; /* that it took */
};

/*
 * What happened to the message of `task`; `failure` is why it could not be handed on, or NULL. E: that; otherwise
 * M and F: corrected spam and innocent mail, N: inoculation, C: corpus; otherwise the verdict: S spam,
 * I innocent, W whitelisted, V virus, A in a block list, O in the user's own. False: arena full.
 */
bool history_of(const struct agent_task *task, const char *failure, time_t now, struct arena *arena,
		struct history *history);

/* The line, with LF, and in user.log with the empty line that has always followed. */
bool history_user_line(const struct history *history, struct buffer *line);
bool history_system_line(const struct history *history, struct buffer *line);

#endif
