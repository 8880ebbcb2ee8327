/*
 * Which result goes where (dspam-behaviour: cli 1, "Which result goes where").
 *
 * In one respect we differ from the original on purpose: mail that was not judged (opted out,
 * too large, nothing to judge by) is always handed on, whatever --deliver says.
 */
#ifndef DSPAM_AGENT_WAY_H
#define DSPAM_AGENT_WAY_H

#include "agent/options.h"
#include "filter/filter.h"

enum agent_way {
	AGENT_NOWHERE,
	AGENT_REFUSED, /* a virus: whoever gave it to us is told that we do not take it */
	AGENT_TO_STDOUT,
	AGENT_TO_RECIPIENT,          /* by DeliveryHost or delivery agent */
	AGENT_TO_QUARANTINE_MAILBOX, /* the same, at the recipient's QuarantineMailbox */
	AGENT_TO_QUARANTINE_COMMAND, /* QuarantineAgent */
	AGENT_TO_QUARANTINE,         /* the mbox in Home */
};

enum agent_way agent_way_of(const struct agent_site *site, const struct agent_options *options,
			    const struct judgement *judgement);

/* For reports: "delivered", "quarantined", ... */
const char *agent_way_name(enum agent_way way);

#endif
