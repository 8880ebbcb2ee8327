/*
 * Handing a message on to a program: TrustedDeliveryAgent, UntrustedDeliveryAgent, QuarantineAgent.
 *
 * The program is run without a shell. It gets the message on its standard input, our standard
 * output, and a pipe as standard error: its first lines go into the log, the last one into the result. What it has
 * left behind in the background may keep its pipes open; nobody waits for that.
 */
#ifndef DSPAM_DELIVER_AGENT_H
#define DSPAM_DELIVER_AGENT_H

#include "deliver/message.h"

struct deliver_agent {
	/*
	 * Words separated by blanks. A word that is %u or $u (the user), %r (the recipient)
	 * or %s (the sender), also behind a backslash, is replaced; nothing is replaced
	 * inside a longer word. "" is an empty argument.
	 */
	const char *command;
	/* Further arguments, replaced in the same way but not split. */
	const struct span *arguments;
	size_t count;
	struct span user, recipient, sender; /* one that begins with "-" and is used is refused */
	int64_t timeout;                     /* milliseconds for all */
	bool errors_permanent;               /* LMTPLDAErrorsPermanent: every exit status but 0 is for good */
};

/*
 * Exit status 0 is accepted if the program took the whole message; else it is temporary. EX_DATAERR, EX_NOUSER,
 * EX_NOHOST, EX_UNAVAILABLE and EX_NOPERM are permanent, all others temporary, and so are a signal, a timeout (the
 * program is killed) and a program that cannot be run.
 */
bool deliver_agent(const struct deliver_agent *agent, const struct deliver_message *message,
		   struct deliver_result *result);

#endif
